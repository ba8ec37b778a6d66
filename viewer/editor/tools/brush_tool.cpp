// SPDX-License-Identifier: Apache-2.0
//
// Paints and erases the mask of an object: of the selected one, else of a new one. Each stroke is an edit.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "viewer/editor/tools/image_tool.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

constexpr double least_radius = 0.5, step = 1.2;

class BrushTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    const bool is_new = work.labels.selected_track(work.canvas.camera) == nullptr;
    return fmt::format("{} {}; brush {:.0f} px: [ and ], Alt erases, Shift + click draws straight{}",
                       erases_ ? "Erase from" : "Paint", name_of_target(work), 2 * radius(work),
                       is_new ? "" : ", Escape: a new object");
  }

  void press(ImageWork& work, const MouseOnImage& mouse) override {
    mouse_ = mouse;
    if (!begin(work)) return;
    const bool goes_on = mouse.with.shift && last_;  // begin() has asked whose it was
    stroke(work, goes_on ? *last_ : mouse.at, mouse);
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    if (painted_ && last_) stroke(work, *last_, mouse);
    mouse_ = mouse;
  }
  void hover(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse; }
  void release(ImageWork& work, const MouseOnImage&) override {
    if (!painted_) return;
    Mask mask = painted_->mask();
    give_up();
    target_.commit(work, std::move(mask), "brush");
  }

  bool key(ImageWork& work, const KeyPress& key) override {
    if (key.with.ctrl || key.with.alt) return false;
    if (key.key == key_of('[')) {
      radius_ = std::max(radius(work) / step, least_radius);
    } else if (key.key == key_of(']')) {
      radius_ = std::min(radius(work) * step, std::max(work.canvas.width, work.canvas.height));
    } else if (key.key == key_of('X')) {
      erases_ = !erases_;
    } else {
      return false;
    }
    return true;
  }
  bool cancel(ImageWork& work) override {
    if (painted_) {
      give_up();
      return true;
    }
    if (work.session.selected().empty()) return false;
    work.session.select({});
    return true;
  }

  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    const double r = radius(work);
    constexpr int corners = 40;
    std::vector<Vec2d> circle;
    for (int i = 0; i < corners; ++i) {
      const double angle = 2 * std::numbers::pi * i / corners;
      circle.push_back({mouse_.at.x + r * std::cos(angle), mouse_.at.y + r * std::sin(angle)});
    }
    drawing.outline(circle, true, is_erasing(mouse_) ? rgba(255, 120, 100) : rgba(255, 255, 255), 1.5F);
  }
  const PaintedMask* painted() const override { return painted_ ? &*painted_ : nullptr; }
  PixelRect take_dirty() override { return std::exchange(dirty_, {}); }
  std::string painted_id() const override { return target_.id(); }

 private:
  double radius(const ImageWork& work) const {
    return radius_.value_or(std::max(3.0, std::min(work.canvas.width, work.canvas.height) / 60));
  }
  bool is_erasing(const MouseOnImage& mouse) const { return erases_ != mouse.with.alt; }

  /// \return false: nothing can be painted here, which is said
  bool begin(ImageWork& work) {
    const auto start = target_.begin(work);
    if (target_.id() != last_of_ || work.canvas.time != last_time_) last_.reset();
    if (!start) return false;
    painted_.emplace(*start);
    dirty_ = {0, 0, painted_->width(), painted_->height()};
    return true;
  }
  void stroke(ImageWork& work, Vec2d from, const MouseOnImage& mouse) {
    dirty_.add(painted_->paint(from.x, from.y, mouse.at.x, mouse.at.y, radius(work), !is_erasing(mouse)));
    last_ = mouse.at;
    last_of_ = target_.id();
    last_time_ = work.canvas.time;
  }
  void give_up() {
    painted_.reset();
    dirty_ = {};
  }

  std::optional<double> radius_;  ///< pixels of the image
  bool erases_ = false;
  MouseOnImage mouse_;
  std::optional<Vec2d> last_;  ///< where the last stroke ended
  std::string last_of_;        ///< whose it was
  TimestampNs last_time_ = 0;
  MaskTarget target_;
  std::optional<PaintedMask> painted_;
  PixelRect dirty_;
};

}  // namespace

std::unique_ptr<ImageTool> make_brush_tool() { return std::make_unique<BrushTool>(); }

}  // namespace sweepmark::editor
