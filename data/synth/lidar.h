// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/synth/street.h"
#include "kernels/math/types.h"

namespace sweepmark::synth {

struct LidarOptions {
  int rings = 64;      ///< 32, 64 or 128
  int columns = 1800;  ///< firings in a revolution
  double revolution_s = 0.1;
  Pose ego_from_lidar{{}, {0.9, 0, 1.84}};
};

struct LidarSweep {
  std::vector<Point> points;        ///< frame of the sensor at the sweep's time; whole millimetres; firing order
  std::vector<std::uint16_t> ring;  ///< 0 is the lowest
};

/// One revolution, half of it before and half after time `t` (seconds). The sensor and everything that moves move on
/// from column to column; points are given in the sensor's frame at `t`, as motion-compensated datasets give them.
/// Deterministic for the street's seed and `sweep`. Cost: about 0.5 microseconds a ray, one thread.
LidarSweep scan(const Street& street, const LidarOptions& options, double t, std::uint64_t sweep);

}  // namespace sweepmark::synth
