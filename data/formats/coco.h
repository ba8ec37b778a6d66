// SPDX-License-Identifier: Apache-2.0
//
// COCO's detection format: boxes, polygons, masks and keypoints of single images; with track ids, of videos.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::coco {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content: image i at i seconds, unless images say their times. Errors name the place by its
/// JSON pointer, and the file. Cost: about ten times the content in memory.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The file's content. Errors: a keyframe where there is no image; what COCO cannot hold.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::coco
