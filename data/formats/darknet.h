// SPDX-License-Identifier: Apache-2.0
//
// Darknet's layout of YOLO's labels, which CVAT calls "YOLO 1.1": a `.data` file that names the list of classes and,
// for each part of the dataset, a list of images; the labels of an image lie beside it.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::darknet {

/// A folder with `obj.data` (or one other `*.data` with `names =`).
bool recognises(const std::filesystem::path& path);
/// One scene for each list of images that is there.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// As YOLO's scenes (data/formats/yolo.h). Paths in lists are those of Darknet's working folder: what is in front of
/// the dataset's own part of them is left out.
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: `obj.data`, `obj.names`, the list, its label files, `image_sizes.csv`; no images. Rows that
/// nobody changed keep their text.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::darknet
