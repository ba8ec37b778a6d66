// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "viewer/editor/keymap.h"
#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {

/// Editing in one image: the tool that is on, what it is given, and the keys that mean the image's objects. The view
/// says which image it shows and hands the mouse on. Knows no window.
class ImageEditor {
 public:
  /// \param ontology, new_class  as they are when they are asked for; all must outlive this
  ImageEditor(Session& session, const Ontology& ontology, const std::string& new_class)
      : labels(session), session_(session), ontology_(ontology), new_class_(new_class) {}

  ImageLabels labels;
  /// Set by the view: the object in 3D that the image shows at a pixel.
  std::function<std::optional<std::string>(Vec2d)> cuboid_at;
  /// Set by the view: what the image shows.
  std::function<std::shared_ptr<const Picture>()> picture;
  /// Called from another thread when `tick` has something to take.
  std::function<void()> wake;

  /// The image that is shown from now on; nothing: none. What was being made in another one is given up.
  void look_at(const std::optional<ImageCanvas>& canvas);
  const std::optional<ImageCanvas>& canvas() const { return canvas_; }

  std::size_t tool() const { return tool_; }  ///< index into image_tools()
  void choose_tool(std::size_t tool);
  std::string hint();

  // The mouse, while an image is shown
  enum class Mouse { press, drag, release, double_click, hover };
  void mouse(Mouse what, const MouseOnImage& at);
  bool right_click(const MouseOnImage& at);

  /// A key that the tool knows. \return taken
  bool key(const KeyPress& key);
  /// \return taken; else it means what it means beside images
  bool run(Action action);

  /// Takes what other threads have done for the tool; to be called before each picture.
  void tick();
  bool is_busy() const { return active_ && active_->is_busy(); }
  /// The next click says which object the selected one is joined with.
  bool is_joining() const { return is_joining_; }

  /// Keys that move an object are held until then: all of it is one edit.
  void end_nudge();
  bool is_nudging() const { return nudged_.has_value(); }
  /// Something is being made: a class that is chosen now is that of what comes, and of nothing that is there.
  bool is_making() { return canvas_ && active().is_making(); }

  /// What the tool is about to do.
  void preview(ImageDrawing& drawing);
  const PaintedMask* painted() { return active().painted(); }
  std::string painted_id() { return active().painted_id(); }
  PixelRect take_dirty() { return active().take_dirty(); }

 private:
  ImageTool& active();
  ImageWork work() { return {session_, labels, *canvas_, ontology_, new_class_, cuboid_at, picture, wake}; }
  bool cancel();
  /// Another image or tool: what is being made is lost, which is said.
  void give_up();
  /// The selected object is one of this image, or of none.
  bool means_image() const;
  bool nudge(Vec2d by);
  bool go_to_keyframe(int direction);
  bool go_to_image(TimestampNs time);
  bool mark_reviewed();
  bool go_to_unreviewed();
  bool copy_to_frame(int direction);
  void join_at(const MouseOnImage& at);

  Session& session_;
  const Ontology& ontology_;
  const std::string& new_class_;
  std::optional<ImageCanvas> canvas_;
  std::size_t tool_ = 0, last_drawing_tool_ = 1;
  std::unique_ptr<ImageTool> active_;
  bool is_joining_ = false;
  bool is_pressed_ = false;  ///< the left button, for the tool that is on
  struct Nudged {
    std::string id;
    std::shared_ptr<const ImageValue> from;
    Vec2d by;
  };
  std::optional<Nudged> nudged_;
};

}  // namespace sweepmark::editor
