// SPDX-License-Identifier: Apache-2.0
#include "geometry/image_box.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sweepmark {
namespace {

double cross(Vec2d o, Vec2d a, Vec2d b) { return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x); }

/// Area of the part of one convex polygon that lies in another (Sutherland and Hodgman, 1974).
double overlap_of_convex(const std::array<Vec2d, 4>& a, const std::array<Vec2d, 4>& b) {
  std::vector<Vec2d> part(a.begin(), a.end());
  for (std::size_t i = 0; i < b.size(); ++i) {
    const Vec2d from = b[i], to = b[(i + 1) % b.size()];
    std::vector<Vec2d> kept;
    for (std::size_t k = 0; k < part.size(); ++k) {
      const Vec2d p = part[k], q = part[(k + 1) % part.size()];
      const double side_p = cross(from, to, p), side_q = cross(from, to, q);
      if (side_p >= 0) kept.push_back(p);
      if ((side_p > 0 && side_q < 0) || (side_p < 0 && side_q > 0)) {
        const double t = side_p / (side_p - side_q);
        kept.push_back({p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)});
      }
    }
    part = std::move(kept);
  }
  double twice = 0;
  for (std::size_t k = 0; k < part.size(); ++k) {
    const Vec2d p = part[k], q = part[(k + 1) % part.size()];
    twice += p.x * q.y - p.y * q.x;
  }
  return std::abs(twice) / 2;
}

}  // namespace

std::array<Vec2d, 4> corners(const ImageBox& box) {
  std::array<Vec2d, 4> out = {
      Vec2d{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}};
  if (box.rotation == 0) return out;
  const double c = std::cos(box.rotation), s = std::sin(box.rotation);
  const Vec2d middle = box.center();
  for (Vec2d& p : out) {
    const double x = p.x - middle.x, y = p.y - middle.y;
    p = {middle.x + c * x - s * y, middle.y + s * x + c * y};
  }
  return out;
}

double iou(const ImageBox& a, const ImageBox& b) {
  double both = 0;
  if (a.rotation == 0 && b.rotation == 0) {
    both = std::max(0.0, std::min(a.right, b.right) - std::max(a.left, b.left)) *
           std::max(0.0, std::min(a.bottom, b.bottom) - std::max(a.top, b.top));
  } else {
    both = overlap_of_convex(corners(a), corners(b));
  }
  const double either = a.area() + b.area() - both;
  return either > 0 ? std::min(1.0, both / either) : 0;
}

}  // namespace sweepmark
