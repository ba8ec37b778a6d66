// SPDX-License-Identifier: Apache-2.0
//
// YOLO boxes: a text file for each image, in a row the class and the box as parts of the image's width and height.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::yolo {

bool recognises(const std::filesystem::path& path);
/// One scene for each folder of label files: `labels`, or those in it (`labels/train`).
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Images in the order of their names, one second apart. Their sizes come from the images, or where those are not there
/// from `image_sizes.csv` (name, width, height), which our writer leaves. Rows with more than a box (outlines,
/// keypoints) are kept for writing, not shown.
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h: `data.yaml`, `image_sizes.csv` and `labels/`; no images. Rows that nobody changed keep
/// their text.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::yolo
