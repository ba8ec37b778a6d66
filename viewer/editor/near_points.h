// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "viewer/editor/frame_cache.h"

namespace sweepmark::editor {

/// The frame's own points within `margin_m` of a cuboid, on each of its axes: indices, ascending.
/// \param cuboid  local frame of the points
/// \param lidar   the one that the cuboid's label is about
/// Cost: O(points near it).
std::vector<std::uint32_t> points_near(LoadedFrame& frame, const Cuboid& cuboid, double margin_m, OwnLidar lidar);

/// Their places, local frame.
std::vector<Vec3d> places_near(LoadedFrame& frame, const Cuboid& cuboid, double margin_m, OwnLidar lidar);

}  // namespace sweepmark::editor
