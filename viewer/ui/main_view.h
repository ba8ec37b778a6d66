// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "viewer/ui/cached_view.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// The large view of the whole frame: look around, select, make new cuboids, move the selected one over the ground.
class MainView {
 public:
  void draw(Workspace& work, const Area& area, Placements& views);

 private:
  std::vector<editor::LineSegment> lines(const Workspace& work) const;
  void take_mouse(Workspace& work, const Area& area);
  /// With the right button held, W A S D Q E move the camera instead of the cuboid.
  static void fly(Workspace& work);
  void click(Workspace& work, double x, double y);
  void double_click(Workspace& work, double x, double y);
  void end_rectangle(Workspace& work, const editor::Rectangle& rectangle, bool fit);
  void draw_overlay(Workspace& work, const Area& area);
  void draw_names(Workspace& work, const Area& area, ImDrawList* list);
  void draw_legend(const Workspace& work, const Area& area, ImDrawList* list);
  void context_menu(Workspace& work);
  /// The track under a pixel.
  std::optional<std::string> object_at(Workspace& work, double x, double y);
  /// The place that a pixel shows: its point, or the ground. Local frame.
  std::optional<Vec3d> place_at(Workspace& work, double x, double y);

  enum class Drag : std::uint8_t { none, pressed, orbit, pan, rectangle, move_object };
  Drag drag_ = Drag::none;
  double press_x_ = 0, press_y_ = 0, mouse_x_ = 0, mouse_y_ = 0;
  bool fit_ = true, context_wanted_ = false, moved_object_ = false;
  std::optional<Vec3d> grabbed_;  ///< on the ground, local frame
  Cuboid before_move_;
  std::string context_track_;
  CachedView picture_;
};

}  // namespace sweepmark::ui
