// SPDX-License-Identifier: Apache-2.0
//
// A label store as a scene: labels in the world frame, and frames at the times of its keyframes. No sweeps.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::sweepmark_store {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);
/// Makes a new store, or adds one edit to the store that is there: its history stays.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::sweepmark_store
