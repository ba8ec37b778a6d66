// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/tools/drawn_path.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "viewer/editor/snap.h"

namespace sweepmark::editor {
namespace {

/// Freehand, a vertex comes this far from the last one.
constexpr double freehand_points = 9;
/// So far from the last click edges are followed, in points of the view.
constexpr double reach_points = 300;

}  // namespace

bool DrawnPath::is_at_first(const ImageWork& work, Vec2d at) const {
  return !vertices_.empty() && std::hypot(vertices_.front().x - at.x, vertices_.front().y - at.y) < work.canvas.reach();
}

Vec2d DrawnPath::place(ImageWork& work, const MouseOnImage& mouse) const {
  const Vec2d within{std::clamp(mouse.at.x, 0.0, work.canvas.width), std::clamp(mouse.at.y, 0.0, work.canvas.height)};
  if (!mouse.with.ctrl) return within;
  return snapped(work.labels.shown(work.canvas.camera, work.canvas.time), work.canvas, within).value_or(within);
}

void DrawnPath::start_wire(ImageWork& work) {
  wire_.stop();
  if (!follows_edges_ || vertices_.empty()) return;
  if (const auto picture = work.picture_or_say())
    wire_.start({picture->width, picture->height, picture->rgba}, vertices_.back(),
                reach_points * work.canvas.pixels_per_point);
}

void DrawnPath::add(Vec2d at) {
  clicks_.push_back(vertices_.size());
  if (wire_.has_start()) {
    const auto path = wire_.path_to(at);
    vertices_.insert(vertices_.end(), path.begin(), path.end());
  } else {
    vertices_.push_back(at);
  }
  ahead_.clear();
  wire_.stop();  // it starts anew when the mouse moves on: not for each vertex of a freehand line
}

void DrawnPath::press(ImageWork& work, const MouseOnImage& mouse) {
  mouse_ = place(work, mouse);
  if (follows_edges_ && !vertices_.empty() && !wire_.has_start()) start_wire(work);
  add(mouse_);
}

void DrawnPath::drag(ImageWork& work, const MouseOnImage& mouse) {
  mouse_ = place(work, mouse);
  if (!mouse.with.shift || vertices_.empty()) return;
  const Vec2d last = vertices_.back();
  if (std::hypot(mouse_.x - last.x, mouse_.y - last.y) < freehand_points * work.canvas.pixels_per_point) return;
  wire_.stop();  // the hand draws, not the edges
  add(mouse_);
}

void DrawnPath::hover(ImageWork& work, const MouseOnImage& mouse) {
  mouse_ = place(work, mouse);
  is_snapped_ = mouse.with.ctrl && !(mouse_ == mouse.at);
  ahead_.clear();
  if (vertices_.empty()) return;
  if (follows_edges_ && !wire_.has_start()) start_wire(work);
  if (wire_.has_start()) ahead_ = wire_.path_to(mouse_);
}

bool DrawnPath::key(ImageWork& work, const KeyPress& key) {
  if (key.key != key_of('Z') || key.with.ctrl || key.with.alt || key.with.shift) return false;
  follows_edges_ = !follows_edges_;
  ahead_.clear();
  start_wire(work);
  work.session.say(follows_edges_ ? "The path follows edges of the image" : "The path is straight from click to click");
  return true;
}

bool DrawnPath::take_back(ImageWork& work) {
  if (vertices_.empty()) return false;
  vertices_.resize(clicks_.back());
  clicks_.pop_back();
  ahead_.clear();
  start_wire(work);
  return true;
}

bool DrawnPath::clear() {
  const bool had = !vertices_.empty();
  vertices_.clear();
  clicks_.clear();
  ahead_.clear();
  wire_.stop();
  return had;
}

void DrawnPath::preview(const ImageWork& work, ImageDrawing& drawing, Rgba colour, bool is_closed) const {
  if (is_snapped_) drawing.markers.push_back({mouse_, ImageDrawing::Mark::ring, rgba(255, 255, 255), 6});
  if (vertices_.empty()) return;
  drawing.outline(vertices_, false, colour, 2);
  const Rgba pale = (colour & 0xFFFFFFU) | 0xA0000000U, paler = (colour & 0xFFFFFFU) | 0x60000000U;
  if (ahead_.empty()) {
    drawing.line(vertices_.back(), mouse_, pale, 1.5F);
  } else {
    drawing.line(vertices_.back(), ahead_.front(), pale, 1.5F);
    drawing.outline(ahead_, false, pale, 1.5F);
  }
  if (is_closed && vertices_.size() > 1) drawing.line(mouse_, vertices_.front(), paler, 1);
  for (const std::size_t click : clicks_)
    if (click < vertices_.size()) {
      // The vertex that the click made is the last before the next one.
      const auto next = std::ranges::upper_bound(clicks_, click);
      const std::size_t end = next == clicks_.end() ? vertices_.size() : *next;
      drawing.markers.push_back({vertices_[end - 1], ImageDrawing::Mark::square, rgba(255, 255, 255), 3});
    }
  if (is_closed && vertices_.size() >= 3 && is_at_first(work, mouse_))
    drawing.markers.push_back({vertices_.front(), ImageDrawing::Mark::ring, rgba(255, 255, 255), 8});
}

}  // namespace sweepmark::editor
