// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "viewer/ui/side_panel.h"

namespace sweepmark::ui {

/// The selected track in many frames side by side, each in its own axes from above and from its right. Each is edited
/// there; keyframes can be set or fitted one by one, or in all frames that are shown.
class BatchView {
 public:
  void draw(Workspace& work, const Area& area, Placements& views);

 private:
  struct Cell {
    std::array<CachedView, 2> pictures;
    std::array<SideEditor, 2> editors;
    render::Renderer::Cloud cloud;
    std::uint64_t content = 0;
    std::shared_ptr<editor::LoadedFrame> of;
    std::optional<Cuboid> basis, cloud_of, dragged;  ///< world
  };
  void draw_bar(Workspace& work, std::size_t first, std::size_t last);
  void draw_cell(Workspace& work, std::size_t frame, const Area& area, Placements& views);
  void draw_side(Workspace& work, Cell& cell, std::size_t frame, std::size_t side, const Area& area, Placements& views,
                 const Cuboid& now);
  /// The cuboid of the track in a frame, fitted to the points there. \return nothing where there are none
  std::optional<Cuboid> fitted(Workspace& work, std::size_t frame, const Cuboid& world);

  std::map<std::size_t, Cell> cells_;  ///< by frame
  std::string track_;
  std::size_t step_ = 1, first_ = 0;
  bool first_is_set_ = false;
};

}  // namespace sweepmark::ui
