// SPDX-License-Identifier: Apache-2.0
//
// The region around a pixel that has its colour joins the mask, or leaves it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "geometry/segment/flood_region.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

class WandTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    return fmt::format("Click a colour of {}; colours may differ by {:.0f}: drag to the right for more; Alt takes away",
                       name_of_target(work), tolerance_);
  }
  void press(ImageWork& work, const MouseOnImage& mouse) override {
    picture_ = work.picture_or_say();
    if (!picture_) return;
    const auto start = target_.begin(work);
    if (!start) return;
    before_ = *start;
    seed_ = mouse.at;
    takes_away_ = mouse.with.alt;
    at_press_ = tolerance_;
    show(work);
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    if (!painted_) return;
    const double by = (mouse.at.x - seed_.x) / work.canvas.pixels_per_point;
    const double wanted = std::clamp(std::round(at_press_ + by / 4), 0.0, 255.0);
    if (wanted == tolerance_) return;
    tolerance_ = wanted;
    show(work);
  }
  void release(ImageWork& work, const MouseOnImage&) override {
    if (!painted_) return;
    Mask mask = painted_->mask();
    give_up();
    if (mask == before_) {
      work.session.say(takes_away_ ? "It is not in the mask" : "It is in the mask already");
      return;
    }
    target_.commit(work, std::move(mask), "wand");
  }
  bool cancel(ImageWork& work) override {
    if (painted_) {
      give_up();
      return true;
    }
    return unselect(work);
  }
  const PaintedMask* painted() const override { return painted_ ? &*painted_ : nullptr; }
  PixelRect take_dirty() override { return std::exchange(dirty_, {}); }
  std::string painted_id() const override { return target_.id(); }

 private:
  void show(ImageWork& work) {
    const auto region =
        flood_region({picture_->width, picture_->height, picture_->rgba}, static_cast<int>(std::floor(seed_.x)),
                     static_cast<int>(std::floor(seed_.y)), static_cast<int>(tolerance_));
    if (!region) {
      work.session.say("Click within the image");
      give_up();
      return;
    }
    painted_.emplace(takes_away_ ? difference(before_, *region) : union_of(before_, *region));
    dirty_ = {0, 0, painted_->width(), painted_->height()};
  }
  void give_up() {
    painted_.reset();
    picture_.reset();
    dirty_ = {};
  }

  double tolerance_ = 24, at_press_ = 24;  ///< of each colour, 0 to 255
  MaskTarget target_;
  Mask before_;
  Vec2d seed_;
  bool takes_away_ = false;
  std::shared_ptr<const Picture> picture_;  ///< while the button is held
  std::optional<PaintedMask> painted_;
  PixelRect dirty_;
};

}  // namespace

std::unique_ptr<ImageTool> make_wand_tool() { return std::make_unique<WandTool>(); }

}  // namespace sweepmark::editor
