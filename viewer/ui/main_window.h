// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "viewer/ui/batch_view.h"
#include "viewer/ui/camera_strip.h"
#include "viewer/ui/comments_panel.h"
#include "viewer/ui/export_panel.h"
#include "viewer/ui/gui_context.h"
#include "viewer/ui/image_panel.h"
#include "viewer/ui/image_view.h"
#include "viewer/ui/main_view.h"
#include "viewer/ui/object_list.h"
#include "viewer/ui/side_panel.h"
#include "viewer/ui/timeline.h"

namespace sweepmark::ui {

/// All panels in their places: one picture of the program from what has come in.
class MainWindow {
 public:
  /// Takes input, runs what keys ask for, and draws. \param seconds  since the last frame
  void frame(GuiContext& gui, Workspace& work, render::Screen& screen, double seconds);

 private:
  MainView main_view_;
  ObjectList objects_;
  SidePanel side_panel_;
  ImageView image_view_;
  ImagePanel image_panel_;
  Timeline timeline_;
  CameraStrip cameras_;
  BatchView batch_;
  CommentsPanel comments_;
  ExportPanel export_;
};

}  // namespace sweepmark::ui
