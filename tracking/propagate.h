// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/result.h"
#include "tracking/refine.h"
#include "tracking/track.h"

namespace sweepmark {

enum class Direction : std::uint8_t { forwards, backwards };

enum class StopReason : std::uint8_t {
  end_of_frames,   ///< there are no more
  next_keyframe,   ///< a person set the next one
  no_points,       ///< nothing is seen where the object should be: occluded, or out of range
  low_confidence,  ///< what is seen there does not look like it
  jump,            ///< only an impossible acceleration would explain what is seen
};
std::string_view stop_reason_name(StopReason reason);  ///< "no more sweeps", "no points", ...

struct PropagateOptions {
  double min_confidence = 0.55;
  double patience_s = 0.4;  ///< how long it goes on unseen at the last speed before it gives up
  double most_acceleration_m_s2 = 8;
};

struct Propagation {
  std::vector<RefinedFrame>
      frames;  ///< in the order of walking; the start and frames after the last sure one are not in
  StopReason reason = StopReason::end_of_frames;
  TimestampNs stopped_at = 0;  ///< the first frame that was not reached, or the last one of all
};

/// Follows an object from one keyframe through the sweeps while confidence lasts: each frame starts where the speed so
/// far takes it and is registered to the shape gathered at the start and since. The first speed is that of the track's
/// other keyframes nearby, else it is searched for along the heading.
/// \param from    time of one of the track's keyframes. \param frames  ascending
/// Errors: no keyframe at that time. Cost: about 3 ms a frame, apart from `points`. Deterministic.
Result<Propagation> propagate(const Track& track, TimestampNs from, Direction direction,
                              std::span<const TimestampNs> frames, const PointsNear& points,
                              const PropagateOptions& options = {});

}  // namespace sweepmark
