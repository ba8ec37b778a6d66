// SPDX-License-Identifier: Apache-2.0
//
// Pascal VOC: an XML file of boxes for each image.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::pascal_voc {

/// A folder with `Annotations/`, or one whose own XML files are annotations.
bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Images in the natural order of their names, one second apart; those of `JPEGImages/` without a file of boxes too.
/// Edges are as written, but in the challenge's own files, which count pixels from 1 (docs/formats.md). Parts of
/// objects, objects without a box, and folders of masks are counted in notes. Errors name the object's number and the
/// file.
Result<Scene> open(const SceneHandle& handle);

/// Adds the objects of one annotation to the last image of the scene. For tests and fuzzing.
Result<void> add_annotation(std::string_view content, const std::filesystem::path& file, Scene& scene);

}  // namespace sweepmark::pascal_voc
