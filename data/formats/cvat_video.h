// SPDX-License-Identifier: Apache-2.0
//
// "CVAT for video 1.1": tracks of boxes, polygons, polylines, masks and skeletons in XML.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::cvat_video {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content. Frames have numbers, not times: they are taken to be a thirtieth of a second apart.
/// Of the shapes that CVAT computed itself (keyframe="0") those are kept that our interpolation does not give.
/// Errors name the track, the frame and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The file's content. Errors: a keyframe at a time that is no frame's, a value that is not of exactly one kind.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::cvat_video
