// SPDX-License-Identifier: Apache-2.0
#include "geometry/ellipse.h"

#include <cmath>
#include <numbers>

namespace sweepmark {

Ring ellipse_ring(Vec2d center, double radius_x, double radius_y, double rotation) {
  constexpr int in_a_quarter = 16;
  const double turn_cos = std::cos(rotation), turn_sin = std::sin(rotation);
  Ring ring;
  for (int i = 0; i < 4 * in_a_quarter; ++i) {
    // Quarters are turned exactly, so that the four outmost corners have no error of a sine.
    const double angle = (i % in_a_quarter) * std::numbers::pi / 2 / in_a_quarter;
    Vec2d unit{std::cos(angle), std::sin(angle)};
    for (int quarter = 0; quarter < i / in_a_quarter; ++quarter) unit = {-unit.y, unit.x};
    const Vec2d at{radius_x * unit.x, radius_y * unit.y};
    ring.vertices.push_back(
        {center.x + at.x * turn_cos - at.y * turn_sin, center.y + at.x * turn_sin + at.y * turn_cos});
  }
  return ring;
}

}  // namespace sweepmark
