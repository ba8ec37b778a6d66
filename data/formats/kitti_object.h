// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::kitti_object {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: `label_2` in the folder `out`, one file for each frame.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` in data/write_labels.h: `calib`, `velodyne` and `image_2` too, since models are trained from it.
/// Points of other formats are written as float32 in the frame of the frame's LiDAR; images are copied as they are.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::kitti_object
