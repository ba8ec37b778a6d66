// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/scenes.h"
#include "data/atomic_file.h"
#include "data/open_scene.h"
#include "data/write_labels.h"

namespace sweepmark::cli {

/// Where a command writes, and whether what is there may go.
struct OutputArguments {
  std::string path;
  Overwrite overwrite = Overwrite::no;
  bool skip_bad_rows = false;

  /// `-o,--output`, described by `what`, and `--overwrite`.
  CLI::Option* add_to(CLI::App& command, const std::string& what);
  /// `--overwrite` alone, where the output has another name.
  void add_overwrite_to(CLI::App& command);
  /// `--skip-bad-rows`, for commands that write a dataset's labels anew.
  void add_skip_bad_rows_to(CLI::App& command);
  bool is_given() const { return !path.empty(); }

  /// To be asked before the work begins. Errors: something is there that may not be overwritten.
  Result<void> expect_free() const;
  Result<void> expect_free(const std::filesystem::path& out) const;
  Result<void> expect_labels_free() const;  ///< of one scene, as `store_or_json`

  /// To be asked once the scene is open: bad rows that the format would lose. With `--skip-bad-rows` they are counted
  /// on standard error. Errors: there are some, and it is not given; the first few are named.
  Result<void> expect_no_bad_rows(const Scene& scene, Format format) const;

  /// Where the labels of each scene go: the output itself for one scene, something in that folder for several. Empty
  /// paths where no output is given. Errors: two scenes of one name; a folder that is read; something there that may
  /// not be overwritten.
  Result<std::vector<std::filesystem::path>> paths_for(const SceneArguments& arguments,
                                                       const std::vector<SceneHandle>& scenes, Format format,
                                                       std::string_view extension) const;
  /// The same for labels that become a store or our JSON; always JSON for several scenes.
  Result<std::vector<std::filesystem::path>> paths_for(const SceneArguments& arguments,
                                                       const std::vector<SceneHandle>& scenes) const;
  /// The folder of several scenes is made with the first of them. \param out  one of `paths_for`
  Result<void> make_folder_for(const std::filesystem::path& out) const;
  /// Lists on standard error what `format` cannot hold, and writes the rest. \return the rest
  Result<LabelSet> write(const Scene& scene, const LabelSet& labels, Format format,
                         const std::filesystem::path& out) const;
  /// As `store_or_json` of the name.
  Result<void> write(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out) const;
};

/// Labels of one scene as `.sweepmark` or, with any other name, as our JSON.
Format store_or_json(const std::filesystem::path& out);

}  // namespace sweepmark::cli
