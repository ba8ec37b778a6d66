// SPDX-License-Identifier: Apache-2.0
//
// COCO's panoptic format: a JSON file whose annotations say what the numbers in pictures mean, and beside it a folder
// of its name with a picture (PNG, 24 bits) for each annotation.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::coco_panoptic {

/// The JSON file, or the folder of pictures that lies beside it and has its name.
bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Every segment is a mask; segments with a `track_id` (or `instance_id`) are tracks, others labels of single images.
/// Errors name the place by its JSON pointer or the picture. Cost: that of decoding all pictures.
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: the pictures first, into the folder beside `out`, then the file. Segments and pictures that
/// nobody changed stay as they are. Errors: labels without a mask or where there is no image, masks that overlap.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::coco_panoptic
