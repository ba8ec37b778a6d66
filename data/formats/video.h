// SPDX-License-Identifier: Apache-2.0
//
// A video file without labels: its pictures as the frames of one camera, at the times that the file gives them.
#pragma once

#include "data/open_scene.h"

namespace sweepmark::video {

/// Whether a name ends in a suffix of videos, in any case.
bool has_video_suffix(const std::filesystem::path& name);
/// A file that is called as videos are (what is wrong in it is said when it is opened), or a folder of nothing but
/// videos.
bool recognises(const std::filesystem::path& path);
/// A file, or each video of a folder in natural order of their names. Errors: no video there.
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
/// Reads the whole file once, to know its pictures; later from the user's cache (data/video/index_cache.h).
/// Errors: those of `index_video`.
Result<Scene> open(const SceneHandle& handle);

}  // namespace sweepmark::video
