// SPDX-License-Identifier: Apache-2.0
//
// Selects, moves and adjusts.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

constexpr Visibility next_visibility(Visibility now) {
  return now == Visibility::visible  ? Visibility::hidden
         : now == Visibility::hidden ? Visibility::absent
                                     : Visibility::visible;
}

class SelectTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    if (const auto now = work.labels.selected(work.canvas.camera, work.canvas.time)) {
      if (now->value->polygon) return "Drag a vertex, or the middle of an edge for a new one; Alt + click deletes one";
      if (now->value->skeleton) return "Drag a joint; right click on it: hidden, absent, seen; X swaps left and right";
      if (now->value->box) return "Drag a corner, an edge, the inside, or the knob that turns it";
    }
    return {};
  }

  void press(ImageWork& work, const MouseOnImage& mouse) override {
    start_ = mouse.at;
    moved_ = ignored_ = false;
    grip_.reset();
    before_.reset();
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    if (now) {
      grip_ = grip_at(*now->value, mouse.at, work.canvas);
      const auto d = distance_to(*now->value, mouse.at);
      if (grip_ || (d && *d <= work.canvas.reach())) before_ = *now->value;
    }
    id_ = work.session.selected();
    ignored_ = grip_ && mouse.with.alt && remove_vertex(work);
  }

  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    if (ignored_) return;
    if (!moved_ && std::hypot(mouse.at.x - start_.x, mouse.at.y - start_.y) < work.canvas.reach() / 2) return;
    if (!moved_ && !before_) {
      // A drag on what is not selected selects and moves it.
      const auto under = work.labels.under(work.canvas, start_);
      if (under.empty()) return;
      const auto& label = work.labels.shown(work.canvas.camera, work.canvas.time)[under.front()];
      before_ = *label.value;
      id_ = work.labels.track(label).id;
      work.session.select(id_);
    }
    // A key may have selected another one meanwhile.
    if (work.session.selected() != id_) {
      cancel(work);
      ignored_ = true;
      return;
    }
    moved_ = true;
    const Vec2d by{mouse.at.x - start_.x, mouse.at.y - start_.y};
    ImageValue value = *before_;
    if (grip_) {
      value =
          grip_->kind->drag(value, grip_->grip, {grip_->grip.at.x + by.x, grip_->grip.at.y + by.y}, mouse.with.shift);
    } else {
      value = moved(value, by);
    }
    work.labels.set_pending(work.canvas, id_, std::move(value));
  }

  void release(ImageWork& work, const MouseOnImage& mouse) override {
    if (ignored_) {
      work.labels.drop_pending();
    } else if (moved_ && before_) {
      work.labels.commit_pending(grip_ ? "adjust" : "move");
    } else if (!mouse.with.alt && !grip_) {
      click(work, mouse);
    }
    before_.reset();
    grip_.reset();
    moved_ = ignored_ = false;
  }

  bool right_click(ImageWork& work, const MouseOnImage& mouse) override {
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    if (!now || !now->value->skeleton) return false;
    const auto grip = grip_at(*now->value, mouse.at, work.canvas);
    if (!grip || grip->grip.shape != Grip::Shape::joint) return false;
    Skeleton skeleton = *now->value->skeleton;
    Keypoint& joint = skeleton.points[grip->grip.index];
    joint.visibility = next_visibility(joint.visibility);
    ImageValue value = *now->value;
    value.skeleton = std::move(skeleton);
    return work.labels.set_value(work.canvas, work.session.selected(), value, "visibility");
  }

  bool key(ImageWork& work, const KeyPress& key) override {
    if (key.key != key_of('X') || key.with.ctrl || key.with.alt) return false;
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    if (!now || !now->value->skeleton) return false;
    return swap_sides(work, *now);
  }

  bool cancel(ImageWork& work) override {
    const bool was_dragging = before_.has_value() && moved_;
    before_.reset();
    grip_.reset();
    moved_ = false;
    work.labels.drop_pending();
    return was_dragging;
  }

 private:
  void click(ImageWork& work, const MouseOnImage& mouse) {
    const auto under = work.labels.under(work.canvas, mouse.at);
    if (under.empty()) {
      const auto cuboid = work.cuboid_at ? work.cuboid_at(mouse.at) : std::nullopt;
      work.session.select(cuboid.value_or(std::string()));
      return;
    }
    // A click at the same place goes to what lies below.
    const bool again = std::hypot(mouse.at.x - clicked_.x, mouse.at.y - clicked_.y) < work.canvas.reach() / 2;
    const auto& labels = work.labels.shown(work.canvas.camera, work.canvas.time);
    std::size_t next = 0;
    if (again)
      for (std::size_t i = 0; i < under.size(); ++i)
        if (work.labels.track(labels[under[i]]).id == work.session.selected()) next = (i + 1) % under.size();
    clicked_ = mouse.at;
    work.session.select(std::string(work.labels.track(labels[under[next]]).id));
  }

  bool remove_vertex(ImageWork& work) {
    if (grip_->grip.shape != Grip::Shape::vertex) return false;
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    ImageValue value = *now->value;
    Ring& ring = value.polygon->rings[grip_->grip.ring];
    const std::size_t least = ring.kind == RingKind::line ? 2 : 3;
    if (ring.vertices.size() <= least) {
      if (value.polygon->rings.size() == 1) {
        work.session.say("These are the last vertices; Delete removes the whole object");
        return true;
      }
      value.polygon->rings.erase(value.polygon->rings.begin() + static_cast<std::ptrdiff_t>(grip_->grip.ring));
    } else {
      ring.vertices.erase(ring.vertices.begin() + static_cast<std::ptrdiff_t>(grip_->grip.index));
    }
    work.labels.set_value(work.canvas, work.session.selected(), value, "delete vertex");
    return true;
  }

  /// Joints whose names differ in "left" and "right" only change places.
  bool swap_sides(ImageWork& work, const ShownImageLabel& now) {
    const ClassDefinition* known = find_class(work.ontology, class_at(work.labels.track(now), work.canvas.time));
    const SkeletonDefinition* skeleton = known != nullptr ? find_skeleton(work.ontology, known->skeleton) : nullptr;
    if (skeleton == nullptr) {
      work.session.say("The class has no skeleton in the ontology: left and right are not known");
      return true;
    }
    ImageValue value = *now.value;
    for (std::size_t i = 0; i < skeleton->points.size(); ++i) {
      std::string other = skeleton->points[i];
      const auto left = other.find("left");
      if (left == std::string::npos) continue;
      other.replace(left, 4, "right");
      const auto found = std::ranges::find(skeleton->points, other);
      const auto k = static_cast<std::size_t>(found - skeleton->points.begin());
      if (found != skeleton->points.end() && i < value.skeleton->points.size() && k < value.skeleton->points.size())
        std::swap(value.skeleton->points[i], value.skeleton->points[k]);
    }
    work.labels.set_value(work.canvas, work.session.selected(), value, "swap sides");
    return true;
  }

  Vec2d start_, clicked_{-1e9, -1e9};
  bool moved_ = false;
  bool ignored_ = false;  ///< until the button is let go
  std::string id_;        ///< what is dragged
  std::optional<GripOfKind> grip_;
  std::optional<ImageValue> before_;
};

}  // namespace

std::unique_ptr<ImageTool> make_select_tool() { return std::make_unique<SelectTool>(); }

}  // namespace sweepmark::editor
