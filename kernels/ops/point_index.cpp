// SPDX-License-Identifier: Apache-2.0
#include "kernels/point_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/ops/count_inside.h"
#include "kernels/ops/cuboid_grid.h"

namespace sweepmark {
namespace {

constexpr double smallest_cell_m = 0.5;

bool is_finite(const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z); }

/// Where nearly all of the points are. Those beyond belong to the cells at the border, so that a few stray points far
/// away do not make the cells of all others large.
struct Extent {
  double low = 0, high = 0;
};

Extent extent_of(std::vector<float>& sample) {
  if (sample.empty()) return {};
  std::ranges::sort(sample);
  const double low = static_cast<double>(sample[sample.size() / 100]),
               high = static_cast<double>(sample[sample.size() - 1 - sample.size() / 100]);
  const double margin = 0.5 * (high - low);
  return {std::max(low - margin, static_cast<double>(sample.front())),
          std::min(high + margin, static_cast<double>(sample.back()))};
}

}  // namespace

/// Cells in rows, and in each cell its points: what a cuboid covers of one row is one piece of memory.
struct PointIndex::Grid {
  double x0 = 0, y0 = 0, per_metre = 1;
  std::int32_t columns = 1, rows = 1;
  std::vector<std::uint32_t> first;    ///< cells + 1 positions in the two below
  std::vector<Point> points;           ///< in the order of the cells
  std::vector<std::uint32_t> numbers;  ///< of the same points, as assigned
  std::vector<std::uint32_t> cell_of_point;
  std::vector<float> sample;
  std::vector<RowRange> ranges;

  // Monotonous in x, as what a point and a row range share has to be.
  std::int32_t column_of(double x) const {
    return static_cast<std::int32_t>(std::clamp((x - x0) * per_metre, 0.0, columns - 1.0));
  }
  std::int32_t row_of(double y) const {
    return static_cast<std::int32_t>(std::clamp((y - y0) * per_metre, 0.0, rows - 1.0));
  }
  void choose_cells(std::span<const Point> cloud);

  /// Calls visit(begin, end) for each piece of `points` that can hold points of the cuboid.
  template <class Visit>
  void visit_pieces(const core::CuboidTest& test, Visit&& visit) {
    std::int32_t row = footprint_rows(test, {y0, per_metre, rows, 0}, ranges);
    for (const RowRange& range : ranges) {
      const auto begin_of_row = static_cast<std::size_t>(row++) * static_cast<std::size_t>(columns);
      if (range.min_x > range.max_x) continue;
      const std::size_t begin = first[begin_of_row + static_cast<std::size_t>(column_of(range.min_x))],
                        end = first[begin_of_row + static_cast<std::size_t>(column_of(range.max_x)) + 1];
      if (begin < end) visit(begin, end);
    }
  }
};

void PointIndex::Grid::choose_cells(std::span<const Point> cloud) {
  constexpr std::size_t samples = 4096;
  const std::size_t step = std::max<std::size_t>(1, cloud.size() / samples);
  const auto extent_along = [&](float Point::*axis) {
    sample.clear();
    for (std::size_t i = 0; i < cloud.size(); i += step) {
      if (is_finite(cloud[i])) sample.push_back(cloud[i].*axis);
    }
    return extent_of(sample);
  };
  const Extent x = extent_along(&Point::x), y = extent_along(&Point::y);
  const double most_cells = 65'536.0 + 4.0 * static_cast<double>(cloud.size());
  double cell = smallest_cell_m;
  const auto cells_along = [&](const Extent& e) { return std::floor((e.high - e.low) / cell) + 1; };
  while (cells_along(x) * cells_along(y) > most_cells) cell *= 2;
  x0 = x.low;
  y0 = y.low;
  per_metre = 1 / cell;
  columns = static_cast<std::int32_t>(cells_along(x));
  rows = static_cast<std::int32_t>(cells_along(y));
}

PointIndex::PointIndex() : grid_(std::make_unique<Grid>()) { grid_->first.assign(2, 0); }
PointIndex::~PointIndex() = default;
PointIndex::PointIndex(PointIndex&&) noexcept = default;
PointIndex& PointIndex::operator=(PointIndex&&) noexcept = default;

Result<void> PointIndex::assign(std::span<const Point> cloud) {
  if (cloud.size() >= std::numeric_limits<std::uint32_t>::max())
    return Error{"expected fewer than 2^32 - 1 points, got " + std::to_string(cloud.size())};
  Grid& g = *grid_;
  g.choose_cells(cloud);
  const auto cells = static_cast<std::size_t>(g.columns) * static_cast<std::size_t>(g.rows);
  constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
  // A counting sort, which keeps the points of a cell in their order.
  g.first.assign(cells + 1, 0);
  g.cell_of_point.resize(cloud.size());
  for (std::size_t i = 0; i < cloud.size(); ++i) {
    const Point& p = cloud[i];
    std::uint32_t cell = nowhere;
    if (is_finite(p)) {
      cell = static_cast<std::uint32_t>(g.row_of(static_cast<double>(p.y))) * static_cast<std::uint32_t>(g.columns) +
             static_cast<std::uint32_t>(g.column_of(static_cast<double>(p.x)));
      ++g.first[cell + 1];
    }
    g.cell_of_point[i] = cell;
  }
  for (std::size_t c = 0; c < cells; ++c) g.first[c + 1] += g.first[c];
  g.points.resize(g.first.back());
  g.numbers.resize(g.first.back());
  for (std::size_t i = cloud.size(); i-- > 0;) {
    if (g.cell_of_point[i] == nowhere) continue;
    const std::uint32_t to = --g.first[g.cell_of_point[i] + 1];
    g.points[to] = cloud[i];
    g.numbers[to] = static_cast<std::uint32_t>(i);
  }
  // The cursors now hold the begin of each cell, one place too far right.
  std::rotate(g.first.begin(), g.first.begin() + 1, g.first.end());
  g.first.back() = static_cast<std::uint32_t>(g.points.size());
  return {};
}

Result<void> PointIndex::count_into(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points,
                                    std::vector<std::uint32_t>& inside) {
  if (auto checked = check_cuboids(cuboids, cuboids_from_points); !checked) return checked;
  const Pose points_from_cuboids = inverse({normalized(cuboids_from_points.rotation), cuboids_from_points.translation});
  inside.assign(cuboids.size(), 0);
  for (std::size_t i = 0; i < cuboids.size(); ++i) {
    const core::CuboidTest test = make_cuboid_test(cuboids[i], points_from_cuboids);
    grid_->visit_pieces(test, [&](std::size_t begin, std::size_t end) {
      inside[i] += static_cast<std::uint32_t>(count_inside(test, grid_->points.data() + begin, end - begin));
    });
  }
  return {};
}

Result<std::vector<std::uint32_t>> PointIndex::count(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points) {
  std::vector<std::uint32_t> inside;
  if (auto done = count_into(cuboids, cuboids_from_points, inside); !done) return done.error();
  return inside;
}

Result<std::vector<std::uint32_t>> PointIndex::find(const Cuboid& cuboid, const Pose& cuboids_from_points) {
  if (auto checked = check_cuboids({&cuboid, 1}, cuboids_from_points); !checked) return checked.error();
  const Pose points_from_cuboids = inverse({normalized(cuboids_from_points.rotation), cuboids_from_points.translation});
  const core::CuboidTest test = make_cuboid_test(cuboid, points_from_cuboids);
  std::vector<std::uint32_t> found;
  grid_->visit_pieces(test, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (core::contains(test, grid_->points[i])) found.push_back(grid_->numbers[i]);
    }
  });
  std::ranges::sort(found);
  return found;
}

}  // namespace sweepmark
