// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include "geometry/vec2.h"

namespace sweepmark {

/// From the place of the segment a to b that is nearest to a point, to the point.
inline Vec2d offset_from_segment(Vec2d point, Vec2d a, Vec2d b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double px = point.x - a.x, py = point.y - a.y;
  const double t = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0;
  return {px - t * dx, py - t * dy};
}

inline double distance_to_segment(Vec2d point, Vec2d a, Vec2d b) {
  const Vec2d offset = offset_from_segment(point, a, b);
  return std::hypot(offset.x, offset.y);
}

}  // namespace sweepmark
