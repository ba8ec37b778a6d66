// SPDX-License-Identifier: Apache-2.0
//
// Boxes: dragged at corners and edges, turned at the knob above.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "viewer/editor/kinds/image_kind.h"

namespace sweepmark::editor {
namespace {

constexpr double knob_points = 22, least_side = 1;

Vec2d turned(Vec2d v, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {c * v.x - s * v.y, s * v.x + c * v.y};
}

/// From the box's centre, along its sides.
Vec2d in_box(const ImageBox& box, Vec2d pixel) {
  const Vec2d center = box.center();
  return turned({pixel.x - center.x, pixel.y - center.y}, -box.rotation);
}

Vec2d in_image(const ImageBox& box, Vec2d local) {
  const Vec2d center = box.center(), v = turned(local, box.rotation);
  return {center.x + v.x, center.y + v.y};
}

bool is_in(const ImageValue& value) { return value.box.has_value(); }

void draw(const ImageValue& value, const Look& look, ImageDrawing& drawing) {
  const auto at = corners(*value.box);
  // A box around a mask, polygon or skeleton only frames it.
  const bool frames = value.mask || value.polygon || value.skeleton;
  const float width = frames ? std::min(look.line_width(), 1.0F) : look.line_width();
  drawing.outline({at.begin(), at.end()}, true, look.line_colour(), width);
  if (!look.is_selected) return;
  for (const Grip& grip : box_kind.grips(value, look.pixels_per_point)) {
    const bool is_knob = grip.shape == Grip::Shape::knob;
    if (is_knob) drawing.line({(at[0].x + at[1].x) / 2, (at[0].y + at[1].y) / 2}, grip.at, look.colour, 1);
    drawing.markers.push_back({grip.at, is_knob ? ImageDrawing::Mark::disc : ImageDrawing::Mark::square,
                               rgba(255, 255, 255), grip.shape == Grip::Shape::edge ? 2.5F : 4.0F});
  }
}

std::optional<double> distance(const ImageValue& value, Vec2d pixel) {
  const Vec2d local = in_box(*value.box, pixel);
  const double x = std::max(std::abs(local.x) - value.box->width() / 2, 0.0);
  const double y = std::max(std::abs(local.y) - value.box->height() / 2, 0.0);
  return std::hypot(x, y);
}

double size(const ImageValue& value) { return value.box->area(); }

std::vector<Grip> grips(const ImageValue& value, double pixels_per_point) {
  const auto at = corners(*value.box);
  std::vector<Grip> all;
  for (std::size_t i = 0; i < 4; ++i) {
    const Vec2d next = at[(i + 1) % 4];
    all.push_back({at[i], Grip::Shape::corner, 0, i});
    all.push_back({{(at[i].x + next.x) / 2, (at[i].y + next.y) / 2}, Grip::Shape::edge, 0, i});
  }
  all.push_back(
      {in_image(*value.box, {0, -value.box->height() / 2 - knob_points * pixels_per_point}), Grip::Shape::knob, 0, 0});
  return all;
}

/// By its sides along its own axes; what is not dragged stays where it is in the image.
ImageBox with_sides(const ImageBox& box, double left, double top, double right, double bottom) {
  const Vec2d center = in_image(box, {(left + right) / 2, (top + bottom) / 2});
  const double w = std::max(right - left, least_side), h = std::max(bottom - top, least_side);
  return {center.x - w / 2, center.y - h / 2, center.x + w / 2, center.y + h / 2, box.rotation};
}

ImageValue drag(const ImageValue& value, const Grip& grip, Vec2d to, bool keep_shape) {
  ImageValue result = value;
  const ImageBox& box = *value.box;
  const double hw = box.width() / 2, hh = box.height() / 2;
  if (grip.shape == Grip::Shape::knob) {
    const Vec2d center = box.center();
    double angle = std::atan2(to.y - center.y, to.x - center.x) + std::numbers::pi / 2;
    if (keep_shape) angle = std::round(angle * 12 / std::numbers::pi) * std::numbers::pi / 12;  // by 15 degrees
    result.box->rotation = std::remainder(angle, 2 * std::numbers::pi);
    // Not turned is exactly that: most formats know no other box.
    if (std::abs(result.box->rotation) < 0.01) result.box->rotation = 0;
    return result;
  }
  Vec2d local = in_box(box, to);
  double left = -hw, right = hw, top = -hh, bottom = hh;
  const bool is_corner = grip.shape == Grip::Shape::corner;
  // Corners: top left, top right, bottom right, bottom left; the edge i lies between the corners i and i + 1.
  const bool moves_left = is_corner ? grip.index == 0 || grip.index == 3 : grip.index == 3;
  const bool moves_right = is_corner ? grip.index == 1 || grip.index == 2 : grip.index == 1;
  const bool moves_top = is_corner ? grip.index <= 1 : grip.index == 0;
  const bool moves_bottom = is_corner ? grip.index >= 2 : grip.index == 2;
  if (is_corner && keep_shape && hw > 0 && hh > 0) {
    const double sx = moves_left ? -1 : 1, sy = moves_top ? -1 : 1;
    const double grown = std::max((sx * local.x + hw) / (2 * hw), (sy * local.y + hh) / (2 * hh));
    local = {sx * (2 * hw * grown - hw), sy * (2 * hh * grown - hh)};
  }
  // Dragged beyond the other side it turns over.
  if (moves_left) left = local.x;
  if (moves_right) right = local.x;
  if (moves_top) top = local.y;
  if (moves_bottom) bottom = local.y;
  result.box =
      with_sides(box, std::min(left, right), std::min(top, bottom), std::max(left, right), std::max(top, bottom));
  return result;
}

ImageValue move(const ImageValue& value, Vec2d by) {
  ImageValue result = value;
  result.box = ImageBox{value.box->left + by.x, value.box->top + by.y, value.box->right + by.x,
                        value.box->bottom + by.y, value.box->rotation};
  return result;
}

}  // namespace

constexpr ImageKind box_kind{"box", is_in, draw, distance, size, grips, drag, move};

}  // namespace sweepmark::editor
