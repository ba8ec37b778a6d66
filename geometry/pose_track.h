// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "kernels/math/types.h"

namespace sweepmark {

struct TimedPose {
  TimestampNs timestamp = 0;
  Pose world_from_ego;
  friend bool operator==(const TimedPose&, const TimedPose&) = default;
};

/// The pose at a time between two known ones: linear position, shortest-arc slerp; a known pose comes back bit for bit.
/// \param poses  ascending in time
/// \return nothing before the first and after the last. Cost: O(log poses).
std::optional<Pose> pose_at(std::span<const TimedPose> poses, TimestampNs timestamp);

}  // namespace sweepmark
