// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::semantic_kitti {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// See `write_scene` in data/write_labels.h: sequences/NN with labels, poses and times, and the names of the classes.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::semantic_kitti
