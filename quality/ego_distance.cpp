// SPDX-License-Identifier: Apache-2.0
#include "quality/ego_distance.h"

#include <algorithm>

#include "geometry/pose_track.h"

namespace sweepmark {

std::optional<Pose> ego_at(const Scene& scene, TimestampNs time) {
  const auto frame = std::ranges::lower_bound(scene.frames, time, {}, &Frame::timestamp);
  if (frame != scene.frames.end() && frame->timestamp == time) return frame->world_from_ego;
  return pose_at(scene.ego_poses, time);
}

std::string distance_band(double distance_m) {
  if (distance_m < 20) return "0-20 m";
  if (distance_m < 40) return "20-40 m";
  if (distance_m < 60) return "40-60 m";
  return "60+ m";
}

}  // namespace sweepmark
