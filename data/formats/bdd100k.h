// SPDX-License-Identifier: Apache-2.0
//
// BDD100K's labels (the Scalabel format): boxes, polygons, masks and poses of images and of videos, frame by frame.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::bdd100k {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content: frames of videos are 200 ms apart (BDD100K's tracking sets), other images a second.
/// Errors name the place by its JSON pointer, and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The file's content. Errors: a keyframe where there is no image; a turned box.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::bdd100k
