// SPDX-License-Identifier: Apache-2.0
//
// A new skeleton, joint by joint in the order of the class's skeleton in the ontology.
#include <fmt/format.h>

#include <optional>

#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

const SkeletonDefinition* skeleton_of(const ImageWork& work) {
  const ClassDefinition* known = find_class(work.ontology, work.new_class);
  return known != nullptr ? find_skeleton(work.ontology, known->skeleton) : nullptr;
}

class SkeletonTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    const SkeletonDefinition* skeleton = skeleton_of(work);
    if (skeleton == nullptr)
      return fmt::format("{} has no skeleton: choose a class that the ontology gives one", work.new_class);
    const auto& points = made_.points;
    if (points.size() >= skeleton->points.size()) return {};
    return fmt::format("Click {} ({} of {}); right click: hidden, Space: not there, Enter: no more",
                       skeleton->points[points.size()], points.size() + 1, skeleton->points.size());
  }

  void press(ImageWork& work, const MouseOnImage& mouse) override { add(work, mouse.at, Visibility::visible); }
  bool right_click(ImageWork& work, const MouseOnImage& mouse) override {
    add(work, mouse.at, Visibility::hidden);
    return true;
  }
  void hover(ImageWork&, const MouseOnImage& mouse) override { mouse_ = mouse.at; }
  bool key(ImageWork& work, const KeyPress& key) override {
    if (key.key != Key::space || skeleton_of(work) == nullptr) return false;
    add(work, mouse_, Visibility::absent);
    return true;
  }
  bool is_making() const override { return !made_.points.empty(); }
  bool take_back(ImageWork&) override {
    if (made_.points.empty()) return false;
    made_.points.pop_back();
    return true;
  }
  bool finish(ImageWork& work) override {
    if (made_.points.empty()) return false;
    create(work);
    return true;
  }
  bool cancel(ImageWork&) override {
    const bool had = !made_.points.empty();
    made_.points.clear();
    return had;
  }
  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    if (made_.points.empty()) return;
    ImageValue value;
    value.skeleton = made_;
    Look look{.colour = class_colour(work.new_class), .is_selected = true};
    look.pixels_per_point = work.canvas.pixels_per_point;
    look.skeleton = skeleton_of(work);
    draw_value(value, look, drawing);
  }

 private:
  void add(ImageWork& work, Vec2d at, Visibility visibility) {
    const SkeletonDefinition* skeleton = skeleton_of(work);
    if (skeleton == nullptr) {
      work.session.say(hint(work));
      return;
    }
    made_.points.push_back({visibility == Visibility::absent ? Vec2d{} : at, visibility});
    if (made_.points.size() >= skeleton->points.size()) create(work);
  }
  void create(ImageWork& work) {
    const SkeletonDefinition* skeleton = skeleton_of(work);
    ImageValue value;
    value.skeleton = made_;
    if (skeleton != nullptr) value.skeleton->points.resize(skeleton->points.size());
    bool has_any = false;
    for (const Keypoint& point : value.skeleton->points) has_any |= point.visibility != Visibility::absent;
    if (!has_any) {
      work.session.say("A skeleton needs a joint that is there");
      made_ = {};
      return;
    }
    // What could not be stored stays to be tried again.
    if (work.labels.create(work.canvas, value, work.new_class, "skeleton")) made_ = {};
  }

  Skeleton made_;
  Vec2d mouse_;
};

}  // namespace

std::unique_ptr<ImageTool> make_skeleton_tool() { return std::make_unique<SkeletonTool>(); }

}  // namespace sweepmark::editor
