// SPDX-License-Identifier: Apache-2.0
//
// New cuboids by mouse: a rectangle dragged in any view, one click on an object, or three clicks. Everything in the
// local frame of the points, metres.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "geometry/cuboid_fit.h"
#include "viewer/editor/view_camera.h"

namespace sweepmark::editor {

/// Length, width, height that objects of a class usually have.
Vec3d usual_size(std::string_view class_name);

struct Rectangle {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< pixels, corners in any order
};

/// The points that a rectangle of a view shows, in front or behind others. Ascending.
std::vector<std::uint32_t> points_in_rectangle(std::span<const Point> points, const ViewTransform& view, int width,
                                               int height, const Rectangle& rectangle);

struct NewCuboid {
  Vec3d usual;                         ///< of the class
  Vec3d sensor;                        ///< what it cannot see is completed to the usual size
  std::optional<double> heading_hint;  ///< radians; which of the four directions is the front
  bool heading_is_known = false;       ///< the hint is more than a guess
  bool fit = true;                     ///< to the points; else the rectangle's own extent, seen from above
};

/// The object in a rectangle: ground removed, the nearest cluster of those points, fitted with heading and height.
/// Seen from above, the rectangle also bounds what is completed, and a long one says which way the object lies.
/// With `fit` off, or where no points are, and seen from above: the rectangle itself, heading along its longer side as
/// far as the hint says, standing on the ground.
/// \return nothing where neither can be
std::optional<Cuboid> cuboid_from_rectangle(std::span<const Point> points, const GroundGrid& ground,
                                            const ViewTransform& view, int width, int height,
                                            const Rectangle& rectangle, const NewCuboid& options);

/// The object that a clicked point belongs to. \return nothing on the ground or where the cluster has under 3 points
std::optional<Cuboid> cuboid_from_click(std::span<const Point> points, const GroundGrid& ground, std::uint32_t seed,
                                        const NewCuboid& options);

/// From clicks on the rear corner, the front corner of the same side, and anywhere on the other side. Height: that of
/// the points above the ground inside, or the usual one.
std::optional<Cuboid> cuboid_from_three_clicks(std::span<const Point> points, const GroundGrid& ground,
                                               const std::array<Vec3d, 3>& clicks, const NewCuboid& options);

/// Turns and shifts nothing: shrinks around the points inside that are above the ground, and stands it on the ground.
/// \return nothing when no point is inside
std::optional<Cuboid> fit_to_points(const Cuboid& cuboid, std::span<const Vec3d> inside, const GroundGrid& ground);

/// How far beside a cuboid `move_to_points` looks for the points of its object.
constexpr double move_reach_m = 0.4;

/// Moves to the points in and beside it and stands on the ground; size and heading stay. The sides that face the
/// sensor, which it measures, go to the outermost points; the others follow. \return nothing when no point is there
std::optional<Cuboid> move_to_points(const Cuboid& cuboid, std::span<const Vec3d> points, Vec3d sensor,
                                     const GroundGrid& ground);

}  // namespace sweepmark::editor
