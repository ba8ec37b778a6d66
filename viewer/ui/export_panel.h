// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "data/scene.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// Writes the labels in another format, or in the dataset's own; what is lost or made up is listed before.
class ExportPanel {
 public:
  void draw(Workspace& work, const Area& window);

 private:
  void choose(const Workspace& work, Format format);
  void draw_target(Workspace& work, float wide);
  void draw_buttons(Workspace& work, const Conversion* conversion);

  std::vector<Format> formats_;
  std::optional<Format> format_;  ///< none: the panel is closed
  std::array<char, 1024> path_{};
};

}  // namespace sweepmark::ui
