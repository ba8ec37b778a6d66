// SPDX-License-Identifier: Apache-2.0
#include "geometry/pose_track.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

Quat slerp(Quat a, Quat b, double alpha) {
  double cosine = dot(a, b);
  if (cosine < 0) {
    b = {-b.w, -b.x, -b.y, -b.z};
    cosine = -cosine;
  }
  double weight_a = 1 - alpha, weight_b = alpha;
  if (cosine < 1 - 1e-12) {  // nearer than that, the straight line is exact to rounding
    const double angle = std::acos(cosine);
    weight_a = std::sin((1 - alpha) * angle) / std::sin(angle);
    weight_b = std::sin(alpha * angle) / std::sin(angle);
  }
  return normalized({weight_a * a.w + weight_b * b.w, weight_a * a.x + weight_b * b.x, weight_a * a.y + weight_b * b.y,
                     weight_a * a.z + weight_b * b.z});
}

}  // namespace

std::optional<Pose> pose_at(std::span<const TimedPose> poses, TimestampNs timestamp) {
  const auto after = std::ranges::lower_bound(poses, timestamp, {}, &TimedPose::timestamp);
  if (after == poses.end()) return std::nullopt;
  if (after->timestamp == timestamp) return after->world_from_ego;
  if (after == poses.begin()) return std::nullopt;
  const TimedPose& before = *(after - 1);
  const double alpha =
      static_cast<double>(timestamp - before.timestamp) / static_cast<double>(after->timestamp - before.timestamp);
  const Pose &p = before.world_from_ego, &q = after->world_from_ego;
  return Pose{slerp(p.rotation, q.rotation, alpha), p.translation + alpha * (q.translation - p.translation)};
}

}  // namespace sweepmark
