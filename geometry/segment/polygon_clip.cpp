// SPDX-License-Identifier: Apache-2.0
#include "geometry/segment/polygon_clip.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <polyclipping/clipper.hpp>
#include <vector>

#include "geometry/line_segment.h"

namespace sweepmark {
namespace {

using namespace ClipperLib;

constexpr double units = 16384;  ///< in a pixel

/// Vertices on the grid of the clipping, and which exact ones they were.
class Grid {
 public:
  Path to_grid(const std::vector<Vec2d>& vertices) {
    Path path;
    path.reserve(vertices.size());
    for (const Vec2d v : vertices) {
      const IntPoint on_grid(std::llround(v.x * units), std::llround(v.y * units));
      exact_.try_emplace({on_grid.X, on_grid.Y}, v);
      path.push_back(on_grid);
    }
    return path;
  }
  std::vector<Vec2d> from_grid(const Path& path) const {
    std::vector<Vec2d> vertices;
    vertices.reserve(path.size());
    for (const IntPoint& p : path) {
      const auto known = exact_.find({p.X, p.Y});
      vertices.push_back(known != exact_.end()
                             ? known->second
                             : Vec2d{static_cast<double>(p.X) / units, static_cast<double>(p.Y) / units});
    }
    return vertices;
  }

 private:
  std::map<std::pair<cInt, cInt>, Vec2d> exact_;
};

Paths clipped(ClipType type, const Paths& a, const Paths& b) {
  Clipper clipper;
  clipper.PreserveCollinear(true);  // vertices that a person set are not for us to drop
  clipper.AddPaths(a, ptSubject, true);
  clipper.AddPaths(b, ptClip, true);
  Paths result;
  clipper.Execute(type, result, pftNonZero, pftNonZero);
  return result;
}

struct Bounds {
  cInt left, top, right, bottom;
  bool touches(const Bounds& o) const {
    return left <= o.right && o.left <= right && top <= o.bottom && o.top <= bottom;
  }
};

Bounds bounds_of(const Path& path) {
  Bounds b{path[0].X, path[0].Y, path[0].X, path[0].Y};
  for (const IntPoint& p : path)
    b = {std::min(b.left, p.X), std::min(b.top, p.Y), std::max(b.right, p.X), std::max(b.bottom, p.Y)};
  return b;
}

/// Rings of one kind that may be painted at once.
struct Batch {
  RingKind kind = RingKind::area;
  Paths paths;
  std::vector<Bounds> bounds;
};

/// What the rings enclose, painted in their order: outer paths run one way, holes the other. A ring that touches
/// nothing that was painted since goes with an earlier batch of its kind: thousands of pieces with holes are two
/// batches.
Paths region_of(const Polygon& polygon, Grid& grid) {
  std::vector<Batch> batches;
  for (const Ring& ring : polygon.rings) {
    if (ring.kind == RingKind::line || ring.vertices.size() < 3) continue;
    Clipper alone;
    alone.PreserveCollinear(true);
    const Path path = grid.to_grid(ring.vertices);
    if (!alone.AddPath(path, ptSubject, true)) continue;  // without extent
    Paths one;
    alone.Execute(ctUnion, one, pftEvenOdd, pftEvenOdd);
    const Bounds around = bounds_of(path);
    std::size_t into = batches.size();
    for (std::size_t i = batches.size(); i-- > 0;) {
      if (batches[i].kind == ring.kind)
        into = i;
      else if (std::ranges::any_of(batches[i].bounds, [&](const Bounds& b) { return b.touches(around); }))
        break;
    }
    if (into == batches.size()) batches.push_back({ring.kind, {}, {}});
    batches[into].paths.insert(batches[into].paths.end(), one.begin(), one.end());
    batches[into].bounds.push_back(around);
  }
  Paths region;
  for (const Batch& batch : batches)
    region = clipped(batch.kind == RingKind::area ? ctUnion : ctDifference, region, batch.paths);
  return region;
}

void add_rings(const PolyNode& node, const Grid& grid, Polygon& polygon) {
  for (const PolyNode* child : node.Childs) {
    polygon.rings.push_back({grid.from_grid(child->Contour), child->IsHole() ? RingKind::hole : RingKind::area});
    add_rings(*child, grid, polygon);
  }
}

/// Areas before their holes, islands behind the holes that they lie in.
Polygon polygon_of(const Paths& region, const Grid& grid) {
  Clipper clipper;
  clipper.PreserveCollinear(true);
  clipper.AddPaths(region, ptSubject, true);
  PolyTree tree;
  clipper.Execute(ctUnion, tree, pftNonZero, pftNonZero);
  Polygon polygon;
  add_rings(tree, grid, polygon);
  return polygon;
}

void copy_lines(const Polygon& from, Polygon& to) {
  std::ranges::copy_if(from.rings, std::back_inserter(to.rings),
                       [](const Ring& ring) { return ring.kind == RingKind::line; });
}

Polygon combined(ClipType type, const Polygon& a, const Polygon& b) {
  Grid grid;
  const Paths of_a = region_of(a, grid), of_b = region_of(b, grid);
  Polygon result = polygon_of(clipped(type, of_a, of_b), grid);
  copy_lines(a, result);
  return result;
}

/// Marks the vertices between two that are kept which have to be kept too.
void keep_far(std::span<const Vec2d> vertices, double tolerance, std::vector<char>& kept) {
  std::vector<std::pair<std::size_t, std::size_t>> open{{0, vertices.size() - 1}};
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    double farthest = tolerance;
    std::size_t at = from;
    for (std::size_t i = from + 1; i < to; ++i)
      if (const double d = distance_to_segment(vertices[i], vertices[from], vertices[to]); d > farthest) {
        farthest = d;
        at = i;
      }
    if (at == from) continue;
    kept[at] = 1;
    open.emplace_back(from, at);
    open.emplace_back(at, to);
  }
}

std::vector<Vec2d> simplified_path(std::span<const Vec2d> vertices, double tolerance) {
  std::vector<char> kept(vertices.size(), 0);
  kept.front() = kept.back() = 1;
  keep_far(vertices, tolerance, kept);
  std::vector<Vec2d> result;
  for (std::size_t i = 0; i < vertices.size(); ++i)
    if (kept[i] != 0) result.push_back(vertices[i]);
  return result;
}

std::vector<Vec2d> simplified_ring(const std::vector<Vec2d>& vertices, double tolerance) {
  if (vertices.size() <= 3) return vertices;
  // Closed: cut at the first vertex and at the one that is farthest from it.
  const auto far = std::ranges::max_element(
      vertices, {}, [&](Vec2d v) { return std::hypot(v.x - vertices.front().x, v.y - vertices.front().y); });
  const auto middle = far - vertices.begin();
  std::vector<Vec2d> closed = vertices;
  closed.push_back(vertices.front());
  const std::span all(closed);
  auto first = simplified_path(all.subspan(0, static_cast<std::size_t>(middle) + 1), tolerance);
  const auto second = simplified_path(all.subspan(static_cast<std::size_t>(middle)), tolerance);
  first.insert(first.end(), second.begin() + 1, second.end() - 1);
  return first.size() < 3 ? vertices : first;
}

}  // namespace

Polygon union_of(const Polygon& a, const Polygon& b) { return combined(ctUnion, a, b); }
Polygon difference(const Polygon& a, const Polygon& b) { return combined(ctDifference, a, b); }
Polygon intersection(const Polygon& a, const Polygon& b) { return combined(ctIntersection, a, b); }

Polygon union_of_all(std::span<const Polygon> polygons) {
  Grid grid;
  Paths all;
  for (const Polygon& polygon : polygons) {
    const Paths region = region_of(polygon, grid);
    all.insert(all.end(), region.begin(), region.end());
  }
  return polygon_of(all, grid);
}

Polygon grown(const Polygon& polygon, double by) {
  Grid grid;
  constexpr double arc_tolerance = 0.05;  // pixels
  ClipperOffset offset(2, arc_tolerance * units);
  offset.AddPaths(region_of(polygon, grid), jtRound, etClosedPolygon);
  Paths region;
  offset.Execute(region, by * units);
  Polygon result = polygon_of(region, grid);
  copy_lines(polygon, result);
  return result;
}

Polygon side_of_line(std::span<const Vec2d> line, const ImageBox& around) {
  std::vector<Vec2d> path;
  for (const Vec2d v : line)
    if (path.empty() || !(path.back() == v)) path.push_back(v);
  ImageBox all = around;
  for (const Vec2d v : path) {
    all.left = std::min(all.left, v.x);
    all.right = std::max(all.right, v.x);
    all.top = std::min(all.top, v.y);
    all.bottom = std::max(all.bottom, v.y);
  }
  const Vec2d center{(all.left + all.right) / 2, (all.top + all.bottom) / 2};
  const double radius = 2 * std::hypot(all.right - all.left, all.bottom - all.top) + 16;
  // Where the line, going on straight, leaves the circle around all of it.
  const auto leaves = [&](Vec2d from, Vec2d to) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    const Vec2d way{(to.x - from.x) / length, (to.y - from.y) / length}, start{to.x - center.x, to.y - center.y};
    const double along = start.x * way.x + start.y * way.y;
    const double t = -along + std::sqrt(along * along + radius * radius - start.x * start.x - start.y * start.y);
    return Vec2d{to.x + t * way.x, to.y + t * way.y};
  };
  const Vec2d begin = leaves(path[1], path[0]), end = leaves(path[path.size() - 2], path.back());
  path.insert(path.begin(), begin);
  path.push_back(end);
  // Back along the circle, on the right: with y down, the angle grows to the right of who looks along the line.
  const auto angle = [&](Vec2d v) { return std::atan2(v.y - center.y, v.x - center.x); };
  double turn = angle(begin) - angle(end);
  if (turn <= 0) turn += 2 * std::numbers::pi;
  constexpr int steps = 24;
  for (int i = 1; i < steps; ++i) {
    const double a = angle(end) + turn * i / steps;
    path.push_back({center.x + radius * std::cos(a), center.y + radius * std::sin(a)});
  }
  return {{Ring{std::move(path), RingKind::area}}};
}

std::pair<Polygon, Polygon> cut(const Polygon& polygon, std::span<const Vec2d> line) {
  Polygon areas;
  std::ranges::copy_if(polygon.rings, std::back_inserter(areas.rings),
                       [](const Ring& ring) { return ring.kind != RingKind::line; });
  const Polygon side = side_of_line(line, bounds(areas));
  return {intersection(areas, side), difference(areas, side)};
}

Polygon simplified(const Polygon& polygon, double tolerance) {
  Polygon result = polygon;
  for (Ring& ring : result.rings) {
    if (ring.kind == RingKind::line) {
      if (ring.vertices.size() > 2) ring.vertices = simplified_path(ring.vertices, tolerance);
    } else {
      ring.vertices = simplified_ring(ring.vertices, tolerance);
    }
  }
  return result;
}

}  // namespace sweepmark
