// SPDX-License-Identifier: Apache-2.0
//
// A box around an object, then strokes on what belongs to it and what does not: the mask is found by colours and edges
// (geometry/segment/cutout.h), on a thread of its own.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "geometry/segment/cutout.h"
#include "viewer/editor/background_task.h"
#include "viewer/editor/tools/brush_size.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

constexpr double least_side = 4;

class CutoutTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    if (is_busy()) return "Looking for the object in the box ...";
    if (box_) return "Paint what belongs to it, Alt + drag what does not; Enter accepts, Escape gives up";
    if (corner_) return "Let go at the opposite corner";
    if (box_of_selected(work))
      return "Drag a box around an object, or Enter: what is in the box of " + name_of_target(work);
    return "Drag a box around an object: a new " + work.new_class;
  }

  void press(ImageWork&, const MouseOnImage& mouse) override {
    mouse_ = mouse;
    if (!box_) {
      corner_ = mouse.at;
    } else if (painted_) {
      last_ = mouse.at;
    }
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    if (last_) add_stroke(work, *last_, mouse);
    mouse_ = mouse;
  }
  void hover(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse; }
  void release(ImageWork& work, const MouseOnImage& mouse) override {
    mouse_ = mouse;
    if (last_) {
      add_stroke(work, *last_, mouse);  // a click is a dot
      last_.reset();
      strokes_made_ = stroke_begins_.size();
      look(work);
      return;
    }
    if (!corner_) return;
    const ImageBox box = spanned(work);
    corner_.reset();
    if (box.width() < least_side || box.height() < least_side) {
      work.session.say("Drag a box around the object");
      return;
    }
    // Another one than what is selected, unless its own box was taken.
    work.session.select({});
    start(work, box);
  }
  bool key(ImageWork& work, const KeyPress& key) override { return size_.key(key, work.canvas, usual_radius(work)); }

  bool is_busy() const override { return box_ && task_ && task_->is_busy(); }
  void tick(ImageWork& work) override {
    if (!task_) return;
    auto done = task_->take();
    if (!done) return;
    if (looks_again_) {
      look(work);
      return;
    }
    if (!box_) return;  // it was given up meanwhile
    if (!*done) {
      work.session.say(done->error().message);
      if (!painted_) give_up();
      return;
    }
    is_stale_ = false;
    found_ = union_of(before_, **done);
    painted_.emplace(found_);
    dirty_ = {0, 0, painted_->width(), painted_->height()};
  }

  bool finish(ImageWork& work) override {
    if (!box_) {
      const auto box = box_of_selected(work);
      if (!box) return false;
      start(work, *box);
      return true;
    }
    if (is_busy() || !painted_) {
      work.session.say("The object is still being looked for");
      return true;
    }
    if (is_stale_) {
      work.session.say("The last stroke left nothing of it: Ctrl+Z takes the stroke back");
      return true;
    }
    // What could not be stored stays to be tried again.
    if (target_.commit(work, found_, "cutout")) give_up();
    return true;
  }
  bool take_back(ImageWork& work) override {
    if (!box_) return cancel(work);
    if (strokes_.empty()) return cancel(work);
    strokes_.resize(stroke_begins_.back());
    stroke_begins_.pop_back();
    strokes_made_ = stroke_begins_.size();
    look(work);
    return true;
  }
  bool cancel(ImageWork&) override {
    const bool had = corner_ || box_;
    give_up();
    return had;
  }
  bool is_making() const override { return corner_ || box_; }

  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    const Rgba colour = class_colour(work.new_class);
    if (corner_ || box_) {
      const auto at = corners(corner_ ? spanned(work) : *box_);
      for (std::size_t i = 0; i < 4; ++i)
        drawing.dashed(at[i], at[(i + 1) % 4], colour, 1.5F, 6 * work.canvas.pixels_per_point);
    }
    for (const CutoutStroke& stroke : strokes_)
      drawing.line(stroke.from, stroke.to, stroke.is_object ? rgba(120, 255, 140) : rgba(255, 120, 100),
                   static_cast<float>(std::clamp(2 * stroke.radius / work.canvas.pixels_per_point, 1.0, 60.0)));
    if (box_)
      drawing.markers.push_back(
          {mouse_.at, ImageDrawing::Mark::ring, mouse_.with.alt ? rgba(255, 120, 100) : rgba(120, 255, 140),
           static_cast<float>(std::clamp(radius(work) / work.canvas.pixels_per_point, 2.0, 200.0))});
  }
  const PaintedMask* painted() const override { return painted_ ? &*painted_ : nullptr; }
  PixelRect take_dirty() override { return std::exchange(dirty_, {}); }
  std::string painted_id() const override { return target_.id(); }

 private:
  static double usual_radius(const ImageWork& work) { return 6 * work.canvas.pixels_per_point; }
  double radius(const ImageWork& work) const { return size_.radius(usual_radius(work)); }
  ImageBox spanned(const ImageWork& work) const {
    const auto x = [&](double v) { return std::clamp(v, 0.0, work.canvas.width); };
    const auto y = [&](double v) { return std::clamp(v, 0.0, work.canvas.height); };
    return {x(std::min(corner_->x, mouse_.at.x)), y(std::min(corner_->y, mouse_.at.y)),
            x(std::max(corner_->x, mouse_.at.x)), y(std::max(corner_->y, mouse_.at.y))};
  }
  /// The selected object's box, where it has no region yet.
  static std::optional<ImageBox> box_of_selected(const ImageWork& work) {
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    if (!now || !now->value->box || now->value->mask || now->value->polygon) return std::nullopt;
    return now->around;
  }
  void start(ImageWork& work, const ImageBox& box) {
    picture_ = work.picture_or_say();
    if (!picture_) return;
    const auto before = target_.begin(work);
    if (!before) return;
    before_ = *before;
    box_ = box;
    look(work);
  }
  void add_stroke(const ImageWork& work, Vec2d from, const MouseOnImage& mouse) {
    if (last_ && stroke_begins_.size() == strokes_made_) stroke_begins_.push_back(strokes_.size());
    strokes_.push_back({from, mouse.at, radius(work), !mouse.with.alt});
    last_ = mouse.at;
  }
  /// Begins to look for the object, or will when what is being done is done.
  void look(ImageWork& work) {
    is_stale_ = true;
    if (!task_) task_ = std::make_unique<BackgroundTask<Mask>>(work.wake);
    looks_again_ = task_->is_busy();
    if (looks_again_) return;
    task_->start("cutout",
                 [picture = picture_, box = *box_, strokes = strokes_](TaskProgress&, const std::stop_token&) {
                   return cut_out({picture->width, picture->height, picture->rgba}, box, strokes);
                 });
  }
  void give_up() {
    corner_.reset();
    box_.reset();
    last_.reset();
    strokes_.clear();
    stroke_begins_.clear();
    strokes_made_ = 0;
    painted_.reset();
    picture_.reset();
    dirty_ = {};
    looks_again_ = false;
  }

  BrushSize size_;  ///< of strokes
  MouseOnImage mouse_;
  std::optional<Vec2d> corner_, last_;
  std::optional<ImageBox> box_;
  std::vector<CutoutStroke> strokes_;
  std::vector<std::size_t> stroke_begins_;  ///< of each time that the button was held
  std::size_t strokes_made_ = 0;            ///< how many of those have ended
  MaskTarget target_;
  Mask before_, found_;
  std::shared_ptr<const Picture> picture_;
  std::optional<PaintedMask> painted_;
  PixelRect dirty_;
  bool looks_again_ = false;
  bool is_stale_ = false;  ///< what is shown is not what the strokes say
  std::unique_ptr<BackgroundTask<Mask>> task_;
};

}  // namespace

std::unique_ptr<ImageTool> make_cutout_tool() { return std::make_unique<CutoutTool>(); }

}  // namespace sweepmark::editor
