// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::cli {

/// The one scene at a path, in any format. Errors: nothing recognised, several scenes.
Result<Scene> open_only_scene(const std::string& path);

}  // namespace sweepmark::cli
