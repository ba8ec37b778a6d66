// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/region_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "geometry/mask_convert.h"
#include "geometry/segment/mask_cleanup.h"
#include "geometry/segment/polygon_clip.h"

namespace sweepmark::editor {
namespace {

constexpr std::uint64_t speck_pixels = 50;
constexpr double smoothing_pixels = 2, simplify_pixels = 1;

std::uint32_t width_of(const ImageCanvas& canvas) { return static_cast<std::uint32_t>(canvas.width); }
std::uint32_t height_of(const ImageCanvas& canvas) { return static_cast<std::uint32_t>(canvas.height); }

bool has_lines(const Polygon& polygon) {
  return std::ranges::any_of(polygon.rings, [](const Ring& ring) { return ring.kind == RingKind::line; });
}

void set_polygon(ImageValue& value, Polygon polygon) {
  if (value.box && value.box->rotation == 0 && !polygon.rings.empty()) value.box = bounds(polygon);
  value.polygon = std::move(polygon);
  if (value.polygon->rings.empty()) value.polygon.reset();
}

template <class OfOutline, class OfMask>
Result<ImageValue> changed(const ImageValue& value, const ImageCanvas& canvas, const OfOutline& of_outline,
                           const OfMask& of_mask) {
  ImageValue result = value;
  if (value.mask) {
    auto mask = region_mask(value, canvas);
    if (!mask) return mask.error();
    set_mask(result, of_mask(*mask));
  } else {
    set_polygon(result, of_outline(value.polygon.value_or(Polygon{})));
  }
  return result;
}

template <Mask (*change)(const Mask&)>
ImageValue with_mask(const ImageValue& value) {
  ImageValue result = value;
  set_mask(result, change(*value.mask));
  return result;
}

template <Polygon (*change)(const Polygon&)>
ImageValue with_outline(const ImageValue& value) {
  ImageValue result = value;
  set_polygon(result, change(*value.polygon));
  return result;
}

Polygon without_holes(const Polygon& polygon) {
  // The union of its areas: an island in a hole is in the area around the hole.
  Polygon areas = polygon;
  std::erase_if(areas.rings, [](const Ring& ring) { return ring.kind == RingKind::hole; });
  return union_of(areas, {});
}

Polygon without_small_rings(const Polygon& polygon) {
  Polygon result = union_of(polygon, {});
  double largest = 0;
  for (const Ring& ring : result.rings) largest = std::max(largest, std::abs(signed_area(ring)));
  std::erase_if(result.rings, [&](const Ring& ring) {
    const double size = std::abs(signed_area(ring));
    return ring.kind != RingKind::line && size < static_cast<double>(speck_pixels) && size < largest;
  });
  return result;
}

constexpr std::array actions{
    RegionAction{"Fill holes", "What the region encloses belongs to it",
                 with_mask<[](const Mask& m) { return with_holes_filled(m); }>, with_outline<without_holes>},
    RegionAction{
        "Remove specks", "Pieces and holes of fewer than 50 pixels go; the largest piece stays",
        with_mask<[](const Mask& m) { return with_holes_filled(without_specks(m, speck_pixels), speck_pixels - 1); }>,
        with_outline<without_small_rings>},
    RegionAction{"Grow", "By a pixel on all sides", with_mask<[](const Mask& m) { return grown(m, 1); }>,
                 with_outline<[](const Polygon& p) { return grown(p, 1); }>},
    RegionAction{"Shrink", "By a pixel on all sides", with_mask<[](const Mask& m) { return grown(m, -1); }>,
                 with_outline<[](const Polygon& p) { return grown(p, -1); }>},
    RegionAction{"Smooth", "What is finer than about two pixels is smoothed away; for masks",
                 with_mask<[](const Mask& m) { return smoothed(m, smoothing_pixels); }>, nullptr},
    RegionAction{"Simplify", "Fewer vertices: none that is left out was farther than a pixel from the outline", nullptr,
                 with_outline<[](const Polygon& p) { return simplified(p, simplify_pixels); }>},
};

}  // namespace

bool has_region(const ImageValue& value) { return value.mask || (value.polygon && area(*value.polygon) != 0); }

Result<Mask> region_mask(const ImageValue& value, const ImageCanvas& canvas) {
  if (!value.mask)
    return value.polygon ? to_mask(*value.polygon, width_of(canvas), height_of(canvas))
                         : Mask(width_of(canvas), height_of(canvas));
  if (value.mask->width() != width_of(canvas) || value.mask->height() != height_of(canvas))
    return Error{fmt::format("The mask is of an image of {} x {} pixels, this one has {} x {}", value.mask->width(),
                             value.mask->height(), width_of(canvas), height_of(canvas))};
  return *value.mask;
}

void set_mask(ImageValue& value, Mask mask) {
  if (value.polygon) {
    std::erase_if(value.polygon->rings, [](const Ring& ring) { return ring.kind != RingKind::line; });
    if (value.polygon->rings.empty()) value.polygon.reset();
  }
  value.mask.reset();
  if (mask.is_empty()) return;
  if (value.box && value.box->rotation == 0) value.box = bounds(mask);
  value.mask = std::move(mask);
}

Result<ImageValue> with_added(const ImageValue& value, const Polygon& outline, const ImageCanvas& canvas) {
  return changed(
      value, canvas, [&](const Polygon& polygon) { return union_of(polygon, outline); },
      [&](const Mask& mask) { return union_of(mask, to_mask(outline, mask.width(), mask.height())); });
}

Result<ImageValue> with_removed(const ImageValue& value, const Polygon& outline, const ImageCanvas& canvas) {
  return changed(
      value, canvas, [&](const Polygon& polygon) { return difference(polygon, outline); },
      [&](const Mask& mask) { return difference(mask, to_mask(outline, mask.width(), mask.height())); });
}

Result<ImageValue> without_region(const ImageValue& value, const ImageValue& other, const ImageCanvas& canvas) {
  const auto mask = region_mask(other, canvas);
  if (!mask) return mask.error();
  return changed(
      value, canvas,
      [&](const Polygon& polygon) { return difference(polygon, other.mask ? to_polygon(*mask) : *other.polygon); },
      [&](const Mask& of_value) { return difference(of_value, *mask); });
}

Result<std::pair<ImageValue, ImageValue>> cut(const ImageValue& value, std::span<const Vec2d> line,
                                              const ImageCanvas& canvas) {
  ImageValue first = value, second;
  if (value.mask) {
    const auto mask = region_mask(value, canvas);
    if (!mask) return mask.error();
    const Mask side = to_mask(side_of_line(line, {0, 0, canvas.width, canvas.height}), mask->width(), mask->height());
    Mask right = intersection(*mask, side), left = difference(*mask, side);
    if (area(right) > area(left)) std::swap(left, right);
    set_mask(first, std::move(left));
    set_mask(second, std::move(right));
  } else {
    auto [right, left] = sweepmark::cut(*value.polygon, line);
    if (area(right) > area(left)) std::swap(left, right);
    std::ranges::copy_if(value.polygon->rings, std::back_inserter(left.rings),
                         [](const Ring& ring) { return ring.kind == RingKind::line; });
    set_polygon(first, std::move(left));
    set_polygon(second, std::move(right));
  }
  return std::pair(std::move(first), std::move(second));
}

Result<ImageValue> joined(const ImageValue& a, const ImageValue& b, const ImageCanvas& canvas) {
  ImageValue result = a;
  if (!a.skeleton) result.skeleton = b.skeleton;
  if (a.mask || b.mask) {
    const auto of_a = region_mask(a, canvas);
    if (!of_a) return of_a.error();
    const auto of_b = region_mask(b, canvas);
    if (!of_b) return of_b.error();
    set_mask(result, union_of(*of_a, *of_b));
    if (b.polygon && has_lines(*b.polygon)) return Error{"A line has no inside: it cannot become a part of a mask"};
  } else if (a.polygon || b.polygon) {
    Polygon both = union_of(a.polygon.value_or(Polygon{}), b.polygon.value_or(Polygon{}));
    if (b.polygon)
      std::ranges::copy_if(b.polygon->rings, std::back_inserter(both.rings),
                           [](const Ring& ring) { return ring.kind == RingKind::line; });
    set_polygon(result, std::move(both));
  }
  if (a.box || b.box) {
    Polygon around{{{{}, RingKind::line}}};
    for (const ImageBox& box : {bounds(a), bounds(b)})
      for (const Vec2d corner : corners(box)) around.rings[0].vertices.push_back(corner);
    result.box = bounds(around);
  }
  return result;
}

std::span<const RegionAction> region_actions() { return actions; }

}  // namespace sweepmark::editor
