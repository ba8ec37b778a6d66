// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "kernels/result.h"

namespace sweepmark::pandaset {

/// The file beside a sweep, lidar/NN.bin, that gives each point's LiDAR in a byte (column `d` of the tables).
std::filesystem::path file_of_lidars(const std::filesystem::path& sweep);

/// The number of each point's LiDAR: 0 turns, 1 looks ahead. Empty where the file is not there: the points are not told
/// apart. Errors: a file that cannot be read, or of another number of points.
Result<std::vector<std::uint8_t>> lidars_of_points(const std::filesystem::path& sweep, std::size_t points);

}  // namespace sweepmark::pandaset
