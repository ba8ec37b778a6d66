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

#include "viewer/editor/tools/brush_size.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

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
    if (size_.key(key, work.canvas, usual_radius(work))) return true;
    if (key.key != key_of('X') || key.with.ctrl || key.with.alt) return false;
    erases_ = !erases_;
    return true;
  }
  bool cancel(ImageWork& work) override {
    if (painted_) {
      give_up();
      return true;
    }
    return unselect(work);
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
  static double usual_radius(const ImageWork& work) {
    return std::max(3.0, std::min(work.canvas.width, work.canvas.height) / 60);
  }
  double radius(const ImageWork& work) const { return size_.radius(usual_radius(work)); }
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

  BrushSize size_;
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
