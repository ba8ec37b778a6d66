// SPDX-License-Identifier: Apache-2.0
#include "geometry/convex_hull.h"

#include <algorithm>
#include <cstddef>

namespace sweepmark {
namespace {

/// More than 0 when o, a, b turn left.
double turn(Vec2d o, Vec2d a, Vec2d b) { return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x); }

}  // namespace

// Source: Andrew's monotone chain (1979).
std::vector<Vec2d> convex_hull(std::vector<Vec2d> points) {
  std::ranges::sort(points, [](Vec2d a, Vec2d b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  std::vector<Vec2d> hull;
  const auto add_chain = [&](auto begin, auto end) {
    const std::size_t first = hull.size();
    for (auto p = begin; p != end; ++p) {
      while (hull.size() >= first + 2 && turn(hull[hull.size() - 2], hull.back(), *p) <= 0) hull.pop_back();
      hull.push_back(*p);
    }
    hull.pop_back();  // begins the other chain
  };
  add_chain(points.begin(), points.end());
  add_chain(points.rbegin(), points.rend());
  return hull;
}

bool is_within(std::span<const Vec2d> hull, Vec2d p) {
  if (hull.size() < 3) return false;
  for (std::size_t i = 0; i < hull.size(); ++i)
    if (turn(hull[i], hull[(i + 1) % hull.size()], p) < 0) return false;
  return true;
}

}  // namespace sweepmark
