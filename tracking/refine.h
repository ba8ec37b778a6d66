// SPDX-License-Identifier: Apache-2.0
//
// Cuboids between keyframes, moved to where the points are.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "geometry/object_shape.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// Gives the points (frame world) of the sweeps at a time that lie within a region, some around it or all of them too;
/// none where there is no sweep. Called in no particular order of times.
using PointsNear = std::function<std::vector<Vec3d>(TimestampNs, const Cuboid& region)>;

struct RefinedFrame {
  TimestampNs timestamp = 0;
  Cuboid cuboid;          ///< frame world; of a keyframe: as a person set it, bit for bit
  double confidence = 0;  ///< in [0, 1]; 1 at keyframes; what interpolation expects of itself where points say nothing
  bool by_points = false;
};

struct RefineOptions {
  double min_confidence = 0.5;  ///< below it the points are not followed
};

/// \return false for keyframes that a program set: their provenance is one of tracking/provenance.h beside `keyframe`
bool is_set_by_person(const Keyframe& keyframe);

/// The track without the keyframes that a program set; the first and last stay in any case.
Track only_set_by_person(const Track& track);

/// Refines the cuboids of all frames between the track's keyframes against points.
///
/// The shape of the object is gathered at its keyframes (and then where it fits well), its size is that of the
/// interpolation. Each frame starts from interpolation, moved as the frame beside it was. What the sweeps say is then
/// smoothed over the track together with its motion: acceleration is bounded, keyframes hold.
/// \param track   at least one keyframe; those that a program set count as well as a person's (see
/// `only_set_by_person`) \param frames  ascending; those outside the track's life and in absences are left out of the
/// result Errors: those of `prepare`. Cost: about 3 ms a frame, apart from `points`. Deterministic.
Result<std::vector<RefinedFrame>> refine(const Track& track, std::span<const TimestampNs> frames,
                                         const PointsNear& points, const RefineOptions& options = {});

}  // namespace sweepmark
