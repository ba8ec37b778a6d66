// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

constexpr std::array rows{
    ImageToolRow{"Select", "Alt + click deletes a vertex, another click goes to what lies below",
                 "Select, move and adjust objects", make_select_tool},
    ImageToolRow{"Box", "Shift keeps a square", "New box: drag from corner to corner", make_box_tool},
    ImageToolRow{
        "Polygon",
        "Enter or a double click closes, Ctrl+Z takes a vertex back, Shift + drag draws freehand, Ctrl snaps to "
        "other outlines, Z follows edges of the image, X: new, add to or cut from the selected object",
        "New polygon, or a part of the selected one: click its vertices", make_polygon_tool},
    ImageToolRow{"Line",
                 "Enter or a double click ends, Ctrl+Z takes a vertex back, Shift + drag draws freehand, Ctrl snaps to "
                 "other outlines, Z follows edges of the image",
                 "New line: click its vertices", make_line_tool},
    ImageToolRow{"Brush",
                 "[ and ] size, Alt + drag erases, X swaps, Shift + click draws straight, Escape: a new object",
                 "Paint the mask of the selected object, or a new one", make_brush_tool},
    ImageToolRow{"Wand", "Drag to the right takes in more, Alt + click takes away, Escape: a new object",
                 "Click a colour: the region that is like it joins the mask", make_wand_tool},
    ImageToolRow{"Cutout",
                 "Paint what belongs to it, Alt + drag what does not, [ and ] size, Enter accepts, Escape gives up",
                 "Drag a box: the object in it is cut out by its colours and edges", make_cutout_tool},
    ImageToolRow{"Cut", "Enter or a double click cuts, Shift + drag draws freehand",
                 "Cut the selected mask or outline in two along a line", make_cut_tool},
    ImageToolRow{"Skeleton", "Right click: hidden, Space: not there, Enter: no more joints",
                 "New skeleton: click its joints as they are named", make_skeleton_tool},
};

}  // namespace

std::span<const ImageToolRow> image_tools() { return rows; }

std::shared_ptr<const Picture> ImageWork::picture_or_say() {
  auto shown = picture ? picture() : nullptr;
  if (!shown) {
    session.say("The image is not there yet");
    return nullptr;
  }
  if (shown->width != static_cast<int>(canvas.width) || shown->height != static_cast<int>(canvas.height)) {
    session.say("The image has another size than its labels");
    return nullptr;
  }
  return shown;
}

}  // namespace sweepmark::editor
