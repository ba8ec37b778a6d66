// SPDX-License-Identifier: Apache-2.0
//
// Label Studio's JSON export: tasks with the results of their annotations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "geometry/mask.h"

namespace sweepmark::label_studio {

bool recognises(const std::filesystem::path& path);
/// All tasks with an image are one scene, each task with a video is another.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Rectangles, polygons, brushes, ellipses (as polygons) and keypoints of images, one second apart in the file's order;
/// rectangles of videos as tracks with keyframes. Other results, further annotations and predictions are counted in
/// notes. Errors name the place by its JSON pointer, and the file.
Result<Scene> open(const SceneHandle& handle);
Result<Scene> parse(std::string_view content, const SceneHandle& handle);

/// The pixels that a brush painted: packed runs of the values of red, green, blue and alpha, of which alpha counts.
/// Errors: another number of values than the image has, bytes that end within a run.
Result<Mask> mask_of_brush(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> bytes);

}  // namespace sweepmark::label_studio
