// SPDX-License-Identifier: Apache-2.0
//
// MOTS in pictures: a folder of 16-bit PNG files, one for each frame, whose pixels are class * 1000 + instance.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::mots_png {

bool recognises(const std::filesystem::path& path);
/// The folder itself, or each of its folders that holds such files (`instances/0000`).
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Frame N is NNNNNN.png, 100 ms apart; a number without a file is a frame without a label. `labels.txt` beside the
/// pictures, or in the folder above, names the classes.
Result<Scene> open(const SceneHandle& handle);

/// See data/write_labels.h. A file whose pixels nobody changed keeps its bytes.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::mots_png
