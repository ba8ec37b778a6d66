// SPDX-License-Identifier: Apache-2.0
//
// Cuts the selected region in two: the larger part stays the object, the other becomes a new one of its class.
#include <string>

#include "viewer/editor/region_edits.h"
#include "viewer/editor/tools/drawn_path.h"
#include "viewer/editor/tools/mask_target.h"

namespace sweepmark::editor {
namespace {

class CutTool final : public ImageTool {
 public:
  std::string hint(const ImageWork& work) const override {
    if (!has_target(work)) return "Select an object with a mask or an outline first: a click selects";
    return path_.is_empty() ? "Click the first place of the cut through " + name_of_target(work)
                            : "Click the next place; Enter or a double click cuts";
  }
  void press(ImageWork& work, const MouseOnImage& mouse) override {
    if (has_target(work)) {
      if (path_.is_empty()) target_ = work.session.selected();
      path_.press(work, mouse);
      return;
    }
    const auto under = work.labels.under(work.canvas, mouse.at);
    if (!under.empty())
      work.session.select(
          std::string(work.labels.track(work.labels.shown(work.canvas.camera, work.canvas.time)[under.front()]).id));
  }
  void drag(ImageWork& work, const MouseOnImage& mouse) override { path_.drag(work, mouse); }
  void hover(ImageWork& work, const MouseOnImage& mouse) override { path_.hover(work, mouse); }
  bool double_click(ImageWork& work, const MouseOnImage&) override { return finish(work); }
  bool key(ImageWork& work, const KeyPress& key) override { return path_.key(work, key); }
  bool is_making() const override { return !path_.is_empty(); }
  bool take_back(ImageWork& work) override { return path_.take_back(work); }
  bool cancel(ImageWork&) override { return path_.clear(); }

  bool finish(ImageWork& work) override {
    if (path_.is_empty()) return false;
    if (!has_target(work) || work.session.selected() != target_) {
      work.session.say("The object that is cut is not selected any more: the cut is given up");
      path_.clear();
      return true;
    }
    const auto line = path_.vertices();
    if (line.size() < 2 || line.front() == line.back()) {
      work.session.say("A cut needs two places");
      return true;
    }
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    const auto parts = cut(*now->value, line, work.canvas);
    path_.clear();
    if (!parts) {
      work.session.say(parts.error().message, true);
    } else if (!has_region(parts->second)) {
      work.session.say("The line does not cross the object");
    } else {
      work.labels.divide(work.canvas, work.session.selected(), parts->first, parts->second, "cut");
    }
    return true;
  }
  void preview(ImageWork& work, ImageDrawing& drawing) const override {
    path_.preview(work, drawing, rgba(255, 120, 100), false);
  }

 private:
  static bool has_target(const ImageWork& work) {
    const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
    return now && has_region(*now->value);
  }

  DrawnPath path_;
  std::string target_;  ///< the object that the line goes through
};

}  // namespace

std::unique_ptr<ImageTool> make_cut_tool() { return std::make_unique<CutTool>(); }

}  // namespace sweepmark::editor
