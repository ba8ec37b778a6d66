// SPDX-License-Identifier: Apache-2.0
//
// What can be grabbed in a side view (see side_views): the cuboid itself, its edges, corners, and a knob that turns it.
#pragma once

#include <optional>

#include "viewer/editor/cuboid_edit.h"
#include "viewer/editor/view_camera.h"

namespace sweepmark::editor {

struct Handle {
  enum class Kind : std::uint8_t { inside, edge, corner, turn } kind = Kind::inside;
  Face first;   ///< of an edge, or of a corner: the one along the view's right
  Face second;  ///< of a corner: the one along the view's up
  friend bool operator==(const Handle&, const Handle&) = default;
};

/// A side view in pixels: where the cuboid's outline and its knob are.
struct SideOutline {
  double left = 0, right = 0, top = 0, bottom = 0;  ///< pixels; the cuboid is upright in its own view
  double knob_x = 0, knob_y = 0;
};

struct SideView {
  Side side = Side::top;
  ViewTransform transform;
  int width = 0, height = 0;  ///< pixels

  /// \pre the cuboid has the axes that the view was made for, or is turned a little from them
  SideOutline outline(const Cuboid& cuboid) const;
  /// What is under the mouse; nothing outside of the cuboid and its handles. Corners go before edges.
  std::optional<Handle> handle_at(const Cuboid& cuboid, double x, double y) const;
  /// The cuboid after dragging from one pixel to another. \param keep_size  move with the edge instead of stretching
  Cuboid drag(const Cuboid& before, const Handle& handle, double from_x, double from_y, double to_x, double to_y,
              bool keep_size) const;
  double metres_per_pixel() const;
};

/// Which faces of the cuboid look to the right and up in a view.
struct SideAxes {
  Face right, up;
};
SideAxes axes_of(Side side);

/// side_views closer by `zoom`.
std::array<ViewTransform, 3> zoomed_side_views(const Cuboid& cuboid, int width, int height, double zoom);

}  // namespace sweepmark::editor
