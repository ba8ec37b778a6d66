// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/interpolate.h"
#include "kernels/result.h"
#include "tracking/image_track.h"
#include "tracking/track.h"

namespace sweepmark {

/// How far the interpolated cuboid may be from the label that it replaces. All three hold.
struct ThinTolerance {
  double min_iou = 0.9;           ///< 3D IoU with the label, in (0, 1]
  double max_center_error_m = 0;  ///< 0: any
  double max_yaw_error_rad = 0;   ///< 0: any
};

/// Positions of few keyframes of a dense track from which all its other labels follow within the tolerance: always the
/// first and the last, and from each the farthest that still serves (greedy; not proved the fewest), by linear
/// interpolation. Ascending. Errors: those of `PreparedTracks::make`; a tolerance out of range. Cost: O(labels *
/// keyframes) interpolated labels in practice, about a microsecond each.
Result<std::vector<std::size_t>> thin_positions(const Track& track, const ThinTolerance& tolerance,
                                                const InterpolateOptions& options = {});

/// The fewest evenly spaced keyframes that reach the tolerance, first and last included: what a person sets who keeps
/// to a fixed step. For comparison.
Result<std::vector<std::size_t>> evenly_spaced_positions(const Track& track, const ThinTolerance& tolerance,
                                                         const InterpolateOptions& options = {});

/// The track with keyframes only at `thin_positions`, linear between them (its attribute says so), and an absence span
/// wherever `frames` between its first and its last label have no label, so that it is present in exactly the same
/// frames. \param frames  ascending
Result<Track> thin(const Track& track, std::span<const TimestampNs> frames, const ThinTolerance& tolerance,
                   const InterpolateOptions& options = {});

/// The same for a track in a camera's images: `min_iou` is that of `overlap` (geometry/image_overlap.h), the other
/// limits are for cuboids. \param images  times of the camera's images, ascending
/// Errors: `min_iou` out of range. Cost: O(labels * keyframes) interpolated labels in practice.
Result<ImageTrack> thin(const ImageTrack& track, std::span<const TimestampNs> images, const ThinTolerance& tolerance);
Result<std::vector<std::size_t>> thin_positions(const ImageTrack& track, const ThinTolerance& tolerance);
Result<std::vector<std::size_t>> evenly_spaced_positions(const ImageTrack& track, const ThinTolerance& tolerance);

}  // namespace sweepmark
