// SPDX-License-Identifier: Apache-2.0
//
// New polygons and lines, by clicks or freehand.
#include <algorithm>
#include <cmath>
#include <vector>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

/// Freehand, a vertex comes this far from the last one.
constexpr double freehand_points = 9;

class OutlineTool final : public ImageTool {
 public:
  explicit OutlineTool(RingKind kind) : kind_(kind) {}

  std::string hint(const ImageWork& work) const override {
    const std::string what = kind_ == RingKind::line ? "line" : "outline";
    if (vertices_.empty()) return "Click the first vertex of the " + what + ": " + work.new_class;
    if (vertices_.size() < least()) return "Click the next vertex; Ctrl+Z takes the last one back";
    return kind_ == RingKind::line ? "Enter or double click: done; Ctrl+Z takes the last vertex back"
                                   : "Enter, double click or a click on the first vertex: done; Ctrl+Z takes one back";
  }

  void press(ImageWork& work, const MouseOnImage& mouse) override {
    mouse_ = mouse.at;
    if (kind_ == RingKind::area && vertices_.size() >= least() && is_near(work, vertices_.front(), mouse.at)) {
      finish(work);
      just_finished_ = true;
      return;
    }
    just_finished_ = false;
    vertices_.push_back(within(work, mouse.at));
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    mouse_ = mouse.at;
    if (!mouse.with.shift || vertices_.empty()) return;
    const Vec2d at = within(work, mouse.at), last = vertices_.back();
    if (std::hypot(at.x - last.x, at.y - last.y) >= freehand_points * work.canvas.pixels_per_point)
      vertices_.push_back(at);
  }
  void hover(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse.at; }
  bool double_click(ImageWork& work, const MouseOnImage&) override {
    // The first click of the two has made a vertex here.
    if (!just_finished_) finish(work);
    return true;
  }
  bool is_making() const override { return !vertices_.empty(); }
  bool finish(ImageWork& work) override {
    if (vertices_.empty()) return false;
    if (vertices_.size() < least()) {
      work.session.say(kind_ == RingKind::line ? "A line needs two vertices" : "A polygon needs three vertices");
      return true;
    }
    ImageValue value;
    value.polygon = Polygon{{Ring{vertices_, kind_}}};
    // What could not be stored stays to be tried again.
    if (work.labels.create(work.canvas, value, work.new_class, kind_ == RingKind::line ? "line" : "polygon"))
      vertices_.clear();
    return true;
  }
  bool take_back(ImageWork&) override {
    if (vertices_.empty()) return false;
    vertices_.pop_back();
    return true;
  }
  bool cancel(ImageWork&) override {
    const bool had = !vertices_.empty();
    vertices_.clear();
    return had;
  }
  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    if (vertices_.empty()) return;
    const Rgba colour = class_colour(work.new_class);
    drawing.outline(vertices_, false, colour, 2);
    drawing.line(vertices_.back(), mouse_, (colour & 0xFFFFFFU) | 0xA0000000U, 1.5F);
    if (kind_ == RingKind::area && vertices_.size() > 1)
      drawing.line(mouse_, vertices_.front(), (colour & 0xFFFFFFU) | 0x60000000U, 1);
    for (const Vec2d v : vertices_) drawing.markers.push_back({v, ImageDrawing::Mark::square, rgba(255, 255, 255), 3});
    if (kind_ == RingKind::area && vertices_.size() >= least() && is_near(work, vertices_.front(), mouse_))
      drawing.markers.push_back({vertices_.front(), ImageDrawing::Mark::ring, rgba(255, 255, 255), 8});
  }

 private:
  std::size_t least() const { return kind_ == RingKind::line ? 2 : 3; }
  static bool is_near(const ImageWork& work, Vec2d a, Vec2d b) {
    return std::hypot(a.x - b.x, a.y - b.y) < work.canvas.reach();
  }
  static Vec2d within(const ImageWork& work, Vec2d at) {
    return {std::clamp(at.x, 0.0, work.canvas.width), std::clamp(at.y, 0.0, work.canvas.height)};
  }

  RingKind kind_;
  std::vector<Vec2d> vertices_;
  Vec2d mouse_;
  bool just_finished_ = false;
};

}  // namespace

std::unique_ptr<ImageTool> make_polygon_tool() { return std::make_unique<OutlineTool>(RingKind::area); }
std::unique_ptr<ImageTool> make_line_tool() { return std::make_unique<OutlineTool>(RingKind::line); }

}  // namespace sweepmark::editor
