// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/point_cloud.h"
#include "data/scene.h"

namespace sweepmark::scale {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// The points of a sensor-fusion frame: a JSON file of its own.
Result<PointCloud> read_frame_points(const std::filesystem::path& file);

}  // namespace sweepmark::scale
