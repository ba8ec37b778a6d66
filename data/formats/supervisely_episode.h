// SPDX-License-Identifier: Apache-2.0
//
// An episode: a dataset's folder with annotation.json (objects, and figures by frame), pointcloud/*.pcd and
// frame_pointcloud_map.json. Attributes of an object are its tags; those of a label are tags that hold in its frame
// alone.
#pragma once

#include <filesystem>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::supervisely::episode {

/// \param path  the folder, or its annotation.json
bool recognises(const std::filesystem::path& path);
std::filesystem::path folder_of(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);
/// A project with one episode. See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::supervisely::episode
