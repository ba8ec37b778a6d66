// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a scene: the error, or else the first of its rows that is wrong by itself. Empty: nothing.
#pragma once

#include <filesystem>
#include <string>

#include "data/bad_row_text.h"
#include "data/open_scene.h"

namespace sweepmark::testing_support {

inline std::string first_problem(const Result<Scene>& scene) {
  if (!scene) return scene.error().message;
  return scene->labels.bad_rows.empty() ? "" : in_words(scene->labels.bad_rows.front());
}

/// Of the first scene at a path.
inline std::string first_problem_at(const std::filesystem::path& path) {
  const auto handles = find_scenes(path);
  return handles ? first_problem(open_scene(handles->front())) : handles.error().message;
}

}  // namespace sweepmark::testing_support
