// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/scene.h"
#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

/// The points of one sweep. Optional columns are empty or have one entry a point.
struct PointCloud {
  std::vector<Point> points;        ///< metres, relative to `origin`
  Vec3d origin;                     ///< in the file's frame; not zero only where coordinates are too large for float32
  std::vector<std::uint16_t> ring;  ///< laser number
  std::vector<std::int32_t> offset_ns;  ///< time of the point after the sweep's timestamp
};

/// Reads one file of points. \param layout  of raw_bin
/// Errors: unreadable, truncated, or a layout that does not fit `kind`; the message names the file and the place. A
/// .bin file whose numbers fit another layout by far is an error that says which (data/raw_points.h).
Result<PointCloud> read_points(const std::filesystem::path& file, PointFileKind kind,
                               const RawLayout* layout = nullptr);
Result<PointCloud> read_points(const SweepRef& sweep);

/// \return the kind that the file's name says, or an error that lists those known.
Result<PointFileKind> point_file_kind(const std::filesystem::path& file);

/// `sweep.world_from_points` with the cloud's local origin put in: takes `cloud.points` to the world frame.
Pose world_from_local(const SweepRef& sweep, const PointCloud& cloud);

}  // namespace sweepmark
