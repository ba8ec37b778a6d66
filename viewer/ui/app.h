// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "viewer/editor/document.h"
#include "viewer/editor/keymap.h"
#include "viewer/editor/script.h"

namespace sweepmark::ui {

struct AppOptions {
  std::shared_ptr<const Scene> scene;
  editor::Keymap keymap;
  std::string author;
  Ontology ontology;                 ///< classes to choose from, besides those of the labels; may be empty
  std::function<TimestampNs()> now;  ///< UTC
  std::size_t frame = 0;             ///< to begin with
  std::string track;                 ///< selected to begin with; may be empty
  int width = 1600, height = 900;
  std::optional<double> scale;  ///< pixels per point, 1 to 4; without it, what the display says
  bool validation = false;
  std::filesystem::path record;  ///< where to write what the user does, as a script; may be empty
};

/// An object as the last picture showed it.
struct ShownObject {
  std::string track, class_name;
  bool is_keyframe = false;
  Cuboid cuboid;  ///< frame world
};

struct AppReport {
  std::uint64_t edits = 0;
  std::size_t frame = 0;
  std::string selected;
  std::vector<ShownObject> objects;
  std::string enlarged;  ///< the camera whose image takes the main view's place
  std::string message;   ///< that was on the screen
  std::string device;
  std::vector<std::string> validation_messages;
};

/// Opens the window and works until it is closed. \throws std::exception without a display, or when the driver fails
Result<AppReport> run_in_window(const AppOptions& options, editor::Document document);

/// Plays a script; in a window when asked, else without a display. Errors: a screenshot that cannot be written.
Result<AppReport> run_script(const AppOptions& options, editor::Document document,
                             const std::vector<editor::ScriptStep>& script, bool in_window);

}  // namespace sweepmark::ui
