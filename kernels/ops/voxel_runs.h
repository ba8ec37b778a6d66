// SPDX-License-Identifier: Apache-2.0
//
// The vector half of voxelisation: a block of points becomes runs of consecutive points in one voxel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/math/types.h"

namespace sweepmark {

/// Points of a block. Offsets of a block sum to at most 128 * 2^24 = 2^31: they fit 32 bits.
inline constexpr std::size_t voxel_block = 128;

/// A coordinate that no voxel has marks a point that is dropped.
inline constexpr std::int32_t dropped_voxel = INT32_MIN;

/// Buffers for one block; 16 entries more than points, for whole vectors.
struct alignas(64) VoxelBlock {
  std::int32_t x[voxel_block + 16], y[voxel_block + 16], z[voxel_block + 16];  ///< voxel of each point
  std::uint32_t sum[voxel_block + 16][4];        ///< sums of the offsets of the points before (x, y, z, unused)
  std::int64_t intensity_sum[voxel_block + 16];  ///< of the intensities of the points before
  std::uint32_t head[voxel_block + 32];          ///< first point of each run, then the number of points
  std::size_t runs;
};

/// Fills `block` from up to `voxel_block` points.
/// \return false when a finite coordinate is out of the key's range
bool make_voxel_runs(const Point* points, std::size_t count, float size, float scale, VoxelBlock& block);

}  // namespace sweepmark
