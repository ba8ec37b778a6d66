// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {
namespace {

constexpr std::array rows{
    ImageToolRow{"Select", "Alt + click deletes a vertex, another click goes to what lies below",
                 "Select, move and adjust objects", make_select_tool},
    ImageToolRow{"Box", "Shift keeps a square", "New box: drag from corner to corner", make_box_tool},
    ImageToolRow{"Polygon", "Shift + drag draws freehand, Enter or a double click closes, Ctrl+Z takes a vertex back",
                 "New polygon: click its vertices", make_polygon_tool},
    ImageToolRow{"Line", "Shift + drag draws freehand, Enter or a double click ends, Ctrl+Z takes a vertex back",
                 "New line: click its vertices", make_line_tool},
    ImageToolRow{"Brush",
                 "[ and ] size, Alt + drag erases, X swaps, Shift + click draws straight, Escape: a new object",
                 "Paint the mask of the selected object, or a new one", make_brush_tool},
    ImageToolRow{"Skeleton", "right click: hidden, Space: not there, Enter: no more joints",
                 "New skeleton: click its joints as they are named", make_skeleton_tool},
};

}  // namespace

std::span<const ImageToolRow> image_tools() { return rows; }

}  // namespace sweepmark::editor
