// SPDX-License-Identifier: Apache-2.0
#include "geometry/polygon.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sweepmark {

double signed_area(const Ring& ring) {
  double twice = 0;
  const auto& v = ring.vertices;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const Vec2d p = v[i], q = v[i + 1 == v.size() ? 0 : i + 1];
    twice += p.x * q.y - p.y * q.x;
  }
  return twice / 2;
}

double area(const Polygon& polygon) {
  double sum = 0;
  for (const Ring& ring : polygon.rings) {
    if (ring.kind == RingKind::line) continue;
    sum += (ring.kind == RingKind::hole ? -1 : 1) * std::abs(signed_area(ring));
  }
  return sum;
}

ImageBox bounds(const Polygon& polygon) {
  constexpr double far = std::numeric_limits<double>::infinity();
  ImageBox box{far, far, -far, -far, 0};
  for (const Ring& ring : polygon.rings) {
    for (const Vec2d& p : ring.vertices) {
      box.left = std::min(box.left, p.x);
      box.top = std::min(box.top, p.y);
      box.right = std::max(box.right, p.x);
      box.bottom = std::max(box.bottom, p.y);
    }
  }
  return box.left <= box.right ? box : ImageBox{};
}

}  // namespace sweepmark
