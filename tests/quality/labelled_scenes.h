// SPDX-License-Identifier: Apache-2.0
//
// Labelled scenes for tests of several people's labels.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::testing_support {

inline constexpr TimestampNs step = 100'000'000;

/// Frames at 10 Hz.
inline Scene scene_of(std::vector<Track> tracks, int frames = 30) {
  Scene scene;
  scene.format = Format::sweepmark_json;
  scene.name = "street";
  for (int i = 0; i < frames; ++i)
    scene.frames.push_back({.timestamp = i * step, .world_from_ego = {}, .sweeps = {}, .images = {}});
  scene.labels.tracks = std::move(tracks);
  return scene;
}

/// The first scene of that name of a dataset. Fails the test that calls it where there is none.
inline Scene opened(const std::filesystem::path& path, const std::string& name = {}) {
  const auto found = find_scenes(path);
  EXPECT_TRUE(found);
  for (const SceneHandle& handle : *found) {
    if (!name.empty() && handle.name != name) continue;
    auto scene = open_scene(handle);
    EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
    if (scene) return *std::move(scene);
  }
  ADD_FAILURE() << "no scene " << name;
  return {};
}

}  // namespace sweepmark::testing_support
