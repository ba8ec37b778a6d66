// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "tracking/image_track.h"

namespace sweepmark {

/// What an image track says at one time.
struct ImageState {
  bool is_keyframe = false;  ///< set as it is; else computed
  ImageValue value;
};

/// The engine behind viewer, batch and export: what a track says at each of `times`, nothing where the object is
/// absent. The same rules as in 3D: by timestamp; nothing before the first keyframe or after the last; nothing inside
/// an absence span; at a keyframe's own time the keyframe, bit for bit, inside an absence span too. Boxes, polygons,
/// masks and skeletons each lie between the two keyframes around (geometry/interpolate_image.h); a kind that only one
/// of them has is not there in between. Masks of two image sizes have nothing between them. \param times  ascending:
/// what two keyframes need is prepared once for all times between them \pre keyframes ascend
std::vector<std::optional<ImageState>> evaluate(const ImageTrack& track, std::span<const TimestampNs> times);

std::optional<ImageState> evaluate(const ImageTrack& track, TimestampNs time);

}  // namespace sweepmark
