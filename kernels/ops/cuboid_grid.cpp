// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/cuboid_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace sweepmark {
namespace {

constexpr float smallest_cell_m = 0.5F;
/// Beyond any map; keeps every number of the grid finite in float32.
constexpr double farthest_m = 1e9;
constexpr double largest_cell_count = 1 << 22;

bool is_unit(Quat q) { return std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3; }

/// Half the extent of the box along each axis of the points' frame.
Vec3d half_extent(const core::CuboidTest& test) {
  const auto& m = test.box_from_points.m;
  const auto along = [&](int k) {
    return std::abs(m[0][k]) * test.half.x + std::abs(m[1][k]) * test.half.y + std::abs(m[2][k]) * test.half.z;
  };
  return {along(0), along(1), along(2)};
}

}  // namespace

Result<void> check_cuboids(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points) {
  if (!is_finite(cuboids_from_points.translation) || !is_finite(cuboids_from_points.rotation) ||
      !is_unit(cuboids_from_points.rotation)) {
    return Error{"the pose of the points: expected a finite translation and a unit quaternion"};
  }
  const Vec3d& t = cuboids_from_points.translation;
  if (std::max({std::abs(t.x), std::abs(t.y), std::abs(t.z)}) > farthest_m)
    return Error{"the pose of the points: expected a translation within 10^9 m"};
  for (std::size_t i = 0; i < cuboids.size(); ++i) {
    const auto fail = [&](const std::string& what) { return Error{"cuboid " + std::to_string(i) + ": " + what}; };
    const Vec3d& s = cuboids[i].size;
    if (!is_finite(s) || !(s.x > 0 && s.y > 0 && s.z > 0)) {
      return fail("expected a size above 0, got (" + std::to_string(s.x) + ", " + std::to_string(s.y) + ", " +
                  std::to_string(s.z) + ")");
    }
    if (!is_finite(cuboids[i].center)) return fail("expected a finite centre");
    const Vec3d& c = cuboids[i].center;
    const double largest = std::max({std::abs(c.x), std::abs(c.y), std::abs(c.z), s.x, s.y, s.z});
    if (largest > farthest_m) return fail("expected a centre and a size within 10^9 m, got " + std::to_string(largest));
    if (!is_finite(cuboids[i].rotation) || !is_unit(cuboids[i].rotation))
      return fail("expected a unit quaternion as rotation");
  }
  return {};
}

core::CuboidTest make_cuboid_test(const Cuboid& cuboid, const Pose& points_from_cuboids) {
  core::CuboidTest test{};
  const Cuboid in_points = points_from_cuboids * Cuboid{cuboid.center, cuboid.size, normalized(cuboid.rotation)};
  test.box_from_points = transposed(matrix(in_points.rotation));
  test.center = in_points.center;
  test.half = 0.5 * cuboid.size;
  for (int k = 0; k < 9; ++k) test.column[k % 3][k / 3] = static_cast<float>(test.box_from_points.m[k / 3][k % 3]);
  const double center[3] = {test.center.x, test.center.y, test.center.z};
  for (int k = 0; k < 3; ++k) test.center_f[k] = static_cast<float>(center[k]);

  // The float32 test is off by at most a few units in the last place of the centre and of the distances in the box:
  // rounding of the centre (|c|), of the three differences, three matrix entries, three products and two sums (< 8
  // |d|). A point that passes or fails by more than this passes or fails in float64 too. Where the point is much
  // farther away than `reach`, its error is larger, but so is its distance to the box.
  const double reach =
      std::abs(center[0]) + std::abs(center[1]) + std::abs(center[2]) + 8 * (test.half.x + test.half.y + test.half.z);
  const double band = reach * 4 * static_cast<double>(std::numeric_limits<float>::epsilon());
  const double half[3] = {test.half.x, test.half.y, test.half.z};
  for (int k = 0; k < 3; ++k) {
    test.surely_inside[k] = static_cast<float>(half[k] - band);
    test.possibly_inside[k] = static_cast<float>(half[k] + band);
  }
  test.surely_inside[3] = test.possibly_inside[3] = std::numeric_limits<float>::infinity();
  return test;
}

Result<void> CuboidGrid::build(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points) {
  if (auto checked = check_cuboids(cuboids, cuboids_from_points); !checked) return checked;
  const Pose points_from_cuboids = inverse({normalized(cuboids_from_points.rotation), cuboids_from_points.translation});
  tests_.clear();
  reach_.clear();
  for (const Cuboid& cuboid : cuboids) {
    const core::CuboidTest test = make_cuboid_test(cuboid, points_from_cuboids);
    const Vec3d half = half_extent(test);
    const double margin = footprint_margin(test);
    tests_.push_back(test);
    reach_.push_back(
        {static_cast<float>(test.center.x - half.x - margin), static_cast<float>(test.center.y - half.y - margin),
         static_cast<float>(test.center.x + half.x + margin), static_cast<float>(test.center.y + half.y + margin)});
  }
  choose_cells();
  rasterise();
  return {};
}

CuboidGrid::Cells CuboidGrid::cells_of(const Rectangle& reach) const {
  const auto column = [&](float x) {
    return std::clamp(static_cast<std::int32_t>((x - x0_) * cells_per_metre_), 0, columns_ - 1);
  };
  const auto row = [&](float y) {
    return std::clamp(static_cast<std::int32_t>((y - y0_) * cells_per_metre_), 0, rows_ - 1);
  };
  return {column(reach.min_x), row(reach.min_y), column(reach.max_x), row(reach.max_y)};
}

void CuboidGrid::choose_cells() {
  columns_ = rows_ = 0;
  if (reach_.empty()) return;
  Rectangle all = reach_.front();
  for (const Rectangle& r : reach_) {
    all = {std::min(all.min_x, r.min_x), std::min(all.min_y, r.min_y), std::max(all.max_x, r.max_x),
           std::max(all.max_y, r.max_y)};
  }
  x0_ = all.min_x;
  y0_ = all.min_y;
  const double width = static_cast<double>(all.max_x) - static_cast<double>(x0_),
               height = static_cast<double>(all.max_y) - static_cast<double>(y0_);
  const double most_entries = 32.0 * static_cast<double>(reach_.size()) + 65'536;
  for (double cell = static_cast<double>(smallest_cell_m);; cell *= 2) {
    const double columns = std::floor(width / cell) + 2, rows = std::floor(height / cell) + 2;
    if (columns * rows > largest_cell_count && (columns > 3 || rows > 3)) continue;
    columns_ = static_cast<std::int32_t>(columns);
    rows_ = static_cast<std::int32_t>(rows);
    cells_per_metre_ = static_cast<float>(1 / cell);
    double entries = 0;
    for (const Rectangle& r : reach_) {
      const Cells c = cells_of(r);
      entries += static_cast<double>(c.column1 - c.column0 + 1) * static_cast<double>(c.row1 - c.row0 + 1);
    }
    if (entries <= most_entries || (columns <= 3 && rows <= 3)) return;
  }
}

void CuboidGrid::rasterise() {
  const std::size_t cells = cell_count();
  occupied_.assign((cells + 31) / 32, 0);
  first_.assign(cells + 1, 0);
  spans_.clear();
  // Points find their row in float32.
  const double height = rows_ / static_cast<double>(cells_per_metre_);
  const GridRows rows{static_cast<double>(y0_), static_cast<double>(cells_per_metre_), rows_,
                      4 * static_cast<double>(std::numeric_limits<float>::epsilon()) * height};
  // As core::cell_of does it, so that rounding never parts a point from its cuboid.
  const auto column_of = [&](double x) {
    const float column = (static_cast<float>(x) - x0_) * cells_per_metre_;
    return static_cast<std::size_t>(std::clamp(column, 0.0F, static_cast<float>(columns_ - 1)));
  };
  for (std::size_t i = 0; i < tests_.size(); ++i) {
    std::size_t row_begin =
        static_cast<std::size_t>(footprint_rows(tests_[i], rows, ranges_)) * static_cast<std::size_t>(columns_);
    for (const RowRange& range : ranges_) {
      if (range.min_x <= range.max_x) {
        spans_.push_back({static_cast<std::uint32_t>(row_begin + column_of(range.min_x)),
                          static_cast<std::uint32_t>(row_begin + column_of(range.max_x)),
                          static_cast<std::uint32_t>(i)});
      }
      row_begin += static_cast<std::size_t>(columns_);
    }
  }
  for (const Span& span : spans_) {
    for (std::size_t cell = span.first_cell; cell <= span.last_cell; ++cell) ++first_[cell + 1];
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (first_[cell + 1] != 0) occupied_[cell >> 5] |= 1U << (cell & 31);
    first_[cell + 1] += first_[cell];
  }
  listed_.resize(first_.back());
  // Filled from the back, so that `first_` is its own cursor and each cell's list ascends.
  for (std::size_t s = spans_.size(); s-- > 0;) {
    for (std::size_t cell = spans_[s].first_cell; cell <= spans_[s].last_cell; ++cell)
      listed_[--first_[cell + 1]] = spans_[s].cuboid;
  }
  // The cursors now hold the begin of each cell, one place too far right.
  std::rotate(first_.begin(), first_.begin() + 1, first_.end());
  first_.back() = static_cast<std::uint32_t>(listed_.size());
}

core::CuboidGridView CuboidGrid::view() const {
  return {x0_, y0_, cells_per_metre_, columns_, rows_, occupied_.data(), first_.data(), listed_.data()};
}

}  // namespace sweepmark
