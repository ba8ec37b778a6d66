// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/canvas/image_drawing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sweepmark::editor {
namespace {

Vec3f in_shader(Vec2d p) { return {static_cast<float>(p.x - 0.5), static_cast<float>(p.y - 0.5), 0}; }

}  // namespace

void ImageDrawing::line(Vec2d a, Vec2d b, Rgba colour, float width) {
  lines.push_back({in_shader(a), colour, in_shader(b), width});
}

void ImageDrawing::dashed(Vec2d a, Vec2d b, Rgba colour, float width, double dash) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  const auto at = [&](double part) { return Vec2d{a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part}; };
  constexpr int most = 64;
  const int dashes = std::clamp(static_cast<int>(length / std::max(2 * dash, 1e-6)), 1, most);
  for (int i = 0; i < dashes; ++i) line(at((i + 0.25) / dashes), at((i + 0.75) / dashes), colour, width);
}

void ImageDrawing::outline(const std::vector<Vec2d>& vertices, bool closed, Rgba colour, float width) {
  for (std::size_t i = 0; i + 1 < vertices.size(); ++i) line(vertices[i], vertices[i + 1], colour, width);
  if (closed && vertices.size() > 2) line(vertices.back(), vertices.front(), colour, width);
}

void ImageDrawing::draw_markers(double pixels_per_point) {
  for (const Marker& marker : markers) {
    const double r = static_cast<double>(marker.radius) * pixels_per_point;
    // A short thick line is a square, or a disc with its round ends.
    if (marker.mark != Mark::ring) {
      line({marker.at.x - r / 8, marker.at.y}, {marker.at.x + r / 8, marker.at.y}, marker.colour, 2 * marker.radius);
      continue;
    }
    constexpr int corners = 12;
    std::vector<Vec2d> circle;
    for (int i = 0; i < corners; ++i) {
      const double angle = 2 * std::numbers::pi * i / corners;
      circle.push_back({marker.at.x + r * std::cos(angle), marker.at.y + r * std::sin(angle)});
    }
    outline(circle, true, marker.colour, 1.5F);
  }
  markers.clear();
}

}  // namespace sweepmark::editor
