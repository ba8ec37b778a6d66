// SPDX-License-Identifier: Apache-2.0
//
// One cuboid changed by hand. Pure functions; frames: whatever frame the cuboid is in, z up.
#pragma once

#include <optional>
#include <span>

#include "kernels/math/types.h"

namespace sweepmark::editor {

constexpr double smallest_side_m = 0.05;

/// A face of a cuboid: axis 0 is its length (x, heading at +1), 1 its width, 2 its height.
struct Face {
  int axis = 0;
  int sign = 1;
  friend bool operator==(const Face&, const Face&) = default;
};

/// The axis of a cuboid in the frame that holds it, of unit length.
Vec3d axis_of(const Cuboid& cuboid, int axis);
double size_along(const Cuboid& cuboid, int axis);

/// The face goes outwards (above 0) or inwards; the opposite one stays. Never thinner than `smallest_side_m`.
Cuboid move_face(const Cuboid& cuboid, Face face, double outwards_m);
/// Along its own axes.
Cuboid move_along(const Cuboid& cuboid, Vec3d by_m);
/// About the vertical through its centre, counter-clockwise from above.
Cuboid turn(const Cuboid& cuboid, double angle);
/// About an axis (unit length, the frame that holds the cuboid) through its centre.
Cuboid turn_about(const Cuboid& cuboid, Vec3d axis, double angle);
/// The other end becomes the front; the box itself stays where it is.
Cuboid flip_heading(const Cuboid& cuboid);
/// Another size around the middle of the bottom face.
Cuboid resize_on_ground(const Cuboid& cuboid, Vec3d size);

/// The face moves inwards to the outermost point inside. \return nothing when there is no point inside
std::optional<Cuboid> snap_face(const Cuboid& cuboid, Face face, std::span<const Vec3d> points);

/// One step of a key: a hundredth of the side, at least 2 cm; half a degree.
double step_along(const Cuboid& cuboid, int axis);
constexpr double turn_step = 0.5 * 3.14159265358979323846 / 180;

}  // namespace sweepmark::editor
