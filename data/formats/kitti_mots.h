// SPDX-License-Identifier: Apache-2.0
//
// KITTI MOTS (and MOTS Challenge) in text: tracks of masks that do not overlap.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::kitti_mots {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the rows of a sequence, 10 frames a second. Errors name the line and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The rows. Errors: a keyframe without a mask or at a time that is no frame's, an id out of range, masks that overlap.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::kitti_mots
