// SPDX-License-Identifier: Apache-2.0
//
// New polygons and lines, and parts that are added to or cut from the selected object.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "viewer/editor/region_edits.h"
#include "viewer/editor/tools/drawn_path.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

enum class Means : std::uint8_t { create, add, remove };

class OutlineTool final : public ImageTool {
 public:
  explicit OutlineTool(RingKind kind) : kind_(kind) {}

  std::string hint(const ImageWork& work) const override {
    const std::string what = kind_ == RingKind::line ? "line" : "outline";
    if (path_.is_empty()) {
      if (kind_ == RingKind::line) return "Click the first vertex of the line: " + work.new_class;
      constexpr std::array begins{"Click the first vertex of a new ", "Outline what is added to ",
                                  "Outline what is cut from "};
      const Means means = means_now(work);
      return fmt::format("{}{}{}", begins[static_cast<std::size_t>(means)],
                         means == Means::create ? work.new_class : name_of_target(work),
                         has_selected_region(work) ? "; X: new, add, cut" : "");
    }
    if (path_.vertices().size() < least()) return "Click the next vertex; Ctrl+Z takes the last one back";
    return kind_ == RingKind::line ? "Enter or double click: done; Ctrl+Z takes the last vertex back"
                                   : "Enter, double click or a click on the first vertex: done; Ctrl+Z takes one back";
  }

  void press(ImageWork& work, const MouseOnImage& mouse) override {
    if (kind_ == RingKind::area && path_.vertices().size() >= least() && path_.is_at_first(work, mouse.at)) {
      finish(work);
      just_finished_ = true;
      return;
    }
    just_finished_ = false;
    if (path_.is_empty()) begin(work);
    path_.press(work, mouse);
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override {
    if (!just_finished_) path_.drag(work, mouse);
  }
  void hover(ImageWork& work, const MouseOnImage& mouse) override { path_.hover(work, mouse); }
  bool double_click(ImageWork& work, const MouseOnImage&) override {
    // The first click of the two has made a vertex here.
    if (!just_finished_) finish(work);
    return true;
  }
  bool key(ImageWork& work, const KeyPress& key) override {
    if (path_.key(work, key)) return true;
    if (kind_ == RingKind::line || key.key != key_of('X') || key.with.ctrl || key.with.alt) return false;
    if (!has_selected_region(work)) {
      work.session.say("Select an object with a mask or an outline first");
    } else {
      means_ = means_ == Means::create ? Means::add : means_ == Means::add ? Means::remove : Means::create;
      begin(work);  // what is being drawn is for it from now on
    }
    return true;
  }
  bool is_making() const override { return !path_.is_empty(); }
  bool finish(ImageWork& work) override {
    if (path_.is_empty()) return false;
    if (path_.vertices().size() < least()) {
      work.session.say(kind_ == RingKind::line ? "A line needs two vertices" : "A polygon needs three vertices");
      return true;
    }
    if (begun_as_ != Means::create && (work.session.selected() != target_ || !has_selected_region(work))) {
      work.session.say("The object that it was drawn for is not selected any more: it is given up");
      path_.clear();
      return true;
    }
    const auto vertices = path_.vertices();
    const Polygon outline{{Ring{{vertices.begin(), vertices.end()}, kind_}}};
    // What could not be stored stays to be tried again.
    if (begun_as_ == Means::create ? create(work, outline) : change(work, outline)) path_.clear();
    return true;
  }
  bool take_back(ImageWork& work) override { return path_.take_back(work); }
  bool cancel(ImageWork&) override { return path_.clear(); }
  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    const Means means = path_.is_empty() ? means_now(work) : begun_as_;
    const Rgba colour = means == Means::remove ? rgba(255, 120, 100) : class_colour(work.new_class);
    path_.preview(work, drawing, colour, kind_ == RingKind::area);
  }

 private:
  std::size_t least() const { return kind_ == RingKind::line ? 2 : 3; }
  static bool has_selected_region(const ImageWork& work) {
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    return now && has_region(*now->value);
  }
  Means means_now(const ImageWork& work) const { return has_selected_region(work) ? means_ : Means::create; }

  void begin(const ImageWork& work) {
    begun_as_ = means_now(work);
    target_ = begun_as_ == Means::create ? std::string() : work.session.selected();
  }

  bool create(ImageWork& work, const Polygon& outline) {
    ImageValue value;
    value.polygon = outline;
    return work.labels.create(work.canvas, value, work.new_class, kind_ == RingKind::line ? "line" : "polygon");
  }
  bool change(ImageWork& work, const Polygon& outline) {
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    const bool adds = begun_as_ == Means::add;
    const auto value =
        adds ? with_added(*now->value, outline, work.canvas) : with_removed(*now->value, outline, work.canvas);
    // What is there already, or not there at all, needs no second try; what failed stays to be tried again.
    const bool is_done = value && *value == *now->value;
    return work.labels.set_region(work.canvas, value,
                                  adds ? "It is all in the object already" : "It is not in the object",
                                  adds ? "add to region" : "cut from region") ||
           is_done;
  }

  RingKind kind_;
  DrawnPath path_;
  Means means_ = Means::create;     ///< where an object with a region is selected
  Means begun_as_ = Means::create;  ///< of what is being drawn
  std::string target_;              ///< the object that it changes
  bool just_finished_ = false;
};

}  // namespace

std::unique_ptr<ImageTool> make_polygon_tool() { return std::make_unique<OutlineTool>(RingKind::area); }
std::unique_ptr<ImageTool> make_line_tool() { return std::make_unique<OutlineTool>(RingKind::line); }

}  // namespace sweepmark::editor
