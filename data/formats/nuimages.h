// SPDX-License-Identifier: Apache-2.0
//
// nuImages: nuScenes' tables for images alone.
#pragma once

#include <filesystem>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::nuimages {

/// A folder (or its v1.*) with sample, sample_data, log and object_ann tables, and no scenes.
bool recognises(const std::filesystem::path& path);
/// One scene for each log that has images.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Frames are the annotated images of all cameras; those before and behind them are images without a frame. Boxes,
/// masks and attributes of object_ann, masks of surface_ann. Ego poses and lenses are not read. Cost: a pass over the
/// tables.
Result<Scene> open(const SceneHandle& handle);

}  // namespace sweepmark::nuimages
