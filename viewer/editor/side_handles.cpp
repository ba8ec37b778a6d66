// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/side_handles.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

constexpr double grab_px = 7, knob_distance_px = 20, knob_px = 9;

Vec3d face_center(const Cuboid& c, Face face) {
  return c.center + (face.sign * size_along(c, face.axis) / 2) * axis_of(c, face.axis);
}

}  // namespace

SideAxes axes_of(Side side) {
  switch (side) {
    case Side::top:  // heading up: its left is on the left
      return {{1, -1}, {0, 1}};
    case Side::right:  // heading to the right
      return {{0, 1}, {2, 1}};
    default:  // from behind: its left is on the left
      return {{1, -1}, {2, 1}};
  }
}

std::array<ViewTransform, 3> zoomed_side_views(const Cuboid& cuboid, int width, int height, double zoom) {
  auto views = side_views(cuboid, width, height);
  for (ViewTransform& view : views) {
    view.scale_x *= zoom;
    view.scale_y *= zoom;
  }
  return views;
}

double SideView::metres_per_pixel() const { return 2 / (transform.scale_x * width); }

SideOutline SideView::outline(const Cuboid& cuboid) const {
  const SideAxes axes = axes_of(side);
  const auto at = [&](Vec3d p) {
    // An orthographic view shows points before its near plane nowhere; the handles are there all the same.
    const Vec3d from_eye = p - transform.eye;
    return Vec2d{(1 + transform.scale_x * dot(transform.right, from_eye)) * 0.5 * width,
                 (1 - transform.scale_y * dot(transform.up, from_eye)) * 0.5 * height};
  };
  SideOutline outline;
  outline.right = at(face_center(cuboid, axes.right)).x;
  outline.left = at(face_center(cuboid, {axes.right.axis, -axes.right.sign})).x;
  outline.top = at(face_center(cuboid, axes.up)).y;
  outline.bottom = at(face_center(cuboid, {axes.up.axis, -axes.up.sign})).y;
  const Vec2d middle = at(cuboid.center), top = at(face_center(cuboid, axes.up));
  const double length = std::max(std::hypot(top.x - middle.x, top.y - middle.y), 1e-6);
  outline.knob_x = top.x + (top.x - middle.x) / length * knob_distance_px;
  outline.knob_y = top.y + (top.y - middle.y) / length * knob_distance_px;
  return outline;
}

std::optional<Handle> SideView::handle_at(const Cuboid& cuboid, double x, double y) const {
  const SideOutline o = outline(cuboid);
  const SideAxes axes = axes_of(side);
  if (std::hypot(x - o.knob_x, y - o.knob_y) <= knob_px) return Handle{Handle::Kind::turn, {}, {}};
  if (x < o.left - grab_px || x > o.right + grab_px || y < o.top - grab_px || y > o.bottom + grab_px)
    return std::nullopt;
  // Of a thin cuboid both edges are near: the nearer one is meant.
  const bool at_left = std::abs(x - o.left) <= std::abs(x - o.right),
             at_top = std::abs(y - o.top) <= std::abs(y - o.bottom);
  const bool near_x = std::abs(x - (at_left ? o.left : o.right)) <= grab_px;
  const bool near_y = std::abs(y - (at_top ? o.top : o.bottom)) <= grab_px;
  const Face across{axes.right.axis, at_left ? -axes.right.sign : axes.right.sign};
  const Face upright{axes.up.axis, at_top ? axes.up.sign : -axes.up.sign};
  if (near_x && near_y) return Handle{Handle::Kind::corner, across, upright};
  if (near_x) return Handle{Handle::Kind::edge, across, {}};
  if (near_y) return Handle{Handle::Kind::edge, upright, {}};
  return Handle{Handle::Kind::inside, {}, {}};
}

Cuboid SideView::drag(const Cuboid& before, const Handle& handle, double from_x, double from_y, double to_x,
                      double to_y, bool keep_size) const {
  const double per_pixel = metres_per_pixel();
  const double right_m = (to_x - from_x) * per_pixel, up_m = (from_y - to_y) * per_pixel;
  const Vec3d moved = right_m * transform.right + up_m * transform.up;
  if (handle.kind == Handle::Kind::inside) return {before.center + moved, before.size, before.rotation};
  if (handle.kind == Handle::Kind::turn) {
    const Vec3d from_eye = before.center - transform.eye;
    const double cx = (1 + transform.scale_x * dot(transform.right, from_eye)) * 0.5 * width;
    const double cy = (1 - transform.scale_y * dot(transform.up, from_eye)) * 0.5 * height;
    const double angle = std::atan2(cy - to_y, to_x - cx) - std::atan2(cy - from_y, from_x - cx);
    // Counter-clockwise on the screen is about the axis that points at the viewer. The top view keeps a cuboid upright.
    return side == Side::top ? turn(before, angle) : turn_about(before, -1.0 * transform.forward, angle);
  }
  const auto pull = [&](const Cuboid& c, Face face) {
    const double outwards = dot(moved, static_cast<double>(face.sign) * axis_of(before, face.axis));
    if (!keep_size) return move_face(c, face, outwards);
    return Cuboid{c.center + (outwards * face.sign) * axis_of(before, face.axis), c.size, c.rotation};
  };
  const Cuboid once = pull(before, handle.first);
  return handle.kind == Handle::Kind::corner ? pull(once, handle.second) : once;
}

}  // namespace sweepmark::editor
