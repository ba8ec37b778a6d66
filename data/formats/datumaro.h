// SPDX-License-Identifier: Apache-2.0
//
// Datumaro's own format: annotations/SUBSET.json with items, each an image or a point cloud.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::datumaro {

/// The file, or a dataset's folder with `annotations/`.
bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Boxes, polygons, ellipses (as polygons), lines, masks, points and skeletons of images, cuboids of point clouds (in
/// the cloud's frame). Annotations of one `track_id` are a track; those of one group in an item are one label. Other
/// types are kept for writing and counted in notes. Frames:
/// `attr.timestamp_ns` (ours), or `attr.frame` 100 ms apart, or else one for each item. Errors name the place by its
/// JSON pointer, and the file.
Result<Scene> open(const SceneHandle& handle);
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// See data/write_labels.h. Annotations that nobody changed stay as they are.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::datumaro
