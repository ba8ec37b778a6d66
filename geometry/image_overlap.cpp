// SPDX-License-Identifier: Apache-2.0
#include "geometry/image_overlap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

/// In pixels of their own, from the corner of the box around both; coarser where that is larger than any image.
double polygon_overlap(const Polygon& a, const Polygon& b) {
  if (a == b) return 1;
  const ImageBox one = bounds(a), two = bounds(b);
  if (area(a) == 0 && area(b) == 0) return iou(one, two);
  const double left = std::floor(std::min(one.left, two.left)), top = std::floor(std::min(one.top, two.top)),
               wide = std::max(one.right, two.right) - left, high = std::max(one.bottom, two.bottom) - top;
  constexpr double largest = 8192;
  const double scale = std::min(1.0, largest / std::max({wide, high, 1.0}));
  const auto side = [&](double extent) { return static_cast<std::uint32_t>(std::ceil(scale * extent)) + 1; };
  const auto drawn = [&](Polygon polygon) {
    for (Ring& ring : polygon.rings) {
      for (Vec2d& v : ring.vertices) v = {scale * (v.x - left), scale * (v.y - top)};
    }
    return to_mask(polygon, side(wide), side(high));
  };
  return iou(drawn(a), drawn(b));
}

double skeleton_overlap(const Skeleton& a, const Skeleton& b) {
  ImageBox around{1e300, 1e300, -1e300, -1e300, 0};
  for (const Keypoint& point : a.points) {
    if (point.visibility == Visibility::absent) continue;
    around.left = std::min(around.left, point.position.x), around.right = std::max(around.right, point.position.x);
    around.top = std::min(around.top, point.position.y), around.bottom = std::max(around.bottom, point.position.y);
  }
  const double size2 = (around.right - around.left) * (around.bottom - around.top);
  constexpr double falloff = 0.05;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    if (a.points[i].visibility == Visibility::absent) continue;
    ++count;
    if (i >= b.points.size() || b.points[i].visibility == Visibility::absent) continue;
    const double dx = a.points[i].position.x - b.points[i].position.x,
                 dy = a.points[i].position.y - b.points[i].position.y, d2 = dx * dx + dy * dy;
    sum += d2 == 0 ? 1 : std::exp(-d2 / (2 * std::max(size2, 1.0) * 4 * falloff * falloff));
  }
  return count == 0 ? 1 : sum / static_cast<double>(count);
}

}  // namespace

double overlap(const ImageValue& truth, const ImageValue& other) {
  double least = 1;
  const auto take = [&](const auto& a, const auto& b, auto&& measure) {
    if (a) least = std::min(least, b ? measure(*a, *b) : 0.0);
  };
  take(truth.box, other.box, [](const ImageBox& a, const ImageBox& b) { return a == b ? 1.0 : iou(a, b); });
  take(truth.polygon, other.polygon, polygon_overlap);
  take(truth.mask, other.mask, [](const Mask& a, const Mask& b) { return a == b ? 1.0 : iou(a, b); });
  take(truth.skeleton, other.skeleton, skeleton_overlap);
  return least;
}

}  // namespace sweepmark
