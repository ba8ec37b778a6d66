// SPDX-License-Identifier: Apache-2.0
//
// What every command shares: which scenes to work on, how to run them side by side, and how to report a bad one.
#pragma once

#include <CLI/App.hpp>
#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "data/open_scene.h"
#include "data/write_labels.h"
#include "kernels/result.h"

namespace sweepmark::cli {

/// Exit status: 0 done, 1 bad input (nothing written for it), 2 wrong usage.
inline constexpr int exit_ok = 0, exit_bad_input = 1, exit_usage = 2;

/// The scenes that the user named: paths, each a scene or a folder of them, narrowed by name.
struct SceneArguments {
  std::vector<std::string> paths;
  std::string format;
  std::vector<std::string> names;
  std::string labels = {};        ///< a label store, for one scene
  std::string point_fields = {};  ///< of .bin files
  double frame_rate = 0;          ///< of frames that are numbers; 0: what the format takes
  bool is_strict = false;         ///< a sweep that is named and not there is an error

  /// \param only_one  the command takes one scene: a second path is wrong usage
  void add_to(CLI::App& command, bool only_one = false);
  void add_reading_to(CLI::App& command);  ///< what says how files are read, as `add_to` does
  /// `--strict`, for commands that read sweeps.
  void add_strict_to(CLI::App& command);
  /// Opens a scene of `find` for a command that reads its sweeps: those that are not there are counted on standard
  /// error and left out. Errors: as `open_scene`; with `--strict` a missing sweep.
  Result<Scene> open_with_sweeps(const SceneHandle& handle) const;
  /// `--labels STORE`, for commands that work on labels.
  void add_labels_to(CLI::App& command);
  /// Errors: nothing recognised at a path, an unknown format, a name that no scene has, labels for several scenes.
  Result<std::vector<SceneHandle>> find() const;
  /// For commands that take one scene. Errors: as `find`; several (the error lists them).
  Result<SceneHandle> find_one() const;
};

/// Prints "sweepmark: <message>" to standard error and returns `exit_bad_input`.
int report(const Error& error);

/// Runs `work` for each scene, several at a time, with one progress bar. A scene that fails is reported when all are
/// done and does not stop the others.
/// \param work  called with the position of the scene and its handle; at most one call for each position
/// \return exit_ok, or exit_bad_input when any scene failed
int for_each_scene(const std::vector<SceneHandle>& scenes, const std::string& what,
                   const std::function<Result<void>(std::size_t, const SceneHandle&)>& work);

/// "nuscenes, argoverse2, ...", in the order in which they are recognised.
std::string format_names(bool only_writable);

/// "12,345" in the user's reading.
std::string with_thousands(std::uint64_t value);

}  // namespace sweepmark::cli
