// SPDX-License-Identifier: Apache-2.0
#include "data/formats/frame_points.h"

#include "data/missing_files.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark {

Result<std::vector<Point>> points_of_frame(const Scene& scene, const Frame& frame, const Pose& ego_from_target) {
  std::vector<Point> points;
  const Pose target_from_world = inverse(frame.world_from_ego * ego_from_target);
  for (const std::uint32_t index : frame.sweeps) {
    const SweepRef& sweep = scene.sweeps[index];
    if (scene.sensors[sweep.sensor].kind != SensorKind::lidar || !is_there(sweep)) continue;
    const auto cloud = read_points(sweep);
    if (!cloud) return cloud.error();
    const Pose target_from_points = target_from_world * world_from_local(sweep, *cloud);
    points.reserve(points.size() + cloud->points.size());
    for (const Point& p : cloud->points) {
      const Vec3d at =
          target_from_points * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
      points.push_back({static_cast<float>(at.x), static_cast<float>(at.y), static_cast<float>(at.z), p.intensity});
    }
  }
  return points;
}

}  // namespace sweepmark
