// SPDX-License-Identifier: Apache-2.0
//
// What the mouse does in an image: one tool at a time. A tool gets events in pixels of the image, shows what it is
// about to do, and ends in at most one edit. It knows no window. A new tool is a file here and a row in
// image_tool_table.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "data/image_file.h"
#include "data/ontology.h"
#include "viewer/editor/canvas/image_canvas.h"
#include "viewer/editor/canvas/image_drawing.h"
#include "viewer/editor/canvas/painted_mask.h"
#include "viewer/editor/image_labels.h"

namespace sweepmark::editor {

/// What a tool works on.
struct ImageWork {
  Session& session;
  ImageLabels& labels;
  const ImageCanvas& canvas;
  const Ontology& ontology;
  std::string new_class;  ///< of new objects
  /// The object in 3D that the image shows at a pixel.
  const std::function<std::optional<std::string>(Vec2d)>& cuboid_at;
  /// What the image shows; null, or no function: it is not there.
  const std::function<std::shared_ptr<const Picture>()>& picture;
  /// To be called from another thread when there is something for `tick`; may be empty.
  const std::function<void()>& wake;

  /// \return null where it is not there or of another size, which is said
  std::shared_ptr<const Picture> picture_or_say();
};

class ImageTool {
 public:
  ImageTool() = default;
  virtual ~ImageTool() = default;
  ImageTool(const ImageTool&) = delete;
  ImageTool& operator=(const ImageTool&) = delete;

  /// One line for the user: what the next click does, with the keys that matter now.
  virtual std::string hint(const ImageWork& work) const = 0;

  // The left button. A press that moves less than a few points until it is let go is a click.
  virtual void press(ImageWork&, const MouseOnImage&) {}
  virtual void drag(ImageWork&, const MouseOnImage&) {}  ///< with the button held
  virtual void release(ImageWork&, const MouseOnImage&) {}
  /// The second press of two. \return taken; else it is a press
  virtual bool double_click(ImageWork&, const MouseOnImage&) { return false; }
  virtual void hover(ImageWork&, const MouseOnImage&) {}  ///< no button held

  /// The right button, without moving. \return taken
  virtual bool right_click(ImageWork&, const MouseOnImage&) { return false; }
  /// A key that only this tool knows. \return taken
  virtual bool key(ImageWork&, const KeyPress&) { return false; }
  /// Ctrl+Z while something is being made: the last step of it. \return false: there is none, so undo what was done
  virtual bool take_back(ImageWork&) { return false; }
  /// Enter. \return taken
  virtual bool finish(ImageWork&) { return false; }
  /// Escape, another frame or another tool. \return false: there was nothing to give up
  virtual bool cancel(ImageWork&) { return false; }

  /// Takes what another thread has done; called before each picture of the window.
  virtual void tick(ImageWork&) {}
  /// Another thread works for it.
  virtual bool is_busy() const { return false; }

  /// Something was begun that another image or tool would lose.
  virtual bool is_making() const { return false; }

  /// What it is about to do, drawn on top.
  virtual void preview(ImageWork&, ImageDrawing&) const {}
  /// A mask that is being painted, shown in place of that of `painted_id`; null: none.
  virtual const PaintedMask* painted() const { return nullptr; }
  virtual std::string painted_id() const { return {}; }
  /// What of it has changed since the last call.
  virtual PixelRect take_dirty() { return {}; }
};

struct ImageToolRow {
  std::string_view name;  ///< on its button, and in scripts
  std::string_view keys;  ///< of its own while it is on, for the help
  std::string_view what;  ///< one line for the help
  std::unique_ptr<ImageTool> (*make)();
};

/// All tools, in the order of the toolbar; the first is on at the beginning.
std::span<const ImageToolRow> image_tools();

// Each in its own file.
std::unique_ptr<ImageTool> make_select_tool();
std::unique_ptr<ImageTool> make_box_tool();
std::unique_ptr<ImageTool> make_polygon_tool();
std::unique_ptr<ImageTool> make_line_tool();
std::unique_ptr<ImageTool> make_brush_tool();
std::unique_ptr<ImageTool> make_skeleton_tool();
std::unique_ptr<ImageTool> make_cut_tool();
std::unique_ptr<ImageTool> make_wand_tool();
std::unique_ptr<ImageTool> make_cutout_tool();

}  // namespace sweepmark::editor
