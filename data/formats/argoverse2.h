// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/point_cloud.h"
#include "data/scene.h"

namespace sweepmark::argoverse2 {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);
/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` in data/write_labels.h.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);
/// A sweep of sensors/lidar: float16 coordinates in the ego frame, laser number and offset in time of each point.
Result<PointCloud> read_sweep(const std::filesystem::path& file);
}  // namespace sweepmark::argoverse2
