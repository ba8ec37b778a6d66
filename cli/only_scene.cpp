// SPDX-License-Identifier: Apache-2.0
#include "cli/only_scene.h"

#include <fmt/format.h>

#include "data/open_scene.h"

namespace sweepmark::cli {

Result<Scene> open_only_scene(const std::string& path) {
  auto found = find_scenes(path);
  if (!found) return found.error();
  if (found->size() != 1) return Error{fmt::format("expected one scene, found {}: {}", found->size(), path)};
  return open_scene(found->front());
}

}  // namespace sweepmark::cli
