// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/canvas/label_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "geometry/mask_convert.h"

namespace sweepmark::editor {
namespace {

constexpr double most_pixels = 16e6;
constexpr double polygon_opacity = 0.5;

std::uint32_t with_opacity(Rgba colour, double opacity) {
  const auto alpha = static_cast<std::uint32_t>(std::lround(255 * std::clamp(opacity, 0.0, 1.0)));
  return (colour & 0xFFFFFFU) | alpha << 24U;
}

void put(Picture& picture, int x, int y, std::uint32_t colour) {
  const auto at =
      4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x));
  std::memcpy(picture.rgba.data() + at, &colour, sizeof colour);
}

std::uint32_t at(const Picture& picture, int x, int y) {
  std::uint32_t colour = 0;
  const auto place =
      4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x));
  std::memcpy(&colour, picture.rgba.data() + place, sizeof colour);
  return colour;
}

void put_mask(Picture& picture, const Mask& mask, int step, std::uint32_t colour) {
  const std::uint64_t height = mask.height();
  std::uint64_t begin = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs()) {
    for (std::uint64_t from = begin; inside && from < begin + run;) {
      const std::uint64_t column = from / height, end = std::min(begin + run, (column + 1) * height);
      const int x = static_cast<int>(column);
      if (x % step == 0 && x / step < picture.width)
        for (auto y = static_cast<int>(from - column * height); y < static_cast<int>(end - column * height); ++y)
          if (y % step == 0 && y / step < picture.height) put(picture, x / step, y / step, colour);
      from = end;
    }
    begin += run;
    inside = !inside;
  }
}

}  // namespace

void LabelLayer::draw(int image_width, int image_height, std::span<const Area> areas, double opacity) {
  step_ = std::max(
      1, static_cast<int>(std::ceil(std::sqrt(image_width * static_cast<double>(image_height) / most_pixels))));
  base_.width = (image_width + step_ - 1) / step_;
  base_.height = (image_height + step_ - 1) / step_;
  base_.rgba.assign(std::size_t{4} * static_cast<std::size_t>(base_.width) * static_cast<std::size_t>(base_.height), 0);
  has_any_ = false;
  for (const Area& area : areas) {
    const double stronger = area.is_selected ? 1.3 : 1;
    if (area.value->mask) {
      put_mask(base_, *area.value->mask, step_, with_opacity(area.colour, stronger * opacity));
      has_any_ = true;
    } else if (area.value->polygon && sweepmark::area(*area.value->polygon) != 0) {
      const Mask mask = to_mask(*area.value->polygon, static_cast<std::uint32_t>(image_width),
                                static_cast<std::uint32_t>(image_height));
      put_mask(base_, mask, step_, with_opacity(area.colour, stronger * polygon_opacity * opacity));
      has_any_ = true;
    }
  }
  picture_ = base_;
}

PixelRect LabelLayer::draw_painted(const PaintedMask& painted, const PixelRect& part, Rgba colour, double opacity) {
  const PixelRect cells{part.left / step_, part.top / step_, std::min((part.right + step_ - 1) / step_, picture_.width),
                        std::min((part.bottom + step_ - 1) / step_, picture_.height)};
  const std::uint32_t inside = with_opacity(colour, opacity);
  for (int y = cells.top; y < cells.bottom; ++y)
    for (int x = cells.left; x < cells.right; ++x)
      put(picture_, x, y, painted.is_inside(x * step_, y * step_) ? inside : at(base_, x, y));
  has_any_ = true;
  return cells;
}

}  // namespace sweepmark::editor
