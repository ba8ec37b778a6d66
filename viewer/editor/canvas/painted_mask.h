// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/mask.h"

namespace sweepmark::editor {

/// Part of an image, in whole pixels; right and bottom are not included.
struct PixelRect {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool is_empty() const { return right <= left || bottom <= top; }
  void add(const PixelRect& other) {
    if (other.is_empty()) return;
    *this = is_empty() ? other
                       : PixelRect{std::min(left, other.left), std::min(top, other.top), std::max(right, other.right),
                                   std::max(bottom, other.bottom)};
  }
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

/// A mask while it is painted: a byte for each pixel, so that a stroke costs what it covers and not the whole mask.
class PaintedMask {
 public:
  explicit PaintedMask(const Mask& start);

  int width() const { return width_; }
  int height() const { return height_; }
  std::span<const std::uint8_t> pixels() const { return pixels_; }  ///< row by row; 1 is inside
  bool is_inside(int x, int y) const {
    return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)] != 0;
  }

  /// All pixels whose centres are within `radius` of the segment. \return the part that may have changed.
  /// Cost: O(pixels of the part around the segment).
  PixelRect paint(double x0, double y0, double x1, double y1, double radius, bool inside);
  Mask mask() const;  ///< Cost: O(pixels of the image)

 private:
  int width_, height_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace sweepmark::editor
