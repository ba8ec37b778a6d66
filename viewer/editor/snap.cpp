// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/snap.h"

#include <cmath>
#include <vector>

#include "geometry/line_segment.h"

namespace sweepmark::editor {
namespace {

struct Nearest {
  Vec2d at;
  std::optional<Vec2d> vertex, edge;
  double to_vertex, to_edge;

  void take(std::span<const Vec2d> vertices, bool is_closed) {
    for (std::size_t i = 0; i < vertices.size(); ++i) {
      const Vec2d a = vertices[i];
      if (const double d = std::hypot(a.x - at.x, a.y - at.y); d < to_vertex) {
        to_vertex = d;
        vertex = a;
      }
      if (i + 1 == vertices.size() && !is_closed) break;
      const Vec2d b = vertices[(i + 1) % vertices.size()];
      const Vec2d offset = offset_from_segment(at, a, b);
      if (const double d = std::hypot(offset.x, offset.y); d < to_edge) {
        to_edge = d;
        edge = Vec2d{at.x - offset.x, at.y - offset.y};
      }
    }
  }
};

}  // namespace

std::optional<Vec2d> snapped(std::span<const ShownImageLabel> labels, const ImageCanvas& canvas, Vec2d at) {
  const double reach = canvas.reach();
  Nearest nearest{at, {}, {}, reach, reach};
  for (const ShownImageLabel& label : labels) {
    const ImageBox& box = label.around;
    if (at.x < box.left - reach || at.x > box.right + reach || at.y < box.top - reach || at.y > box.bottom + reach)
      continue;
    if (label.value->polygon)
      for (const Ring& ring : label.value->polygon->rings) nearest.take(ring.vertices, ring.kind != RingKind::line);
    if (label.value->box) nearest.take(corners(*label.value->box), true);
  }
  nearest.take(corners({0, 0, canvas.width, canvas.height}), true);
  return nearest.vertex ? nearest.vertex : nearest.edge;
}

}  // namespace sweepmark::editor
