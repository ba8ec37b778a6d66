// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/scene.h"

namespace sweepmark::testing_support {

/// A scene of files in `folder`, quick to write and read: the ego vehicle drives along +x of the world at 10 m/s from
/// (1000, 2000, 30); frames every 0.2 s, sweeps every 0.1 s (nuScenes layout, with rings). Each sweep has the same 500
/// points of the world at rest, and 200 in or close around a car that turns and overtakes at 15 m/s.
/// Track "car" has keyframes in every second frame, track "post" (at rest, with points) two.
Scene small_scene(const std::filesystem::path& folder, std::size_t frames);

/// How many of each sweep's points are at rest: the first ones.
constexpr std::size_t points_at_rest = 500, points_at_car = 200;

/// A sweep's points in the world, float64 from the file: written by other code than the viewer's.
std::vector<Vec3d> world_points(const SweepRef& sweep);

/// Brute force in float64, closed faces.
bool is_inside(const Cuboid& cuboid, Vec3d point);

}  // namespace sweepmark::testing_support
