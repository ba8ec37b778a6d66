// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/cuboid_edit.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

Vec3d unit(int axis) { return {axis == 0 ? 1.0 : 0.0, axis == 1 ? 1.0 : 0.0, axis == 2 ? 1.0 : 0.0}; }

double& side(Vec3d& size, int axis) { return axis == 0 ? size.x : axis == 1 ? size.y : size.z; }

}  // namespace

Vec3d axis_of(const Cuboid& cuboid, int axis) { return rotate(cuboid.rotation, unit(axis)); }

double size_along(const Cuboid& cuboid, int axis) {
  Vec3d size = cuboid.size;
  return side(size, axis);
}

Cuboid move_face(const Cuboid& cuboid, Face face, double outwards_m) {
  const double old = size_along(cuboid, face.axis);
  const double now = std::max(old + outwards_m, std::min(old, smallest_side_m));
  Cuboid moved = cuboid;
  side(moved.size, face.axis) = now;
  moved.center = cuboid.center + (face.sign * (now - old) / 2) * axis_of(cuboid, face.axis);
  return moved;
}

Cuboid move_along(const Cuboid& cuboid, Vec3d by) {
  return {cuboid.center + rotate(cuboid.rotation, by), cuboid.size, cuboid.rotation};
}

Cuboid turn(const Cuboid& cuboid, double angle) { return turn_about(cuboid, {0, 0, 1}, angle); }

Cuboid turn_about(const Cuboid& cuboid, Vec3d axis, double angle) {
  const double s = std::sin(angle / 2);
  const Quat by{std::cos(angle / 2), s * axis.x, s * axis.y, s * axis.z};
  return {cuboid.center, cuboid.size, normalized(by * cuboid.rotation)};
}

Cuboid flip_heading(const Cuboid& cuboid) {
  // Half a turn about its own z axis: multiplying by (0, 0, 0, 1) keeps every bit of the numbers.
  const Quat q = cuboid.rotation;
  return {cuboid.center, cuboid.size, {-q.z, q.y, -q.x, q.w}};
}

Cuboid resize_on_ground(const Cuboid& cuboid, Vec3d size) {
  return {cuboid.center + ((size.z - cuboid.size.z) / 2) * axis_of(cuboid, 2), size, cuboid.rotation};
}

std::optional<Cuboid> snap_face(const Cuboid& cuboid, Face face, std::span<const Vec3d> points) {
  const Mat3d own_from_frame = transposed(matrix(cuboid.rotation));
  const Vec3d half = 0.5 * cuboid.size;
  std::optional<double> outermost;
  for (const Vec3d& point : points) {
    Vec3d p = own_from_frame * (point - cuboid.center);
    if (std::abs(p.x) > half.x || std::abs(p.y) > half.y || std::abs(p.z) > half.z) continue;
    const double along = face.sign * side(p, face.axis);
    if (!outermost || along > *outermost) outermost = along;
  }
  if (!outermost) return std::nullopt;
  return move_face(cuboid, face, *outermost - size_along(cuboid, face.axis) / 2);
}

double step_along(const Cuboid& cuboid, int axis) { return std::max(0.02, 0.01 * size_along(cuboid, axis)); }

}  // namespace sweepmark::editor
