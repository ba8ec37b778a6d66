// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/agreement/agreement_report.h"

namespace sweepmark::cli {

/// Several people's labels of one scene, as a command names them.
struct AnnotatorArguments {
  std::vector<std::string> paths;  ///< a label store or a scene of any format each
  std::vector<std::string> names;  ///< of the people; empty: those of the files

  /// \param least  how many paths the command needs
  void add_to(CLI::App& command, int least);
  /// Opens each. Errors: as `open_scene`; a path with several scenes; another number of names than of paths; two of one
  /// name.
  Result<std::vector<Scene>> open() const;
  /// As many as scenes: a view of them with their names.
  std::vector<Annotator> annotators(const std::vector<Scene>& scenes) const;
};

/// How cuboids are matched, as a command says it.
struct MatchingArguments {
  std::string measure = "iou";
  CuboidMatching matching = {};

  void add_to(CLI::App& command);
  CuboidMatching get() const;
};

}  // namespace sweepmark::cli
