// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::sweepmark_json {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content. Errors name the place by its JSON pointer, and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The file's content. \param folder  where the file will be: paths of sweeps and images become relative to it
std::string to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

/// See data/write_labels.h: the whole scene is written, with these labels.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::sweepmark_json
