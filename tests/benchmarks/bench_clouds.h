// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark::bench {

/// A real sweep of the test data (KITTI layout), or empty when it is not there.
std::vector<Point> real_sweep(const std::string& relative_path);

/// A generated drive: 64-ring sweeps of a street (ground, house fronts, parked cars, trees) from places 2 m apart,
/// registered in one frame, in the order in which the sensor measures. Deterministic. \return exactly `count` points
std::vector<Point> street_points(std::size_t count);

/// Car-sized cuboids that do not overlap, spread evenly over range within 70 m of the origin, on the ground at z =
/// -1.7.
std::vector<Cuboid> street_cuboids(std::size_t count);

}  // namespace sweepmark::bench
