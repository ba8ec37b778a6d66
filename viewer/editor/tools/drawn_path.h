// SPDX-License-Identifier: Apache-2.0
//
// For tools whose mouse draws an outline or a line: by clicks, freehand, along edges of the image, snapped to others.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "geometry/segment/live_wire.h"
#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {

class DrawnPath {
 public:
  bool is_empty() const { return vertices_.empty(); }
  std::span<const Vec2d> vertices() const { return vertices_; }
  bool follows_edges() const { return follows_edges_; }
  /// Whether a click there is one on the first vertex.
  bool is_at_first(const ImageWork& work, Vec2d at) const;

  void press(ImageWork& work, const MouseOnImage& mouse);  ///< a vertex more
  void drag(ImageWork& work, const MouseOnImage& mouse);   ///< freehand with Shift
  void hover(ImageWork& work, const MouseOnImage& mouse);
  /// Z: along edges of the image or straight. \return taken
  bool key(ImageWork& work, const KeyPress& key);
  bool take_back(ImageWork& work);  ///< the last click. \return false: there is none
  bool clear();                     ///< \return whether there was something

  /// \param is_closed  the way back to the first vertex is shown too
  void preview(const ImageWork& work, ImageDrawing& drawing, Rgba colour, bool is_closed) const;

 private:
  Vec2d place(ImageWork& work, const MouseOnImage& mouse) const;  ///< within the image, snapped with Ctrl
  void add(Vec2d at);
  void start_wire(ImageWork& work);

  std::vector<Vec2d> vertices_;
  std::vector<std::size_t> clicks_;  ///< how many vertices there were before each
  std::vector<Vec2d> ahead_;         ///< from the last vertex to the mouse
  Vec2d mouse_;
  bool follows_edges_ = false, is_snapped_ = false;
  LiveWire wire_;
};

}  // namespace sweepmark::editor
