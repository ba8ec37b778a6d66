// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numbers>
#include <unordered_map>
#include <utility>

#include "geometry/cuboid_fit.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

/// Ground that rises more steeply than this is something else: cells above it are lowered to it.
constexpr double steepest = 0.15;
constexpr double above_ground_m = 0.25, least_height_m = 0.05;
constexpr double most_cells = 4e6;
constexpr float unknown = std::numeric_limits<float>::max();

bool finite(const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z); }
Vec3d position(const Point& p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

/// Forgets cells far below those around them: returns that a window or a wet road has mirrored. Most cells of a
/// neighbourhood may lie on objects, so the lower quarter of it says where the ground is.
void drop_holes(std::vector<float>& height, int columns, int rows) {
  constexpr int reach = 4;
  constexpr float deep_m = 0.7F;
  const std::vector<float> before = height;
  std::vector<float> around;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const auto row_start = [&](int row) { return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns); };
      float& own = height[row_start(r) + static_cast<std::size_t>(c)];
      if (own == unknown) continue;
      around.clear();
      for (int y = std::max(r - reach, 0); y <= std::min(r + reach, rows - 1); ++y)
        for (int x = std::max(c - reach, 0); x <= std::min(c + reach, columns - 1); ++x)
          if (const float h = before[row_start(y) + static_cast<std::size_t>(x)]; h != unknown) around.push_back(h);
      const auto quarter = around.begin() + static_cast<std::ptrdiff_t>(around.size() / 4);
      std::ranges::nth_element(around, quarter);
      if (own < *quarter - deep_m) own = unknown;
    }
}

/// Lowers each cell to what its neighbour's height allows at the steepest slope, and fills unknown ones; two sweeps
/// over the grid in opposite directions reach every cell.
void limit_slope(std::vector<float>& height, int columns, int rows, double cell_m) {
  const auto step = static_cast<float>(steepest * cell_m);
  const auto at = [&](int r, int c) -> float& {
    return height[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(c)];
  };
  const auto pull = [&](int r, int c, int other_r, int other_c) {
    if (other_r < 0 || other_c < 0 || other_r >= rows || other_c >= columns || at(other_r, other_c) == unknown) return;
    at(r, c) = std::min(at(r, c), at(other_r, other_c) + step);
  };
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      pull(r, c, r, c - 1);
      pull(r, c, r - 1, c);
    }
  for (int r = rows - 1; r >= 0; --r)
    for (int c = columns - 1; c >= 0; --c) {
      pull(r, c, r, c + 1);
      pull(r, c, r + 1, c);
    }
}

}  // namespace

GroundGrid::GroundGrid(std::span<const Point> points, double cell_m) : cell_m_(cell_m) {
  double max_x = -1e300, max_y = -1e300;
  min_x_ = min_y_ = 1e300;
  for (const Point& p : points) {
    if (!finite(p)) continue;
    const Vec3d at = position(p);
    min_x_ = std::min(min_x_, at.x);
    min_y_ = std::min(min_y_, at.y);
    max_x = std::max(max_x, at.x);
    max_y = std::max(max_y, at.y);
  }
  if (max_x < min_x_) return;
  const double wide = max_x - min_x_, deep = max_y - min_y_;
  while ((wide / cell_m_ + 1) * (deep / cell_m_ + 1) > most_cells) cell_m_ *= 2;
  columns_ = static_cast<int>(wide / cell_m_) + 1;
  rows_ = static_cast<int>(deep / cell_m_) + 1;
  // The second lowest point of a cell: one return from below the road (a mirror image) does not count.
  std::vector<float> lowest(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_), unknown);
  height_ = lowest;
  for (const Point& p : points) {
    if (!finite(p)) continue;
    const Vec3d at = position(p);
    const auto cell = static_cast<std::size_t>((at.y - min_y_) / cell_m_) * static_cast<std::size_t>(columns_) +
                      static_cast<std::size_t>((at.x - min_x_) / cell_m_);
    height_[cell] = std::min(height_[cell], std::max(lowest[cell], p.z));
    lowest[cell] = std::min(lowest[cell], p.z);
  }
  // A cell with one point tells nothing of the ground; where all are such, any point has to do.
  if (std::ranges::all_of(height_, [](float h) { return h == unknown; })) height_ = lowest;
  drop_holes(height_, columns_, rows_);
  limit_slope(height_, columns_, rows_, cell_m_);
}

double GroundGrid::height_at(double x, double y) const {
  if (columns_ == 0) return 0;
  // Between the centres of four cells; outside the grid its border goes on.
  const double u = std::clamp((x - min_x_) / cell_m_ - 0.5, 0.0, columns_ - 1.0);
  const double v = std::clamp((y - min_y_) / cell_m_ - 0.5, 0.0, rows_ - 1.0);
  const int c = std::min(static_cast<int>(u), std::max(columns_ - 2, 0));
  const int r = std::min(static_cast<int>(v), std::max(rows_ - 2, 0));
  const auto at = [&](int row, int column) {
    return static_cast<double>(
        height_[static_cast<std::size_t>(std::min(row, rows_ - 1)) * static_cast<std::size_t>(columns_) +
                static_cast<std::size_t>(std::min(column, columns_ - 1))]);
  };
  const double f = u - c, g = v - r;
  return (1 - g) * ((1 - f) * at(r, c) + f * at(r, c + 1)) + g * ((1 - f) * at(r + 1, c) + f * at(r + 1, c + 1));
}

double ground_beside(const Cuboid& cuboid, const GroundGrid& ground) {
  constexpr double outside_m = 0.8;
  std::array<double, 12> heights{};
  std::size_t count = 0;
  for (const double along : {-1.0, -0.33, 0.33, 1.0}) {
    for (const double across : {-1.0, 0.0, 1.0}) {
      const Vec3d at = cuboid.center + rotate(cuboid.rotation, {along * (cuboid.size.x / 2 + outside_m),
                                                                across * (cuboid.size.y / 2 + outside_m), 0});
      heights[count++] = ground.height_at(at.x, at.y);
    }
  }
  const auto quarter = heights.begin() + heights.size() / 4;
  std::ranges::nth_element(heights, quarter);
  return *quarter;
}

std::vector<std::uint32_t> object_points(std::span<const Point> points, const GroundGrid& ground, std::uint32_t seed,
                                         double reach_m, double limit_m) {
  std::vector<std::uint32_t> object;
  if (seed >= points.size() || !finite(points[seed]) || !(reach_m > 0)) return object;
  const Vec3d middle = position(points[seed]);
  const auto cell_of = [&](double x, double y) {
    const auto column = static_cast<std::int64_t>(std::floor((x - middle.x) / reach_m));
    const auto row = static_cast<std::int64_t>(std::floor((y - middle.y) / reach_m));
    return std::pair(row, column);
  };
  const auto key = [](std::int64_t row, std::int64_t column) { return row * (std::int64_t{1} << 32) + column; };
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> cells;  // of points not reached yet
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    if (!finite(points[i])) continue;
    const Vec3d p = position(points[i]);
    if (std::hypot(p.x - middle.x, p.y - middle.y) > limit_m || p.z < ground.height_at(p.x, p.y) + above_ground_m)
      continue;
    const auto [row, column] = cell_of(p.x, p.y);
    cells[key(row, column)].push_back(i);
  }
  if (middle.z < ground.height_at(middle.x, middle.y) + above_ground_m) return object;
  std::erase(cells[key(0, 0)], seed);
  object.push_back(seed);
  for (std::size_t next = 0; next < object.size(); ++next) {
    const Vec3d p = position(points[object[next]]);
    const auto [row, column] = cell_of(p.x, p.y);
    for (std::int64_t r = row - 1; r <= row + 1; ++r)
      for (std::int64_t c = column - 1; c <= column + 1; ++c) {
        const auto cell = cells.find(key(r, c));
        if (cell == cells.end()) continue;
        std::erase_if(cell->second, [&](std::uint32_t i) {
          const bool joined = norm(position(points[i]) - p) <= reach_m;
          if (joined) object.push_back(i);
          return joined;
        });
      }
  }
  std::ranges::sort(object);
  return object;
}

namespace {

/// An object as the rays of a sensor see it: cells of azimuth and range with the heights of their points.
class RayCells {
 public:
  /// \param middle  of the object: azimuths are counted from there, so that none lies on the seam of the circle
  RayCells(Vec3d sensor, Vec3d middle)
      : sensor_(sensor),
        middle_azimuth_(std::atan2(middle.y - sensor.y, middle.x - sensor.x)),
        azimuth_step_(beside_m / std::max(std::hypot(middle.x - sensor.x, middle.y - sensor.y), 1.0)) {}

  void add(const Vec3d& p) {
    const auto [column, row] = cell_of(p);
    auto [at, is_new] = cells_.try_emplace({column, row}, p.z, p.z);
    if (is_new) return;
    at->second.first = std::min(at->second.first, p.z);
    at->second.second = std::max(at->second.second, p.z);
  }

  /// Whether a point lies before or behind the object on nearly the same ray, and, if before, no higher.
  bool has_on_ray(const Vec3d& p) const {
    const auto [column, row] = cell_of(p);
    for (std::int64_t c = column - 1; c <= column + 1; ++c) {
      for (auto at = cells_.lower_bound({c, row - most_cells_apart});
           at != cells_.end() && at->first.first == c && at->first.second <= row + most_cells_apart; ++at) {
        const bool is_before = row < at->first.second;
        if (is_before ? p.z - at->second.second < higher_m : at->second.first - p.z < higher_m) return true;
      }
    }
    return false;
  }

 private:
  static constexpr double beside_m = 0.25, range_step_m = 0.25, higher_m = 0.3;
  static constexpr std::int64_t most_cells_apart = 8;  // 2 m

  std::pair<std::int64_t, std::int64_t> cell_of(const Vec3d& p) const {
    const double azimuth =
        std::remainder(std::atan2(p.y - sensor_.y, p.x - sensor_.x) - middle_azimuth_, 2 * std::numbers::pi);
    return {static_cast<std::int64_t>(std::floor(azimuth / azimuth_step_)),
            static_cast<std::int64_t>(std::hypot(p.x - sensor_.x, p.y - sensor_.y) / range_step_m)};
  }

  Vec3d sensor_;
  double middle_azimuth_, azimuth_step_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<double, double>> cells_;  ///< least and greatest height
};

}  // namespace

std::vector<std::uint32_t> with_parts_on_same_rays(std::span<const Point> points, const GroundGrid& ground,
                                                   std::vector<std::uint32_t> object, Vec3d sensor, Vec3d usual) {
  constexpr double larger = 1.25;
  const auto fits = [&](std::span<const std::uint32_t> of) {
    std::vector<Vec3d> places;
    for (const std::uint32_t i : of) places.push_back(position(points[i]));
    const auto cuboid = fit_upright_cuboid(places);
    return cuboid && cuboid->size.x <= larger * usual.x && cuboid->size.y <= larger * usual.y;
  };
  if (object.size() < 3 || !fits(object)) return object;
  Vec3d middle;
  for (const std::uint32_t i : object)
    middle = middle + (1.0 / static_cast<double>(object.size())) * position(points[i]);
  RayCells seen(sensor, middle);
  for (const std::uint32_t i : object) seen.add(position(points[i]));
  // What is above the ground, near enough, and neither taken nor tried.
  const double limit = std::hypot(usual.x, usual.y) + 1;
  std::vector<std::uint32_t> near;
  std::vector<Point> near_points;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    const Vec3d p = position(points[i]);
    if (!(std::abs(p.x - middle.x) < limit && std::abs(p.y - middle.y) < limit) || !std::isfinite(p.z)) continue;
    if (p.z < ground.height_at(p.x, p.y) + above_ground_m || std::ranges::binary_search(object, i)) continue;
    near.push_back(i);
    near_points.push_back(points[i]);
  }
  std::vector<bool> is_tried(near.size(), false);
  for (bool grew = true; grew;) {
    grew = false;
    for (std::uint32_t n = 0; n < near.size(); ++n) {
      if (is_tried[n] || !seen.has_on_ray(position(near_points[n]))) continue;
      std::vector<std::uint32_t> part, both;
      for (const std::uint32_t k : object_points(near_points, ground, n)) {
        is_tried[k] = true;
        part.push_back(near[k]);
      }
      std::ranges::set_union(object, part, std::back_inserter(both));
      if (part.empty() || !fits(both)) continue;
      object = std::move(both);
      for (const std::uint32_t i : part) seen.add(position(points[i]));
      grew = true;
    }
  }
  return object;
}

std::optional<Cuboid> fit_object(std::span<const Point> points, std::span<const std::uint32_t> object,
                                 const GroundGrid& ground, std::optional<double> yaw_hint) {
  std::vector<Vec3d> of_object;
  for (const std::uint32_t i : object) of_object.push_back(position(points[i]));
  auto cuboid = fit_upright_cuboid(of_object, yaw_hint);
  if (!cuboid) return cuboid;
  const double top = cuboid->center.z + cuboid->size.z / 2;
  const double bottom = std::min(ground_beside(*cuboid, ground), top - least_height_m);
  cuboid->center.z = (top + bottom) / 2;
  cuboid->size.z = top - bottom;
  return cuboid;
}

}  // namespace sweepmark
