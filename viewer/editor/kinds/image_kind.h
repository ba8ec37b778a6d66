// SPDX-License-Identifier: Apache-2.0
//
// What the editor knows of each kind of label in an image: one row each, and nothing of it elsewhere. A new kind is a
// file here and a row in image_kind.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/ontology.h"
#include "geometry/image_value.h"
#include "viewer/editor/canvas/image_canvas.h"
#include "viewer/editor/canvas/image_drawing.h"

namespace sweepmark::editor {

/// How a label is drawn.
struct Look {
  Rgba colour = 0;
  bool is_selected = false, is_hovered = false;
  bool is_keyframe = true;                       ///< else it is computed, and paler
  double pixels_per_point = 1;                   ///< as in ImageCanvas
  const SkeletonDefinition* skeleton = nullptr;  ///< of its class; may be null

  Rgba line_colour() const;
  float line_width() const;
};

/// A place of a label that can be dragged.
struct Grip {
  enum class Shape : std::uint8_t { corner, edge, knob, vertex, middle, joint };
  Vec2d at;
  Shape shape = Shape::corner;
  std::size_t ring = 0, index = 0;  ///< of a polygon's vertex; index alone: corner, edge or joint
  friend bool operator==(const Grip&, const Grip&) = default;
};

struct ImageKind {
  std::string_view name;
  bool (*is_in)(const ImageValue&);
  void (*draw)(const ImageValue&, const Look&, ImageDrawing&);
  /// How far the pixel is from it, in pixels: 0 inside; nothing where it cannot be hit.
  std::optional<double> (*distance)(const ImageValue&, Vec2d pixel);
  double (*size)(const ImageValue&);  ///< area, or what stands for it: the smallest under the mouse is meant
  /// Those that are nearest come first where several are under the mouse. \param pixels_per_point  for knobs
  std::vector<Grip> (*grips)(const ImageValue&, double pixels_per_point);
  /// The value with the grip dragged there. \param keep_shape  Shift: a box keeps its proportions
  ImageValue (*drag)(const ImageValue&, const Grip&, Vec2d to, bool keep_shape);
  ImageValue (*move)(const ImageValue&, Vec2d by);
};

// What goes over all kinds that a value has.

/// The colour that the ontology or its name gives a class.
Rgba colour_of_class(const Ontology& ontology, std::string_view class_name);
/// An object's colour and skeleton, by its class.
Look look_of(std::string_view class_name, const Ontology& ontology, double pixels_per_point);

void draw_value(const ImageValue& value, const Look& look, ImageDrawing& drawing);
/// The least distance of its kinds.
std::optional<double> distance_to(const ImageValue& value, Vec2d pixel);
/// Of its mask, else its outline, box or skeleton.
double size_of(const ImageValue& value);
struct GripOfKind {
  const ImageKind* kind = nullptr;
  Grip grip;
};
/// The grip nearest to a pixel, within reach.
std::optional<GripOfKind> grip_at(const ImageValue& value, Vec2d pixel, const ImageCanvas& canvas);
/// Every kind of it moved.
ImageValue moved(const ImageValue& value, Vec2d by);

// Each in its own file.
extern const ImageKind box_kind, polygon_kind, mask_kind, skeleton_kind;

}  // namespace sweepmark::editor
