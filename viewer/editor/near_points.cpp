// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/near_points.h"

#include "kernels/math/rigid.h"

namespace sweepmark::editor {

std::vector<std::uint32_t> points_near(LoadedFrame& frame, const Cuboid& cuboid, double margin_m, OwnLidar lidar) {
  Cuboid grown = cuboid;
  grown.size = cuboid.size + Vec3d{2 * margin_m, 2 * margin_m, 2 * margin_m};
  auto found = frame.index().find(grown);
  // Refused are cuboids without extent or with numbers that are not finite: nothing is near those.
  if (!found) return {};
  std::erase_if(*found, [&](std::uint32_t point) { return !frame.points().lidars.has(point, lidar); });
  return *std::move(found);
}

std::vector<Vec3d> places_near(LoadedFrame& frame, const Cuboid& cuboid, double margin_m, OwnLidar lidar) {
  std::vector<Vec3d> places;
  for (const std::uint32_t i : points_near(frame, cuboid, margin_m, lidar)) {
    const Point& p = frame.points().points[i];
    places.push_back({p.x, p.y, p.z});
  }
  return places;
}

}  // namespace sweepmark::editor
