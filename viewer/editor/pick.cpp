// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/pick.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {

std::optional<double> enters(const Ray& ray, const Cuboid& cuboid) {
  const Mat3d own = transposed(matrix(cuboid.rotation));
  const Vec3d o = own * (ray.origin - cuboid.center), d = own * ray.direction, half = 0.5 * cuboid.size;
  double from = 0, to = 1e300;
  const double origin[] = {o.x, o.y, o.z}, direction[] = {d.x, d.y, d.z}, reach[] = {half.x, half.y, half.z};
  for (int axis = 0; axis < 3; ++axis) {
    if (std::abs(direction[axis]) < 1e-12) {
      if (std::abs(origin[axis]) > reach[axis]) return std::nullopt;
      continue;
    }
    const double a = (-reach[axis] - origin[axis]) / direction[axis],
                 b = (reach[axis] - origin[axis]) / direction[axis];
    from = std::max(from, std::min(a, b));
    to = std::min(to, std::max(a, b));
  }
  if (from > to) return std::nullopt;
  return from;
}

std::optional<std::size_t> pick_object(std::span<const ShownCuboid> objects, const Ray& ray,
                                       const std::optional<Vec3d>& point) {
  std::optional<std::size_t> best;
  double least = 1e300;
  if (point) {
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const Cuboid& c = objects[i].cuboid;
      const Vec3d p = transposed(matrix(c.rotation)) * (*point - c.center);
      const double volume = c.size.x * c.size.y * c.size.z;
      if (std::abs(p.x) > c.size.x / 2 || std::abs(p.y) > c.size.y / 2 || std::abs(p.z) > c.size.z / 2 ||
          volume >= least)
        continue;
      least = volume;
      best = i;
    }
    if (best) return best;
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto distance = enters(ray, objects[i].cuboid);
    if (!distance || *distance >= least) continue;
    least = *distance;
    best = i;
  }
  return best;
}

}  // namespace sweepmark::editor
