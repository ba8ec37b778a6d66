// SPDX-License-Identifier: Apache-2.0
#include "geometry/object_shape.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr double thinned_m = 0.08;  ///< one point of the shape for each cube of this side
constexpr double cell_m = 0.3;      ///< of the grid in which neighbours are looked up
constexpr double around_m = 0.3;    ///< an object's points may lie this far outside its cuboid
constexpr double above_bottom_m = 0.2;
constexpr double flat_share = 0.1;  ///< a neighbourhood this much thinner than wide is a surface
constexpr double noise_m = 0.05, robust_m = 0.1, on_shape_m = 0.12;
constexpr std::size_t used_points = 250;
/// Points of one sweep err together: more than this many tell no more.
constexpr double independent_points = 40;
constexpr int rounds = 14;

/// The points of a sweep that may belong to the object, in its own axes.
std::vector<Vec3d> near_object(std::span<const Vec3d> points, const Cuboid& guess, double around) {
  const Mat3d body_from_world = transposed(matrix(guess.rotation));
  const Vec3d half = 0.5 * guess.size;
  std::vector<Vec3d> near;
  for (const Vec3d& p : points) {
    const Vec3d b = body_from_world * (p - guess.center);
    if (std::abs(b.x) > half.x + around || std::abs(b.y) > half.y + around || b.z > half.z + around_m ||
        b.z < above_bottom_m - half.z)
      continue;
    near.push_back(b);
  }
  return near;
}

std::vector<Vec3d> evenly(std::vector<Vec3d> points, std::size_t most) {
  if (points.size() <= most) return points;
  std::vector<Vec3d> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(points[i * points.size() / most]);
  return some;
}

Vec3d turned(Vec3d p, double turn) {
  const double c = std::cos(turn), s = std::sin(turn);
  return {c * p.x - s * p.y, s * p.x + c * p.y, p.z};
}

}  // namespace

ObjectShape::ObjectShape(Vec3d size) : size_(size) {
  const Vec3d half = 0.5 * size;
  low_ = {-half.x - 2 * cell_m, -half.y - 2 * cell_m, -half.z - 2 * cell_m};
  const auto cells = [](double side) { return static_cast<int>(std::ceil(std::min(side, 100.0) / cell_m)) + 4; };
  columns_ = cells(size.x);
  rows_ = cells(size.y);
  layers_ = cells(size.z);
  cells_.resize(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_) *
                static_cast<std::size_t>(layers_));
}

/// The last entry after all cells: outside.
std::size_t ObjectShape::cell_of(Vec3d p) const {
  const double x = std::floor((p.x - low_.x) / cell_m), y = std::floor((p.y - low_.y) / cell_m),
               z = std::floor((p.z - low_.z) / cell_m);
  if (!(x >= 0 && y >= 0 && z >= 0 && x < columns_ && y < rows_ && z < layers_)) return cells_.size();
  return (static_cast<std::size_t>(z) * static_cast<std::size_t>(rows_) + static_cast<std::size_t>(y)) *
             static_cast<std::size_t>(columns_) +
         static_cast<std::size_t>(x);
}

bool ObjectShape::nearest(Vec3d p, double reach, Match& match) const {
  match.distance = reach;
  bool found = false;
  for (int dz = -1; dz <= 1; ++dz)
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx) {
        const std::size_t cell = cell_of({p.x + dx * cell_m, p.y + dy * cell_m, p.z + dz * cell_m});
        if (cell == cells_.size()) continue;
        for (const std::uint32_t i : cells_[cell]) {
          const double distance = norm(points_[i] - p);
          if (distance >= match.distance) continue;
          match = {i, distance};
          found = true;
        }
      }
  return found;
}

void ObjectShape::add(std::span<const Vec3d> points, const Cuboid& cuboid) {
  for (const Vec3d& p : near_object(points, cuboid, around_m / 2)) {
    const std::size_t cell = cell_of(p);
    if (cell == cells_.size()) continue;
    Match match;
    if (nearest(p, thinned_m, match)) continue;
    cells_[cell].push_back(static_cast<std::uint32_t>(points_.size()));
    points_.push_back(p);
  }
}

void ObjectShape::find_surfaces() const {
  if (surfaces_.size() == points_.size()) return;
  surfaces_.assign(points_.size(), {});
  for (std::size_t i = 0; i < points_.size(); ++i) {
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    Eigen::Matrix3d spread = Eigen::Matrix3d::Zero();
    double count = 0;
    for (int dz = -1; dz <= 1; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          const Vec3d& p = points_[i];
          const std::size_t cell = cell_of({p.x + dx * cell_m, p.y + dy * cell_m, p.z + dz * cell_m});
          if (cell == cells_.size()) continue;
          for (const std::uint32_t j : cells_[cell]) {
            const Vec3d d = points_[j] - p;
            if (norm(d) > 1.5 * cell_m) continue;
            const Eigen::Vector3d v(d.x, d.y, d.z);
            mean += v;
            spread += v * v.transpose();
            ++count;
          }
        }
    if (count < 5) continue;
    mean /= count;
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> axes(spread / count - mean * mean.transpose());
    const auto& width = axes.eigenvalues();
    if (!(std::sqrt(std::max(width(0), 0.0)) < flat_share * 3 * std::sqrt(std::max(width(1), 0.0)))) continue;
    const Eigen::Vector3d n = axes.eigenvectors().col(0);
    surfaces_[i] = {{n.x(), n.y(), n.z()}, true};
  }
}

Registration ObjectShape::place(std::span<const Vec3d> points, const Cuboid& guess, const BodyVector& trust) const {
  find_surfaces();
  Registration result{guess, {}, {}, 0, 0};
  const Eigen::Vector4d prior(1 / (trust.along * trust.along), 1 / (trust.across * trust.across),
                              1 / (trust.up * trust.up), 1 / (trust.turn * trust.turn));
  result.information = {prior(0), prior(1), prior(2), prior(3)};
  const double loose = std::clamp(2 * std::max(trust.along, trust.across), around_m, 1.5);
  const auto seen = evenly(near_object(points, guess, loose), used_points);
  result.points = seen.size();
  if (seen.empty() || points_.empty()) return result;

  Eigen::Vector4d shift = Eigen::Vector4d::Zero();  // along, across, up, turn
  Eigen::Matrix4d normal_matrix = prior.asDiagonal();
  double on_shape = 0;
  for (int round = 0; round < rounds; ++round) {
    // The sweep's points in the object's axes when it has moved: inverse of shift.
    const double reach = std::max(0.3, 0.9 * (1 - static_cast<double>(round) / (rounds / 2.0)));
    const double scale_m = std::max(robust_m, 0.5 * reach);  // far points count while the guess is rough
    const double turn = shift(3);
    Eigen::Matrix4d a = prior.asDiagonal();
    Eigen::Vector4d b = -prior.cwiseProduct(shift);
    double weights = 0;
    on_shape = 0;
    struct Row {
      Eigen::Vector4d slope;
      double off, weight;
    };
    std::vector<Row> equations;
    for (const Vec3d& p : seen) {
      const Vec3d in_object = turned({p.x - shift(0), p.y - shift(1), p.z - shift(2)}, -turn);
      Match match;
      if (!nearest(in_object, reach, match)) continue;
      const Vec3d q = points_[match.point];
      if (match.distance < on_shape_m) ++on_shape;
      // The matched point of the shape in the guess's axes, and how it moves with the shift.
      const Vec3d q_turned = turned(q, turn);
      const Vec3d off{p.x - shift(0) - q_turned.x, p.y - shift(1) - q_turned.y, p.z - shift(2) - q_turned.z};
      const Surface& surface = surfaces_[match.point];
      const auto add = [&](Vec3d direction, double share) {
        const double distance = dot(direction, off);
        const double weight = share / (1 + distance * distance / (scale_m * scale_m));
        const double by_turn = direction.y * q_turned.x - direction.x * q_turned.y;
        equations.push_back({{direction.x, direction.y, direction.z, by_turn}, distance, weight});
        weights += weight;
      };
      if (surface.is_flat) {
        add(turned(surface.normal, turn), 1);
      } else {
        add({1, 0, 0}, 0.3);
        add({0, 1, 0}, 0.3);
        add({0, 0, 1}, 0.3);
      }
    }
    if (weights == 0) break;
    const double scale = std::min(1.0, independent_points / weights) / (noise_m * noise_m);
    for (const Row& row : equations) {
      a += scale * row.weight * row.slope * row.slope.transpose();
      b += scale * row.weight * row.off * row.slope;
    }
    const Eigen::Vector4d step = a.ldlt().solve(b);
    if (!step.allFinite()) break;
    shift += step;
    normal_matrix = a;
    if (round > rounds / 2 && step.head<3>().norm() < 1e-4 && std::abs(step(3)) < 1e-4) break;
  }
  const Eigen::Matrix4d covariance = normal_matrix.inverse();
  result.shift = {shift(0), shift(1), shift(2), shift(3)};
  result.information = {1 / covariance(0, 0), 1 / covariance(1, 1), 1 / covariance(2, 2), 1 / covariance(3, 3)};
  const auto count = static_cast<double>(seen.size());
  result.confidence = on_shape / count * count / (count + 8);
  result.cuboid.center = guess.center + rotate(guess.rotation, {shift(0), shift(1), shift(2)});
  result.cuboid.rotation = guess.rotation * quat_from_yaw(shift(3));
  return result;
}

}  // namespace sweepmark
