// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::openpcdet {

bool recognises(const std::filesystem::path& path);
/// The data set is one scene; its frames are its samples in the order of their names.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: `labels` in the folder `out`, one text for each frame.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` in data/write_labels.h: `points` and `ImageSets` too. Points are in the vehicle's frame.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::openpcdet
