// SPDX-License-Identifier: Apache-2.0
//
// A new box, dragged or clicked from corner to corner.
#include <algorithm>
#include <cmath>
#include <optional>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

constexpr double least_side = 2;  // pixels of the image: less is a slip of the hand

class BoxTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    return (corner_ ? "Click the opposite corner of the " : "Drag or click from corner to corner: ") + work.new_class;
  }

  void press(ImageWork&, const MouseOnImage& mouse) override {
    mouse_ = mouse;
    if (!corner_) {
      corner_ = mouse.at;
      waits_for_click_ = false;
    }
  }
  void drag(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse; }
  void hover(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse; }
  void release(ImageWork& work, const MouseOnImage& mouse) override {
    mouse_ = mouse;
    if (!corner_) return;
    const bool is_click =
        std::hypot(mouse.at.x - corner_->x, mouse.at.y - corner_->y) < work.canvas.reach() / 2 && !waits_for_click_;
    if (is_click) {
      waits_for_click_ = true;  // the first of two clicks
      return;
    }
    const ImageBox box = spanned(work);
    corner_.reset();
    if (box.width() < least_side || box.height() < least_side) {
      work.session.say("A box of less than two pixels is none");
      return;
    }
    ImageValue value;
    value.box = box;
    work.labels.create(work.canvas, value, work.new_class, "box");
  }
  bool is_making() const override { return corner_.has_value(); }
  bool take_back(ImageWork& work) override { return cancel(work); }
  bool cancel(ImageWork&) override {
    const bool had = corner_.has_value();
    corner_.reset();
    return had;
  }
  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    constexpr Rgba guide = rgba(255, 255, 255, 90);
    if (!corner_) {
      drawing.line({mouse_.at.x, 0}, {mouse_.at.x, work.canvas.height}, guide, 1);
      drawing.line({0, mouse_.at.y}, {work.canvas.width, mouse_.at.y}, guide, 1);
      return;
    }
    const auto at = corners(spanned(work));
    drawing.outline({at.begin(), at.end()}, true, class_colour(work.new_class), 2);
  }

 private:
  /// Held within the image: what is not in it cannot be seen.
  ImageBox spanned(const ImageWork& work) const {
    Vec2d to = mouse_.at;
    if (mouse_.with.shift) {
      const double side = std::max(std::abs(to.x - corner_->x), std::abs(to.y - corner_->y));
      to = {corner_->x + std::copysign(side, to.x - corner_->x), corner_->y + std::copysign(side, to.y - corner_->y)};
    }
    const auto x = [&](double v) { return std::clamp(v, 0.0, work.canvas.width); };
    const auto y = [&](double v) { return std::clamp(v, 0.0, work.canvas.height); };
    return {x(std::min(corner_->x, to.x)), y(std::min(corner_->y, to.y)), x(std::max(corner_->x, to.x)),
            y(std::max(corner_->y, to.y))};
  }

  std::optional<Vec2d> corner_;
  bool waits_for_click_ = false;
  MouseOnImage mouse_;
};

}  // namespace

std::unique_ptr<ImageTool> make_box_tool() { return std::make_unique<BoxTool>(); }

}  // namespace sweepmark::editor
