// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "data/point_cloud.h"
#include "data/point_file_info.h"

namespace sweepmark {

/// Points from the bytes of a KITTI (4 float32 a point) or nuScenes (5: x y z intensity ring) file.
/// Errors: a size that is not a whole number of points; `file` is named.
Result<PointCloud> parse_bin(std::span<const char> bytes, PointFileKind kind, const std::filesystem::path& file);

/// Points from a PCD or PLY file, any field types; the cloud gets an origin where float32 cannot hold its coordinates.
Result<PointCloud> read_pcd(const std::filesystem::path& file);
Result<PointCloud> read_ply(const std::filesystem::path& file);

/// What their headers say, without the uses of the fields.
Result<PointFileInfo> pcd_info(const std::filesystem::path& file);
Result<PointFileInfo> ply_info(const std::filesystem::path& file);

}  // namespace sweepmark
