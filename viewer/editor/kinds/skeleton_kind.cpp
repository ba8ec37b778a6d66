// SPDX-License-Identifier: Apache-2.0
//
// Skeletons: joints are dragged. Hidden joints are rings with dashed edges, absent ones are not drawn.
#include <algorithm>
#include <cmath>
#include <limits>

#include "viewer/editor/kinds/image_kind.h"

namespace sweepmark::editor {
namespace {

bool is_in(const ImageValue& value) { return value.skeleton.has_value(); }

/// Left is green and right is orange, by the joint's name; others have the object's colour.
Rgba colour_of_joint(const Look& look, std::size_t joint) {
  if (look.skeleton == nullptr || joint >= look.skeleton->points.size()) return look.line_colour();
  const std::string& name = look.skeleton->points[joint];
  if (name.find("left") != std::string::npos) return rgba(90, 220, 130);
  if (name.find("right") != std::string::npos) return rgba(250, 150, 80);
  return look.line_colour();
}

void draw(const ImageValue& value, const Look& look, ImageDrawing& drawing) {
  const auto& points = value.skeleton->points;
  if (look.skeleton != nullptr) {
    for (const auto& [a, b] : look.skeleton->edges) {
      if (a >= points.size() || b >= points.size()) continue;
      if (points[a].visibility == Visibility::absent || points[b].visibility == Visibility::absent) continue;
      const Rgba colour = colour_of_joint(look, b);
      const bool hidden = points[a].visibility == Visibility::hidden || points[b].visibility == Visibility::hidden;
      if (hidden) {
        drawing.dashed(points[a].position, points[b].position, colour, look.line_width(), 4 * look.pixels_per_point);
      } else {
        drawing.line(points[a].position, points[b].position, colour, look.line_width());
      }
    }
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].visibility == Visibility::absent) continue;
    const bool hidden = points[i].visibility == Visibility::hidden;
    drawing.markers.push_back({points[i].position, hidden ? ImageDrawing::Mark::ring : ImageDrawing::Mark::disc,
                               colour_of_joint(look, i), look.is_selected ? 4.5F : 3.0F});
  }
}

std::optional<double> distance(const ImageValue& value, Vec2d pixel) {
  double least = std::numeric_limits<double>::infinity();
  for (const Keypoint& point : value.skeleton->points)
    if (point.visibility != Visibility::absent)
      least = std::min(least, std::hypot(point.position.x - pixel.x, point.position.y - pixel.y));
  return std::isfinite(least) ? std::optional(least) : std::nullopt;
}

double size(const ImageValue& value) {
  ImageValue alone;
  alone.skeleton = value.skeleton;
  return bounds(alone).area();
}

std::vector<Grip> grips(const ImageValue& value, double) {
  std::vector<Grip> all;
  const auto& points = value.skeleton->points;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i].visibility != Visibility::absent) all.push_back({points[i].position, Grip::Shape::joint, 0, i});
  return all;
}

ImageValue drag(const ImageValue& value, const Grip& grip, Vec2d to, bool) {
  ImageValue result = value;
  result.skeleton->points[grip.index].position = to;
  return result;
}

ImageValue move(const ImageValue& value, Vec2d by) {
  ImageValue result = value;
  for (Keypoint& point : result.skeleton->points) point.position = {point.position.x + by.x, point.position.y + by.y};
  return result;
}

}  // namespace

constexpr ImageKind skeleton_kind{"skeleton", is_in, draw, distance, size, grips, drag, move};

}  // namespace sweepmark::editor
