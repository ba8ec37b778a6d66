// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geometry/polygon.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

/// What is drawn over an image, as values: the window shows it, tests look at it. Positions are pixels of the image
/// (geometry/image_box.h); sizes are points of the view.
struct ImageDrawing {
  enum class Mark : std::uint8_t { square, disc, ring };
  struct Marker {
    Vec2d at;
    Mark mark = Mark::square;
    Rgba colour = 0;
    float radius = 4;
  };
  struct Text {
    Vec2d at;  ///< of its lower left corner
    std::string text;
    Rgba colour = 0;
    bool on_plate = false;
  };

  std::vector<LineSegment> lines;  ///< z = 0; the centre of the first pixel is (0, 0), as shaders have it
  std::vector<Marker> markers;
  std::vector<Text> texts;

  void line(Vec2d a, Vec2d b, Rgba colour, float width);
  void dashed(Vec2d a, Vec2d b, Rgba colour, float width, double dash);
  void outline(const std::vector<Vec2d>& vertices, bool closed, Rgba colour, float width);
  /// Markers become lines, for pictures that are made of these alone.
  void draw_markers(double pixels_per_point);
};

}  // namespace sweepmark::editor
