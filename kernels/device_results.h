// SPDX-License-Identifier: Apache-2.0
//
// Results that stay on a GPU. Plain arrays in device memory, valid once the executor's stream has got there
// (`Cuda::wait`, or work queued on `Cuda::native_stream` after it). Sizes that only the device knows are on the device
// too: no call waits for them.
#pragma once

#include <cstdint>

#include "kernels/exec/device_array.h"
#include "kernels/interpolate.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// What the device says of one voxelisation.
struct VoxelizeStatus {
  static constexpr std::uint32_t none = 0xFFFFFFFFU;
  enum Problem : std::uint32_t { too_many_blocks = 1, too_many_voxels = 2, outside_layout = 4 };

  unsigned long long points = 0;  ///< in all voxels; not those given less `dropped` where a voxel holds 2^20 or more
  std::uint32_t voxels = 0;
  std::uint32_t dropped = 0;       ///< points with a coordinate that is NaN or infinite
  std::uint32_t first_bad = none;  ///< lowest point out of the key's range: bad input
  std::uint32_t problems = 0;      ///< of `Problem`: more than was reserved; the rest is not valid then
  std::uint32_t blocks = 0;        ///< of 16 x 2 x 2 voxels with a point
  std::uint32_t low[3] = {none, none, none}, high[3] = {0, 0, 0};  ///< their bounds, where they were asked for
  std::uint32_t unused = 0;  ///< no padding: every byte is written before it is copied
};

/// Voxels of one or several sweeps: those of sweep s are `sweep_begin[s]` to `sweep_begin[s + 1]`, each sweep's in the
/// order of `Voxels`. Numbers of `voxel_of_point` run through all sweeps.
struct DeviceVoxels {
  float size_m = 0;
  DeviceArray<Vec3i> coords;
  DeviceArray<std::uint32_t> counts;
  DeviceArray<Point> means;
  DeviceArray<std::uint32_t> voxel_of_point;  ///< when asked
  DeviceArray<std::uint32_t> sweep_begin;     ///< sweeps + 1
  DeviceArray<VoxelizeStatus> status;         ///< one
};

/// Points in the cuboids of one or several sweeps, one count after the other.
struct DeviceCounts {
  DeviceArray<std::uint32_t> inside;             ///< one a cuboid
  DeviceArray<std::uint32_t> containing_cuboid;  ///< when asked, one a point: index among its sweep's cuboids
};

/// Row-major, as `CuboidTable`.
struct DeviceCuboids {
  DeviceArray<Cuboid> cuboids;
  DeviceArray<Presence> presence;
};

}  // namespace sweepmark
