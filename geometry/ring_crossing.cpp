// SPDX-License-Identifier: Apache-2.0
#include "geometry/ring_crossing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <vector>

namespace sweepmark {
namespace {

constexpr double same_place = 1e-6;
constexpr double same_direction = 1e-9;

double distance(Vec2d a, Vec2d b) { return std::hypot(b.x - a.x, b.y - a.y); }

/// Of `p` from the line through `a` and `b`, positive on its right as one looks at the image. \pre a and b differ
double side(Vec2d a, Vec2d b, Vec2d p) {
  return ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / distance(a, b);
}

bool lies_on(Vec2d p, Vec2d a, Vec2d b) {
  if (std::abs(side(a, b, p)) > same_place) return false;
  const double along = ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / distance(a, b);
  return along >= -same_place && along <= distance(a, b) + same_place;
}

std::vector<Vec2d> without_repetitions(const std::vector<Vec2d>& vertices) {
  std::vector<Vec2d> out;
  for (const Vec2d& v : vertices) {
    if (out.empty() || distance(out.back(), v) > same_place) out.push_back(v);
  }
  while (out.size() > 1 && distance(out.front(), out.back()) <= same_place) out.pop_back();
  return out;
}

/// Whether the way from `in` through `at` to `out` passes to the other side of the way from `from` through `at` to
/// `to`.
bool passes_through(Vec2d in, Vec2d at, Vec2d out, Vec2d from, Vec2d to) {
  constexpr double turn = 2 * std::numbers::pi;
  const double base = std::atan2(to.y - at.y, to.x - at.x);
  const auto angle = [&](Vec2d p) {
    const double a = std::fmod(std::atan2(p.y - at.y, p.x - at.x) - base, turn);
    return a < 0 ? a + turn : a;
  };
  const double other = angle(from), a = angle(in), b = angle(out);
  for (const double way : {a, b}) {
    const bool runs_along =
        std::abs(way - other) < same_direction || way < same_direction || turn - way < same_direction;
    if (runs_along) return false;
  }
  return (a < other) != (b < other);
}

class Crossings {
 public:
  explicit Crossings(std::vector<Vec2d> vertices) : v_(std::move(vertices)) {}

  std::optional<Vec2d> find() const {
    const std::size_t n = v_.size();
    if (n < 4) return std::nullopt;
    const auto axis = axis_of_short_edges();
    const auto low = [&](std::size_t e) { return std::min(v_[e].*axis, next(e).*axis); };
    const auto high = [&](std::size_t e) { return std::max(v_[e].*axis, next(e).*axis); };
    std::vector<std::size_t> edges(n);
    std::iota(edges.begin(), edges.end(), std::size_t{0});
    std::ranges::sort(edges, [&](std::size_t a, std::size_t b) {
      const double x = low(a), y = low(b);
      return x < y || (x == y && a < b);
    });
    for (std::size_t i = 0; i < n; ++i) {
      const double end = high(edges[i]) + same_place;
      for (std::size_t k = i + 1; k < n && low(edges[k]) <= end; ++k) {
        if (const auto place = crossing_of(std::min(edges[i], edges[k]), std::max(edges[i], edges[k]))) return place;
      }
    }
    return std::nullopt;
  }

 private:
  Vec2d next(std::size_t i) const { return v_[i + 1 == v_.size() ? 0 : i + 1]; }
  Vec2d before(std::size_t i) const { return v_[i == 0 ? v_.size() - 1 : i - 1]; }

  /// The one along which fewer edges lie beside each other.
  double Vec2d::*axis_of_short_edges() const {
    double x = 0, y = 0;
    auto least = v_.front(), most = v_.front();
    for (std::size_t i = 0; i < v_.size(); ++i) {
      x += std::abs(next(i).x - v_[i].x);
      y += std::abs(next(i).y - v_[i].y);
      least = {std::min(least.x, v_[i].x), std::min(least.y, v_[i].y)};
      most = {std::max(most.x, v_[i].x), std::max(most.y, v_[i].y)};
    }
    return x * (most.y - least.y) <= y * (most.x - least.x) ? &Vec2d::x : &Vec2d::y;
  }

  /// \pre e < f
  std::optional<Vec2d> crossing_of(std::size_t e, std::size_t f) const {
    if (f == e + 1 || (e == 0 && f + 1 == v_.size())) return std::nullopt;
    const Vec2d a = v_[e], b = next(e), c = v_[f], d = next(f);
    const auto apart = [](double a1, double a2, double b1, double b2) {
      return std::max(a1, a2) + same_place < std::min(b1, b2) || std::max(b1, b2) + same_place < std::min(a1, a2);
    };
    if (apart(a.x, b.x, c.x, d.x) || apart(a.y, b.y, c.y, d.y)) return std::nullopt;
    const double side_c = side(a, b, c), side_d = side(a, b, d), side_a = side(c, d, a), side_b = side(c, d, b);
    const auto is_clear = [](double s) { return std::abs(s) > same_place; };
    if (is_clear(side_a) && is_clear(side_b) && is_clear(side_c) && is_clear(side_d)) {
      if ((side_a > 0) == (side_b > 0) || (side_c > 0) == (side_d > 0)) return std::nullopt;
      const double t = side_c / (side_c - side_d);
      return Vec2d{c.x + t * (d.x - c.x), c.y + t * (d.y - c.y)};
    }
    if (starts_through(f, e)) return c;
    if (distance(a, c) > same_place && starts_through(e, f)) return a;
    return std::nullopt;
  }

  /// Whether the ring passes through edge `of` where edge `from` starts. The end of `of` is the start of the next one.
  bool starts_through(std::size_t from, std::size_t of) const {
    const Vec2d at = v_[from], a = v_[of], b = next(of);
    if (!lies_on(at, a, b) || distance(at, b) <= same_place) return false;
    const Vec2d other_before = distance(at, a) <= same_place ? before(of) : a;
    return passes_through(before(from), at, next(from), other_before, b);
  }

  std::vector<Vec2d> v_;
};

}  // namespace

std::optional<Vec2d> self_crossing(const Ring& ring) { return Crossings(without_repetitions(ring.vertices)).find(); }

}  // namespace sweepmark
