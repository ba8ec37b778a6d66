// SPDX-License-Identifier: Apache-2.0
//
// Pictures without labels: a folder of PNG and JPEG files, or one of them, as the frames of one camera.
#pragma once

#include "data/open_scene.h"

namespace sweepmark::image_folder {

/// A picture, or a folder of nothing but pictures: beside other files they may be part of a dataset that was not
/// recognised.
bool recognises(const std::filesystem::path& path);
/// The pictures of any folder, whatever lies beside them. Errors: no pictures.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Frames in natural order of the names, as far apart as the numbers in them (data/formats/numbered_names.h).
/// Errors: no pictures any more.
Result<Scene> open(const SceneHandle& handle);

}  // namespace sweepmark::image_folder
