// SPDX-License-Identifier: Apache-2.0
//
// Point clouds that are no episode: a dataset's folder with pointcloud/CLOUD.pcd and for each ann/CLOUD.pcd.json
// (objects and figures of that cloud). CVAT exports its 3D tasks so ("Sly Point Cloud"). Clouds are taken as frames in
// the order of their names; objects of several clouds with one key, or one tag "track_id", are one track. Tags that an
// object has in all its clouds alike are its attributes, others are those of its labels.
#pragma once

#include <filesystem>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::supervisely::clouds {

bool recognises(const std::filesystem::path& folder);
Result<Scene> open(const SceneHandle& handle);
bool are_source_of(const LabelSet& labels);
/// The project with this dataset. \pre are_source_of(labels)  See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::supervisely::clouds
