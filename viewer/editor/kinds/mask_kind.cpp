// SPDX-License-Identifier: Apache-2.0
//
// Masks: painted by the brush; moved by whole pixels.
#include <algorithm>
#include <cmath>

#include "viewer/editor/kinds/image_kind.h"

namespace sweepmark::editor {
namespace {

bool is_in(const ImageValue& value) { return value.mask.has_value(); }

/// The pixels themselves are drawn as a layer over the image; of the selected mask the extent too.
void draw(const ImageValue& value, const Look& look, ImageDrawing& drawing) {
  if (!look.is_selected && !look.is_hovered) return;
  const auto at = corners(bounds(*value.mask));
  for (std::size_t i = 0; i < 4; ++i)
    drawing.dashed(at[i], at[(i + 1) % 4], look.line_colour(), 1, 4 * look.pixels_per_point);
}

/// Whether a pixel lies in a run: where it would be put between their ends.
bool holds(const Mask& mask, std::uint32_t x, std::uint32_t y) {
  const std::uint64_t at = std::uint64_t{x} * mask.height() + y;
  std::uint64_t end = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs()) {
    end += run;
    if (at < end) return inside;
    inside = !inside;
  }
  return false;
}

std::optional<double> distance(const ImageValue& value, Vec2d pixel) {
  const Mask& mask = *value.mask;
  if (!(pixel.x >= 0 && pixel.y >= 0 && pixel.x < mask.width() && pixel.y < mask.height())) return std::nullopt;
  if (holds(mask, static_cast<std::uint32_t>(pixel.x), static_cast<std::uint32_t>(pixel.y))) return 0;
  return std::nullopt;
}

double size(const ImageValue& value) { return static_cast<double>(area(*value.mask)); }

std::vector<Grip> grips(const ImageValue&, double) { return {}; }
ImageValue drag(const ImageValue& value, const Grip&, Vec2d, bool) { return value; }

ImageValue move(const ImageValue& value, Vec2d by) {
  const Mask& mask = *value.mask;
  const auto dx = static_cast<std::int64_t>(std::lround(by.x)), dy = static_cast<std::int64_t>(std::lround(by.y));
  const auto width = static_cast<std::int64_t>(mask.width()), height = static_cast<std::int64_t>(mask.height());
  ImageValue result = value;
  MaskBuilder builder(mask.width(), mask.height());
  std::int64_t at = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs()) {
    // A run goes down the columns: each column of it is cut to the image by itself.
    for (std::int64_t from = at; inside && from < at + run;) {
      const std::int64_t column = from / height, end = std::min(at + run, (column + 1) * height);
      const std::int64_t top = std::clamp<std::int64_t>(from - column * height + dy, 0, height);
      const std::int64_t bottom = std::clamp<std::int64_t>(end - column * height + dy, 0, height);
      if (column + dx >= 0 && column + dx < width && bottom > top)
        builder.add(static_cast<std::uint64_t>((column + dx) * height + top),
                    static_cast<std::uint64_t>((column + dx) * height + bottom));
      from = end;
    }
    at += run;
    inside = !inside;
  }
  result.mask = std::move(builder).take();
  return result;
}

}  // namespace

constexpr ImageKind mask_kind{"mask", is_in, draw, distance, size, grips, drag, move};

}  // namespace sweepmark::editor
