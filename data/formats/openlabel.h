// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::openlabel {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content. Errors name the place by its JSON pointer, and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// See data/write_labels.h: one file, valid by the schema of ASAM OpenLABEL 1.0.0.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::openlabel
