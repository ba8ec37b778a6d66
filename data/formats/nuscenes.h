// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"
#include "data/store/stored_scene.h"

namespace sweepmark::nuscenes {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);
/// Times of a scene's samples by their tokens. Errors: as `open`.
Result<std::map<std::string, TimestampNs>> sample_times(const Scene& scene);
/// See data/format_table.h: the records of the scene alone, from every table.
Result<std::vector<OriginFile>> origin_files(const SceneHandle& handle);
/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);
/// See `write_scene` there: all tables, in the sub-folder v1.0-sweepmark; point labels where there are any. Sweeps and
/// images are referred to where nuScenes can read their files.
Result<void> write_scene(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::nuscenes
