// SPDX-License-Identifier: Apache-2.0
//
// Polygons and lines: vertices are dragged; dragging the middle of an edge makes a vertex there.
#include <algorithm>
#include <cmath>
#include <limits>

#include "geometry/line_segment.h"
#include "viewer/editor/kinds/image_kind.h"

namespace sweepmark::editor {
namespace {

/// Closer edges have no middle to drag: their vertices could not be told from it.
constexpr double least_edge_points = 26;
/// Without being selected, outlines of more vertices show none.
constexpr std::size_t most_vertices_shown = 400;

bool is_inside(const Ring& ring, Vec2d p) {
  bool inside = false;
  const auto& v = ring.vertices;
  for (std::size_t i = 0, j = v.size() - 1; i < v.size(); j = i++)
    if ((v[i].y > p.y) != (v[j].y > p.y) && p.x < (v[j].x - v[i].x) * (p.y - v[i].y) / (v[j].y - v[i].y) + v[i].x)
      inside = !inside;
  return inside;
}

bool is_in(const ImageValue& value) { return value.polygon.has_value(); }

/// Without the vertices that the view cannot tell from the line between those around: thousands of outlines are drawn
/// at once. Each edge goes as far as the vertices that it leaves out are near it.
std::vector<Vec2d> as_seen(const std::vector<Vec2d>& vertices, double pixels_per_point) {
  constexpr double told_apart = 0.5;  // points
  const double near = told_apart * pixels_per_point;
  std::vector<Vec2d> kept;
  for (std::size_t from = 0; from < vertices.size();) {
    kept.push_back(vertices[from]);
    std::size_t to = from + 1;
    const auto all_near = [&](std::size_t end) {
      for (std::size_t i = from + 1; i < end; ++i)
        if (distance_to_segment(vertices[i], vertices[from], vertices[end]) > near) return false;
      return true;
    };
    while (to + 1 < vertices.size() && all_near(to + 1)) ++to;
    from = to;
  }
  return kept;
}

void draw(const ImageValue& value, const Look& look, ImageDrawing& drawing) {
  for (const Ring& ring : value.polygon->rings)
    drawing.outline(look.is_selected ? ring.vertices : as_seen(ring.vertices, look.pixels_per_point),
                    ring.kind != RingKind::line, look.line_colour(), look.line_width());
  if (!look.is_selected) return;
  for (const Grip& grip : polygon_kind.grips(value, look.pixels_per_point)) {
    const bool is_vertex = grip.shape == Grip::Shape::vertex;
    drawing.markers.push_back(
        {grip.at, is_vertex ? ImageDrawing::Mark::square : ImageDrawing::Mark::ring, rgba(255, 255, 255), 3.5F});
  }
}

std::optional<double> distance(const ImageValue& value, Vec2d pixel) {
  double nearest = std::numeric_limits<double>::infinity();
  bool inside = false;
  for (const Ring& ring : value.polygon->rings) {
    const auto& v = ring.vertices;
    if (v.empty()) continue;
    const bool closed = ring.kind != RingKind::line;
    for (std::size_t i = 0; i + (closed ? 0 : 1) < v.size(); ++i)
      nearest = std::min(nearest, distance_to_segment(pixel, v[i], v[(i + 1) % v.size()]));
    if (closed && is_inside(ring, pixel)) inside = ring.kind == RingKind::area;
  }
  if (inside) return 0;
  return std::isfinite(nearest) ? std::optional(nearest) : std::nullopt;
}

double size(const ImageValue& value) { return std::abs(area(*value.polygon)); }

std::vector<Grip> grips(const ImageValue& value, double pixels_per_point) {
  std::vector<Grip> all;
  for (std::size_t r = 0; r < value.polygon->rings.size(); ++r) {
    const Ring& ring = value.polygon->rings[r];
    const auto& v = ring.vertices;
    for (std::size_t i = 0; i < v.size(); ++i) {
      all.push_back({v[i], Grip::Shape::vertex, r, i});
      if (i + 1 == v.size() && ring.kind == RingKind::line) continue;
      const Vec2d next = v[(i + 1) % v.size()];
      const bool is_long = std::hypot(next.x - v[i].x, next.y - v[i].y) > least_edge_points * pixels_per_point;
      if (is_long && v.size() <= most_vertices_shown)
        all.push_back({{(v[i].x + next.x) / 2, (v[i].y + next.y) / 2}, Grip::Shape::middle, r, i});
    }
  }
  return all;
}

ImageValue drag(const ImageValue& value, const Grip& grip, Vec2d to, bool) {
  ImageValue result = value;
  auto& vertices = result.polygon->rings[grip.ring].vertices;
  if (grip.shape == Grip::Shape::middle) {
    vertices.insert(vertices.begin() + static_cast<std::ptrdiff_t>(grip.index) + 1, to);
  } else {
    vertices[grip.index] = to;
  }
  return result;
}

ImageValue move(const ImageValue& value, Vec2d by) {
  ImageValue result = value;
  for (Ring& ring : result.polygon->rings)
    for (Vec2d& v : ring.vertices) v = {v.x + by.x, v.y + by.y};
  return result;
}

}  // namespace

constexpr ImageKind polygon_kind{"polygon", is_in, draw, distance, size, grips, drag, move};

}  // namespace sweepmark::editor
