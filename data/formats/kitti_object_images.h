// SPDX-License-Identifier: Apache-2.0
//
// KITTI's object labels without point clouds: the boxes in images that a 2D team keeps.
#pragma once

#include <filesystem>
#include <string_view>

#include "data/open_scene.h"

namespace sweepmark::kitti_object {

/// Whether a dataset's folder has neither `calib` nor `velodyne`, so that nothing but its images can be shown.
bool has_images_only(const std::filesystem::path& root);

/// All images and label files in the natural order of their names, one second apart; or the one that the handle names.
/// Boxes as they are written; truncation, occlusion, angle and score are attributes. Cuboids are counted in a note.
/// Errors name the line, the column and the file.
Result<Scene> open_images(const SceneHandle& handle);

/// Adds the boxes of a label file to the last image. \return how many rows have a cuboid too
Result<std::size_t> add_boxes(std::string_view content, const std::filesystem::path& file, Scene& scene);

}  // namespace sweepmark::kitti_object
