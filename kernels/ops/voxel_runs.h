// SPDX-License-Identifier: Apache-2.0
//
// The vector half of voxelisation: a block of points becomes runs of consecutive points in one voxel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/math/types.h"

namespace sweepmark {

inline constexpr std::size_t voxel_block = 128;

/// A coordinate that no voxel has marks a point that is dropped.
inline constexpr std::int32_t dropped_voxel = INT32_MIN;

/// Buffers for one block; 16 entries more than points, for whole vectors.
struct alignas(64) VoxelBlock {
  std::int32_t x[voxel_block + 16], y[voxel_block + 16], z[voxel_block + 16];  ///< voxel of each point
  std::uint32_t hash[voxel_block + 16];                                        ///< `voxel_hash` of it
  std::int64_t sum[voxel_block + 16][4];  ///< of the points before: offsets (x, y, z) and intensity
  std::uint32_t head[voxel_block + 32];   ///< first point of each run, then the number of points
  std::size_t runs;
};

/// Where a voxel belongs in a table: the high bits are a hash of its cube of 2x2x2, the last three its place in there,
/// differently turned for each cube (of a flat ground half the places would stay empty).
constexpr std::uint32_t voxel_hash(Vec3i k) {
  const auto half = [](std::int32_t v) { return static_cast<std::uint32_t>(v >> 1); };
  std::uint32_t hash = half(k.x) * 0x9E3779B1U + half(k.y) * 0x85EBCA77U + half(k.z) * 0xC2B2AE3DU;
  hash = (hash ^ hash >> 15) * 0x2C1B3C6DU;
  const auto bit = [](std::int32_t v) { return static_cast<std::uint32_t>(v & 1); };
  return hash ^ (bit(k.z) << 2 | bit(k.y) << 1 | bit(k.x));
}

/// Fills `block` from up to `voxel_block` points.
/// \return false when a finite coordinate is out of the key's range
bool make_voxel_runs(const Point* points, std::size_t count, float size, float scale, VoxelBlock& block);

}  // namespace sweepmark
