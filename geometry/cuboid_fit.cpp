// SPDX-License-Identifier: Apache-2.0
#include "geometry/cuboid_fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr double least_size_m = 0.05;
/// Points closer to a side than this count the same: the noise of a LiDAR.
constexpr double closest_m = 0.05;
constexpr std::size_t searched_points = 2000;

struct Range {
  double low = 1e300, high = -1e300;
  void add(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  double size() const { return std::max(high - low, least_size_m); }
  double middle() const { return (low + high) / 2; }
};

struct Extent {
  Range along, across;
};

Extent extent_at(std::span<const Vec3d> points, double yaw) {
  const double c = std::cos(yaw), s = std::sin(yaw);
  Extent extent;
  for (const Vec3d& p : points) {
    extent.along.add(c * p.x + s * p.y);
    extent.across.add(-s * p.x + c * p.y);
  }
  return extent;
}

/// Sum over points of 1 / distance to the nearest side of the rectangle at that yaw.
double closeness(std::span<const Vec3d> points, double yaw) {
  const Extent e = extent_at(points, yaw);
  const double c = std::cos(yaw), s = std::sin(yaw);
  double sum = 0;
  for (const Vec3d& p : points) {
    const double u = c * p.x + s * p.y, v = -s * p.x + c * p.y;
    const double to_side = std::min({u - e.along.low, e.along.high - u, v - e.across.low, e.across.high - v});
    sum += 1 / std::max(to_side, closest_m);
  }
  return sum;
}

double best_yaw(std::span<const Vec3d> points, double from, double to, double step) {
  double best = from, best_score = -1;
  for (double yaw = from; yaw < to; yaw += step) {
    const double score = closeness(points, yaw);
    if (score > best_score) best = yaw;
    best_score = std::max(best_score, score);
  }
  return best;
}

std::vector<Vec3d> every_nth(std::span<const Vec3d> points, std::size_t at_most) {
  const std::size_t step = (points.size() + at_most - 1) / at_most;
  std::vector<Vec3d> some;
  for (std::size_t i = 0; i < points.size(); i += step) some.push_back(points[i]);
  return some;
}

/// A side up to this many times the usual width can be a width.
constexpr double most_of_width = 1.3, least_of_width = 0.7;

/// Whether the longer of two short sides is the object's width. Seen end on, the side across the view is whole and the
/// other one is cut off by what cannot be seen; from a corner the longer one is the length.
bool is_rear_or_front(const Cuboid& c, Vec3d sensor, Vec3d usual) {
  constexpr double end_on = 0.85;  // within 32 degrees
  const Vec3d to_sensor = rotate(conjugate(c.rotation), sensor - c.center);
  const double distance = std::max(std::hypot(to_sensor.x, to_sensor.y), 1e-9);
  if (std::abs(to_sensor.x) / distance > end_on) return false;  // the longer side lies along the view
  const bool is_across = std::abs(to_sensor.y) / distance > end_on;
  return (is_across && c.size.x > least_of_width * usual.y) || c.size.y < 0.6 * usual.y;
}

}  // namespace

std::optional<Cuboid> fit_upright_cuboid(std::span<const Vec3d> points, std::optional<double> yaw_hint) {
  if (points.size() < 3) return std::nullopt;
  constexpr double degree = std::numbers::pi / 180;
  const auto some = every_nth(points, searched_points);
  const double coarse = best_yaw(some, 0, std::numbers::pi / 2, degree);
  double yaw = best_yaw(some, coarse - degree, coarse + degree, 0.1 * degree);
  Extent extent = extent_at(points, yaw);
  const bool other_way = yaw_hint ? std::abs(std::sin(*yaw_hint - yaw)) > std::numbers::sqrt2 / 2
                                  : extent.across.size() > extent.along.size();
  if (other_way) yaw += std::numbers::pi / 2;
  if (yaw_hint && std::cos(*yaw_hint - yaw) < 0) yaw += std::numbers::pi;
  extent = extent_at(points, yaw);
  Range height;
  for (const Vec3d& p : points) height.add(p.z);
  const double u = extent.along.middle(), v = extent.across.middle(), c = std::cos(yaw), s = std::sin(yaw);
  return Cuboid{{c * u - s * v, s * u + c * v, height.middle()},
                {extent.along.size(), extent.across.size(), height.size()},
                quat_from_yaw(wrap_angle(yaw))};
}

Cuboid shrink_to_points(const Cuboid& cuboid, std::span<const Vec3d> points) {
  const Quat box_from_world = conjugate(cuboid.rotation);
  const Vec3d half = 0.5 * cuboid.size;
  Range x, y, z;
  for (const Vec3d& point : points) {
    const Vec3d p = rotate(box_from_world, point - cuboid.center);
    if (!(std::abs(p.x) <= half.x && std::abs(p.y) <= half.y && std::abs(p.z) <= half.z)) continue;
    x.add(p.x);
    y.add(p.y);
    z.add(p.z);
  }
  if (x.low > x.high) return cuboid;
  return {cuboid.center + rotate(cuboid.rotation, {x.middle(), y.middle(), z.middle()}),
          {x.size(), y.size(), z.size()},
          cuboid.rotation};
}

Cuboid complete_to_size(const Cuboid& seen, Vec3d sensor, Vec3d usual, bool heading_is_known) {
  Cuboid c = seen;
  if (!heading_is_known && c.size.x < most_of_width * usual.y && is_rear_or_front(c, sensor, usual)) {
    c.rotation = c.rotation * quat_from_yaw(std::numbers::pi / 2);
    c.size = {c.size.y, c.size.x, c.size.z};
  }
  const Vec3d to_sensor = rotate(conjugate(c.rotation), sensor - c.center);
  const Vec3d more{std::max(usual.x - c.size.x, 0.0), std::max(usual.y - c.size.y, 0.0), 0};
  const Vec3d shift{to_sensor.x > 0 ? -more.x / 2 : more.x / 2, to_sensor.y > 0 ? -more.y / 2 : more.y / 2, 0};
  return {c.center + rotate(c.rotation, shift), c.size + more, c.rotation};
}

}  // namespace sweepmark
