// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/frame_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

/// Height that one in twenty points within 30 m lies under: the road, but for what a mirror image puts below it.
double ground_height(const FramePoints& frame) {
  std::vector<float> heights;
  for (const Point& p : frame.points)
    if (std::hypot(static_cast<double>(p.x) - frame.sensor.x, static_cast<double>(p.y) - frame.sensor.y) < 30)
      heights.push_back(p.z);
  if (heights.empty()) return frame.sensor.z;
  const auto nth = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 20);
  std::ranges::nth_element(heights, nth);
  return static_cast<double>(*nth);
}

void append(FramePoints& frame, const PointCloud& cloud, const Pose& local_from_cloud) {
  const Mat3d r = matrix(local_from_cloud.rotation);
  frame.points.reserve(frame.points.size() + cloud.points.size());
  for (const Point& p : cloud.points) {
    const Vec3d at = r * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)} +
                     local_from_cloud.translation;
    frame.points.push_back({static_cast<float>(at.x), static_cast<float>(at.y), static_cast<float>(at.z), p.intensity});
  }
}

}  // namespace

Result<FramePoints> load_frame(const Scene& scene, std::size_t number) {
  if (number >= scene.frames.size())
    return Error{fmt::format("expected a frame from 0 to {}, got {}: scene {}",
                             static_cast<std::int64_t>(scene.frames.size()) - 1, number, scene.name)};
  const Frame& frame = scene.frames[number];
  FramePoints result;
  const Vec3d ego = frame.world_from_ego.translation;
  result.origin = {std::round(ego.x), std::round(ego.y), std::round(ego.z)};
  result.sensor = result.local_from_world() * ego;
  bool first = true;
  for (const std::uint32_t i : frame.sweeps) {
    const SweepRef& sweep = scene.sweeps[i];
    auto cloud = read_points(sweep.file, sweep.kind);
    if (!cloud) return cloud.error();
    append(result, *cloud, result.local_from_world() * world_from_local(sweep, *cloud));
    if (first) result.sensor = result.local_from_world() * sweep.world_from_points.translation;
    first = false;
  }
  result.ground = ground_height(result);
  return result;
}

}  // namespace sweepmark::editor
