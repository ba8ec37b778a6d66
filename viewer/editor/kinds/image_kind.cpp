// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/kinds/image_kind.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace sweepmark::editor {
namespace {

/// Those with handles come last, so that these are drawn on top.
constexpr std::array kinds{&mask_kind, &polygon_kind, &box_kind, &skeleton_kind};

}  // namespace

Rgba Look::line_colour() const {
  constexpr Rgba paler = 0xA0;
  return is_keyframe || is_selected ? colour : (colour & 0xFFFFFFU) | (paler << 24U);
}

float Look::line_width() const { return is_selected ? 2.5F : is_hovered ? 2.2F : 1.5F; }

Rgba colour_of_class(const Ontology& ontology, std::string_view class_name) {
  const ClassDefinition* known = find_class(ontology, class_name);
  unsigned r = 0, g = 0, b = 0;
  if (known != nullptr && std::sscanf(known->color.c_str(), "#%2x%2x%2x", &r, &g, &b) == 3) return rgba(r, g, b);
  return class_colour(class_name);
}

Look look_of(std::string_view class_name, const Ontology& ontology, double pixels_per_point) {
  Look look;
  look.colour = colour_of_class(ontology, class_name);
  look.pixels_per_point = pixels_per_point;
  if (const ClassDefinition* known = find_class(ontology, class_name))
    look.skeleton = find_skeleton(ontology, known->skeleton);
  return look;
}

void draw_value(const ImageValue& value, const Look& look, ImageDrawing& drawing) {
  for (const ImageKind* kind : kinds)
    if (kind->is_in(value)) kind->draw(value, look, drawing);
}

std::optional<double> distance_to(const ImageValue& value, Vec2d pixel) {
  std::optional<double> least;
  for (const ImageKind* kind : kinds) {
    if (!kind->is_in(value)) continue;
    const auto d = kind->distance(value, pixel);
    if (d && (!least || *d < *least)) least = d;
  }
  return least;
}

double size_of(const ImageValue& value) {
  for (const ImageKind* kind : kinds)
    if (kind->is_in(value)) return kind->size(value);
  return 0;
}

std::optional<GripOfKind> grip_at(const ImageValue& value, Vec2d pixel, const ImageCanvas& canvas) {
  std::optional<GripOfKind> found;
  double least = canvas.reach();
  for (const ImageKind* kind : kinds) {
    if (!kind->is_in(value)) continue;
    for (const Grip& grip : kind->grips(value, canvas.pixels_per_point)) {
      // Corners before the middles between them.
      const bool is_between = grip.shape == Grip::Shape::middle || grip.shape == Grip::Shape::edge;
      const double d = std::hypot(grip.at.x - pixel.x, grip.at.y - pixel.y) + (is_between ? canvas.reach() / 3 : 0);
      if (d > least) continue;
      least = d;
      found = GripOfKind{kind, grip};
    }
  }
  return found;
}

ImageValue moved(const ImageValue& value, Vec2d by) {
  ImageValue result = value;
  for (const ImageKind* kind : kinds)
    if (kind->is_in(value)) result = kind->move(result, by);
  return result;
}

}  // namespace sweepmark::editor
