// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"
#include "data/scene.h"

namespace sweepmark::labelcloud {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

}  // namespace sweepmark::labelcloud
