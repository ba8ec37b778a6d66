// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/region_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "geometry/mask_convert.h"
#include "geometry/ring_crossing.h"
#include "geometry/segment/mask_cleanup.h"
#include "geometry/segment/polygon_clip.h"

namespace sweepmark::editor {
namespace {

constexpr std::uint64_t speck_pixels = 50;
constexpr double smoothing_pixels = 2, simplify_pixels = 1;

std::uint32_t width_of(const ImageCanvas& canvas) { return static_cast<std::uint32_t>(canvas.width); }
std::uint32_t height_of(const ImageCanvas& canvas) { return static_cast<std::uint32_t>(canvas.height); }

/// Whether a box that is not turned is that of the region, within a pixel: then it goes with it. Any other box says
/// more than the region does: what is hidden, or all of the object of which the region is a part.
bool box_follows(const ImageValue& value) {
  if (!value.box || value.box->rotation != 0 || !has_region(value)) return false;
  const ImageBox of = value.mask ? bounds(*value.mask) : bounds(*value.polygon);
  const auto near = [](double a, double b) { return std::abs(a - b) <= 1; };
  return near(of.left, value.box->left) && near(of.right, value.box->right) && near(of.top, value.box->top) &&
         near(of.bottom, value.box->bottom);
}

/// The same vertices in the same order, wherever a ring begins and whichever way it runs.
bool is_same_ring(const Ring& a, const Ring& b) {
  if (a.kind != b.kind || a.vertices.size() != b.vertices.size()) return false;
  if (a.kind == RingKind::line || a.vertices.empty()) return a == b;
  const auto from_least = [](std::vector<Vec2d> v) {
    const auto least = std::ranges::min_element(v, [](Vec2d p, Vec2d q) { return p.x != q.x ? p.x < q.x : p.y < q.y; });
    std::ranges::rotate(v, least);
    return v;
  };
  std::vector<Vec2d> first = from_least(a.vertices);
  const std::vector<Vec2d> second = from_least(b.vertices);
  if (first == second) return true;
  std::reverse(first.begin() + 1, first.end());
  return first == second;
}

bool is_same_outline(const Polygon& a, const Polygon& b) { return std::ranges::equal(a.rings, b.rings, is_same_ring); }

void set_polygon(ImageValue& value, Polygon polygon) {
  // What has not changed keeps its vertices where they were.
  if (value.polygon && is_same_outline(*value.polygon, polygon)) return;
  const bool follows = box_follows(value);
  value.polygon = std::move(polygon);
  if (value.polygon->rings.empty()) value.polygon.reset();
  if (follows && value.polygon) value.box = bounds(*value.polygon);
}

/// Farther away, coordinates cannot be clipped.
Result<void> check_within_reach(const ImageValue& value) {
  constexpr double most_pixels = 1 << 24;
  if (!value.polygon) return {};
  for (const Ring& ring : value.polygon->rings)
    for (const Vec2d v : ring.vertices)
      if (!(std::abs(v.x) < most_pixels && std::abs(v.y) < most_pixels))
        return Error{fmt::format("expected vertices within {:.0f} pixels, got {}, {}", most_pixels, v.x, v.y)};
  return {};
}

template <class OfOutline, class OfMask>
Result<ImageValue> changed(const ImageValue& value, const ImageCanvas& canvas, const OfOutline& of_outline,
                           const OfMask& of_mask) {
  if (auto valid = check_within_reach(value); !valid) return valid.error();
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

/// The first one's, turned or not, where it holds the other; else the upright one around both.
ImageBox box_around(const ImageValue& a, const ImageValue& b) {
  Polygon around{{{{}, RingKind::line}}};
  for (const ImageValue* value : {&a, &b}) {
    const ImageBox box = bounds(*value);
    if (!(box.width() > 0 && box.height() > 0)) continue;  // joints that are all absent have no place
    for (const Vec2d corner : corners(box)) around.rings[0].vertices.push_back(corner);
  }
  if (!a.box) return bounds(around);
  const ImageBox& own = *a.box;
  const Vec2d center = own.center();
  const bool holds_all = std::ranges::all_of(around.rings[0].vertices, [&](Vec2d v) {
    const double c = std::cos(own.rotation), s = std::sin(own.rotation), dx = v.x - center.x, dy = v.y - center.y;
    constexpr double rounding = 1e-9;
    return std::abs(c * dx + s * dy) <= own.width() / 2 + rounding &&
           std::abs(c * dy - s * dx) <= own.height() / 2 + rounding;
  });
  return holds_all ? own : bounds(around);
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
  // Together first: areas that touch may enclose a hole that none of them has. Then an island in a hole is in the area
  // around that hole.
  Polygon areas = union_of(polygon, {});
  if (std::erase_if(areas.rings, [](const Ring& ring) { return ring.kind == RingKind::hole; }) == 0) return polygon;
  return union_of(areas, {});
}

Polygon without_small_rings(const Polygon& polygon) {
  Polygon result = union_of(polygon, {});
  double largest = 0;
  for (const Ring& ring : result.rings)
    if (ring.kind == RingKind::area) largest = std::max(largest, std::abs(signed_area(ring)));
  const auto is_small = [&](const Ring& ring) {
    const double size = std::abs(signed_area(ring));
    return ring.kind != RingKind::line && size < static_cast<double>(speck_pixels) && size < largest;
  };
  return std::erase_if(result.rings, is_small) == 0 ? polygon : result;
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
  const bool follows = box_follows(value);
  if (value.polygon) {
    std::erase_if(value.polygon->rings, [](const Ring& ring) { return ring.kind != RingKind::line; });
    if (value.polygon->rings.empty()) value.polygon.reset();
  }
  value.mask.reset();
  if (mask.is_empty()) return;
  if (follows) value.box = bounds(mask);
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

Result<ImageValue> without_regions(const ImageValue& value, std::span<const ImageValue* const> others,
                                   const ImageCanvas& canvas) {
  for (const ImageValue* other : others)
    if (auto valid = check_within_reach(*other); !valid) return valid.error();
  Mask masks(width_of(canvas), height_of(canvas));
  std::vector<Polygon> outlines;
  for (const ImageValue* other : others) {
    if (!other->mask && !value.mask) {
      outlines.push_back(*other->polygon);
      continue;
    }
    const auto mask = region_mask(*other, canvas);
    if (!mask) return mask.error();
    masks = union_of(masks, *mask);
  }
  if (!masks.is_empty() && !value.mask) outlines.push_back(to_polygon(masks));
  return changed(
      value, canvas, [&](const Polygon& polygon) { return difference(polygon, union_of_all(outlines)); },
      [&](const Mask& of_value) { return difference(of_value, masks); });
}

Result<std::pair<ImageValue, ImageValue>> cut(const ImageValue& value, std::span<const Vec2d> line,
                                              const ImageCanvas& canvas) {
  if (auto valid = check_within_reach(value); !valid) return valid.error();
  const Polygon side =
      side_of_line(line, value.mask ? ImageBox{0, 0, canvas.width, canvas.height} : bounds(*value.polygon));
  if (self_crossing(side.rings.front())) return Error{"The line crosses itself, or would where it goes on straight"};
  ImageValue first = value, second;
  if (value.mask) {
    const auto mask = region_mask(value, canvas);
    if (!mask) return mask.error();
    const Mask side_pixels = to_mask(side, mask->width(), mask->height());
    Mask right = intersection(*mask, side_pixels), left = difference(*mask, side_pixels);
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
  if (box_follows(value) && has_region(second))
    second.box = second.mask ? bounds(*second.mask) : bounds(*second.polygon);
  return std::pair(std::move(first), std::move(second));
}

Result<ImageValue> joined(const ImageValue& a, const ImageValue& b, const ImageCanvas& canvas) {
  for (const ImageValue* value : {&a, &b})
    if (auto valid = check_within_reach(*value); !valid) return valid.error();
  ImageValue result = a;
  if (!a.skeleton) result.skeleton = b.skeleton;
  std::vector<Ring> lines_of_b;
  if (b.polygon)
    std::ranges::copy_if(b.polygon->rings, std::back_inserter(lines_of_b),
                         [](const Ring& ring) { return ring.kind == RingKind::line; });
  if (a.mask || b.mask) {
    const auto of_a = region_mask(a, canvas);
    if (!of_a) return of_a.error();
    const auto of_b = region_mask(b, canvas);
    if (!of_b) return of_b.error();
    set_mask(result, union_of(*of_a, *of_b));
  } else if (a.polygon || b.polygon) {
    set_polygon(result, union_of(a.polygon.value_or(Polygon{}), b.polygon.value_or(Polygon{})));
  }
  if (!lines_of_b.empty()) {
    if (!result.polygon) result.polygon.emplace();
    result.polygon->rings.insert(result.polygon->rings.end(), lines_of_b.begin(), lines_of_b.end());
  }
  if (a.box || b.box) result.box = box_around(a, b);
  return result;
}

Result<ImageValue> changed_by(const RegionAction& action, const ImageValue& value) {
  if (auto valid = check_within_reach(value); !valid) return valid.error();
  const auto change = value.mask ? action.of_mask : action.of_outline;
  if (change == nullptr) return Error{fmt::format("{} is for {}", action.name, value.mask ? "outlines" : "masks")};
  return change(value);
}

std::span<const RegionAction> region_actions() { return actions; }

}  // namespace sweepmark::editor
