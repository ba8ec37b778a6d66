// SPDX-License-Identifier: Apache-2.0
//
// An object of one camera carried on from a keyframe through the camera's images.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/result.h"
#include "tracking/flow/propagate_image.h"
#include "tracking/image_track.h"
#include "tracking/propagate.h"

namespace sweepmark {

/// Grey values row by row, 0 to 255.
struct GrayPicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};
/// Gives the image of the camera at one of the times. Errors: it cannot be read.
using GrayPictureAt = std::function<Result<GrayPicture>(TimestampNs)>;

struct ImageFollowing {
  /// In the order of walking, each with `provenance::propagated` and its confidence; the start is not in.
  std::vector<ImageKeyframe> keyframes;
  std::string reason;  ///< why it ended: "no more images", "the next keyframe", "left the image", ...
};

/// Follows an object by optical flow (tracking/flow/propagate_image.h) from one of its keyframes while confidence
/// lasts: to the next keyframe that a person set, the last image, or one that cannot be read or has another size.
/// \param times  of the camera's images, ascending
/// Errors: no keyframe at `from`; the image there cannot be read. Cost: that of a step of ImagePropagator for each
/// image. Deterministic.
Result<ImageFollowing> follow_image_track(const ImageTrack& track, TimestampNs from, Direction direction,
                                          std::span<const TimestampNs> times, const GrayPictureAt& picture,
                                          const ImagePropagateOptions& options = {});

/// Puts a program's keyframes into the track, in place of any that a program set at those times; a person's stay.
void set_computed(ImageTrack& track, std::span<const ImageKeyframe> keyframes);

}  // namespace sweepmark
