// SPDX-License-Identifier: Apache-2.0
//
// Image coordinates of labels: pixels, x to the right, y down; the pixel in column c and row r covers [c, c + 1) x
// [r, r + 1), so the image's top left corner is (0, 0) and the centre of its first pixel is (0.5, 0.5).
#pragma once

#include <array>

#include "geometry/vec2.h"

namespace sweepmark {

/// A rectangle in an image, by its edges before it is turned. `right >= left`, `bottom >= top`; may reach out of the
/// image.
struct ImageBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  double rotation = 0;  ///< radians about its centre, clockwise as one looks at the image

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double area() const { return width() * height(); }
  Vec2d center() const { return {left + width() / 2, top + height() / 2}; }
  friend bool operator==(const ImageBox&, const ImageBox&) = default;
};

/// Its four corners: top left, top right, bottom right, bottom left before it is turned.
std::array<Vec2d, 4> corners(const ImageBox& box);

/// Intersection over union, rotations included; 0 when the union has no area.
double iou(const ImageBox& a, const ImageBox& b);

}  // namespace sweepmark
