// SPDX-License-Identifier: Apache-2.0
//
// Cuboids between keyframes, moved to where the points are.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "geometry/object_shape.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// Gives the points (frame world) of the sweeps at a time that lie within a region, some around it or all of them too;
/// none where there is no sweep. Called in no particular order of times.
using PointsNear = std::function<std::vector<Vec3d>(TimestampNs, const Cuboid& region)>;

/// The cuboid with the margin around it in which its object's points are looked for.
Cuboid surroundings(const Cuboid& cuboid);

struct RefinedFrame {
  TimestampNs timestamp = 0;
  Cuboid cuboid;          ///< frame world; of a keyframe: as a person set it, bit for bit
  double confidence = 0;  ///< the IoU to expect, from how far the points and the motion leave it open; 1 at keyframes
  bool by_points = false;
};

struct RefineOptions {
  double min_confidence = 0.5;  ///< share of a sweep's points that lie on the shape: below it they are not followed
};

/// Puts a program's keyframes for those frames into the track, in place of any that a program set there before; a
/// person's stay. They say where they come from (tracking/provenance.h) and how sure they are.
void set_computed(Track& track, std::span<const RefinedFrame> frames, std::string_view provenance);

/// Refines the cuboids of all frames between the track's keyframes against points.
///
/// The shape of the object is gathered at its keyframes (and then where it fits well), its size is that of the
/// interpolation. Each frame starts from interpolation, moved as the frame beside it was. How far registration can be
/// trusted is learnt at keyframes, whose place is known. What the sweeps say and how the object accelerates (as the
/// keyframes and then the sweeps show) give the most likely place of each frame; keyframes hold.
/// \param track   at least one keyframe; those that a program set count as well as a person's (see
/// `only_set_by_person`) \param frames  ascending; those outside the track's life and in absences are left out of the
/// result Errors: those of `prepare`. Cost: about 4 ms a frame, apart from `points`. Deterministic.
Result<std::vector<RefinedFrame>> refine(const Track& track, std::span<const TimestampNs> frames,
                                         const PointsNear& points, const RefineOptions& options = {});

/// The keyframes that a person set, and one for each frame in which points were followed: what is shown and stored
/// after refinement. What a program set before goes. Errors, cost: those of `refine`.
Result<Track> refined_track(const Track& track, std::span<const TimestampNs> frames, const PointsNear& points,
                            const RefineOptions& options = {});

}  // namespace sweepmark
