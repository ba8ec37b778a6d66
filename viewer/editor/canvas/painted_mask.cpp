// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/canvas/painted_mask.h"

#include <cmath>

#include "geometry/line_segment.h"
#include "geometry/mask_convert.h"

namespace sweepmark::editor {

PaintedMask::PaintedMask(const Mask& start)
    : width_(static_cast<int>(start.width())), height_(static_cast<int>(start.height())), pixels_(to_bitmap(start)) {}

PixelRect PaintedMask::paint(double x0, double y0, double x1, double y1, double radius, bool inside) {
  const auto low = [&](double v, int size) { return std::clamp(static_cast<int>(std::floor(v - radius)), 0, size); };
  const auto high = [&](double v, int size) { return std::clamp(static_cast<int>(std::ceil(v + radius)), 0, size); };
  const PixelRect around{low(std::min(x0, x1), width_), low(std::min(y0, y1), height_), high(std::max(x0, x1), width_),
                         high(std::max(y0, y1), height_)};
  const double reach = radius * radius;
  for (int y = around.top; y < around.bottom; ++y) {
    std::uint8_t* row = pixels_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
    for (int x = around.left; x < around.right; ++x) {
      const Vec2d offset = offset_from_segment({x + 0.5, y + 0.5}, {x0, y0}, {x1, y1});
      if (offset.x * offset.x + offset.y * offset.y <= reach) row[x] = inside ? 1 : 0;
    }
  }
  return around;
}

Mask PaintedMask::mask() const {
  return from_bitmap(static_cast<std::uint32_t>(width_), static_cast<std::uint32_t>(height_), pixels_);
}

}  // namespace sweepmark::editor
