// SPDX-License-Identifier: Apache-2.0
//
// Indices of large videos are kept in the user's cache, so that a file is read whole once.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/video/video_index.h"
#include "kernels/result.h"

namespace sweepmark {

/// $XDG_CACHE_HOME/sweepmark, or ~/.cache/sweepmark; empty where neither is known.
std::filesystem::path user_cache_folder();

/// Of a video: from the cache if it is there and of this file as it is now (size, time of its last change, content of
/// its first and last 64 KiB), else made. One that took long (over 64 MiB or 1,000 pictures) is kept in `cache`; where
/// that may not be written, or is empty, it is made again next time. A damaged one is made again.
/// Errors: those of `index_video`.
Result<std::shared_ptr<const VideoIndex>> video_index(const std::filesystem::path& file,
                                                      const std::filesystem::path& cache = user_cache_folder());

/// Bytes of an index, with a sum over them, behind `identity`, which says of which file it is.
std::string to_bytes(const VideoIndex& index, std::string_view identity);
/// Nothing where they are damaged or of another file. What it gives can be used without looking at it again.
std::optional<VideoIndex> index_of_bytes(std::string_view bytes, std::string_view identity);

}  // namespace sweepmark
