// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::pandaset {

/// Attributes of a label that the other LiDAR saw too: the id of that cuboid, and the number of its own LiDAR (0 turns,
/// 1 looks ahead). Source: pandaset-devkit, `annotations.Cuboids`.
inline constexpr const char* sibling_attribute = "cuboids.sibling_id";
inline constexpr const char* sensor_attribute = "cuboids.sensor_id";
inline constexpr const char* no_sibling = "-";

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: the rows of `annotations/cuboids.csv`.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` there: times and poses of the LiDAR, and the cuboids.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::pandaset
