// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "data/open_scene.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every file below a path, by its name from there, with its content; a file alone under an empty name.
inline std::map<std::string, std::string> files_at(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return {{"", content_of(path)}};
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(path).string()] = content_of(entry.path());
  }
  return files;
}

inline void write_content(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

inline void replace(std::string& text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

/// The only scene at a path, or a failed test.
inline Scene scene_at(const std::filesystem::path& path, const std::string& name = "") {
  const auto handles = find_scenes(path);
  EXPECT_TRUE(handles.has_value()) << (handles ? "" : handles.error().message);
  if (!handles) return {};
  for (const SceneHandle& handle : *handles) {
    if (!name.empty() && handle.name != name) continue;
    auto scene = open_scene(handle);
    EXPECT_TRUE(scene.has_value()) << (scene ? "" : scene.error().message);
    return scene ? *std::move(scene) : Scene{};
  }
  ADD_FAILURE() << "no scene " << name << " at " << path;
  return {};
}

/// What finding and opening says is wrong.
inline std::string problem_at(const std::filesystem::path& path) {
  const auto handles = find_scenes(path);
  if (!handles) return handles.error().message;
  const auto scene = open_scene(handles->front());
  return scene ? "" : scene.error().message;
}

inline void expect_words(const std::string& message, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    EXPECT_NE(message.find(word), std::string::npos) << "no \"" << word << "\" in: " << message;
}

}  // namespace sweepmark::testing_support
