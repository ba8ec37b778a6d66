// SPDX-License-Identifier: Apache-2.0
//
// Frames of a Scale sensor-fusion task: a JSON file each with points, the pose of the device, and images.
#pragma once

#include <filesystem>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::scale {

/// frames/*.json in the order of their numbers, or names.
std::vector<std::filesystem::path> frame_files(const std::filesystem::path& folder);
bool is_frame(const std::filesystem::path& file);

/// Reads the frames of a task into a scene whose first sensor is the LiDAR: sweeps, poses, images that are here.
/// Frames without times are 100 ms apart. Errors name the file and the place.
Result<void> read_frames(const std::vector<std::filesystem::path>& files, const std::filesystem::path& folder,
                         Scene& scene);

}  // namespace sweepmark::scale
