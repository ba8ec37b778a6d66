// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/footprint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sweepmark {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Vec2d {
  double x, y;
};

}  // namespace

double footprint_margin(const core::CuboidTest& cuboid) {
  return 1e-3 +
         1e-6 * (std::abs(cuboid.center.x) + std::abs(cuboid.center.y) + cuboid.half.x + cuboid.half.y + cuboid.half.z);
}

std::int32_t footprint_rows(const core::CuboidTest& cuboid, const GridRows& rows, std::vector<RowRange>& ranges) {
  const double margin = footprint_margin(cuboid), margin_y = margin + rows.slack_m;
  // Half the box along each of its own axes, seen from above.
  const auto& m = cuboid.box_from_points.m;
  const double half[3] = {cuboid.half.x, cuboid.half.y, cuboid.half.z};
  Vec2d axis[3];
  for (int k = 0; k < 3; ++k) axis[k] = {half[k] * m[k][0], half[k] * m[k][1]};
  const double reach = std::abs(axis[0].y) + std::abs(axis[1].y) + std::abs(axis[2].y) + margin_y;
  const auto row_of = [&](double y) {
    return static_cast<std::int32_t>(std::clamp((y - rows.y0) * rows.per_metre, 0.0, rows.count - 1.0));
  };
  const std::int32_t first = row_of(cuboid.center.y - reach), last = row_of(cuboid.center.y + reach);
  ranges.assign(static_cast<std::size_t>(last - first + 1), {infinity, -infinity});

  // The outline is made of edges of the box; inner edges do no harm.
  const auto add_edge = [&](Vec2d a, Vec2d b) {
    if (a.y > b.y) std::swap(a, b);
    const double slope = b.y > a.y ? (b.x - a.x) / (b.y - a.y) : 0;
    const auto x_at = [&](double y) { return y <= a.y ? a.x : y >= b.y ? b.x : a.x + (y - a.y) * slope; };
    const bool level = !(b.y > a.y);
    for (std::int32_t row = row_of(a.y - margin_y), end = row_of(b.y + margin_y); row <= end; ++row) {
      const double low = rows.y0 + row / rows.per_metre - margin_y,
                   high = rows.y0 + (row + 1) / rows.per_metre + margin_y;
      const double from = level || row == 0 ? a.x : x_at(low), to = level || row == rows.count - 1 ? b.x : x_at(high);
      RowRange& range = ranges[static_cast<std::size_t>(row - first)];
      range.min_x = std::min({range.min_x, from - margin, to - margin});
      range.max_x = std::max({range.max_x, from + margin, to + margin});
    }
  };
  const auto corner = [&](int sx, int sy, int sz) {
    return Vec2d{cuboid.center.x + sx * axis[0].x + sy * axis[1].x + sz * axis[2].x,
                 cuboid.center.y + sx * axis[0].y + sy * axis[1].y + sz * axis[2].y};
  };
  const bool upright = axis[2].x == 0 && axis[2].y == 0;
  for (int z = -1; z <= (upright ? -1 : 1); z += 2) {
    add_edge(corner(-1, -1, z), corner(1, -1, z));
    add_edge(corner(-1, 1, z), corner(1, 1, z));
    add_edge(corner(-1, -1, z), corner(-1, 1, z));
    add_edge(corner(1, -1, z), corner(1, 1, z));
  }
  if (!upright) {
    for (const int x : {-1, 1}) {
      for (const int y : {-1, 1}) add_edge(corner(x, y, -1), corner(x, y, 1));
    }
  }
  return first;
}

}  // namespace sweepmark
