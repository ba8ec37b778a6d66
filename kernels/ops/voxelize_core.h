// SPDX-License-Identifier: Apache-2.0
//
// The voxel rule, written once for the CPU (whose vector code repeats it lane by lane) and for CUDA.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/math/types.h"

namespace sweepmark::core {

/// Voxel coordinates are in [-voxel_limit, voxel_limit): what a 63-bit key holds.
inline constexpr float voxel_limit = 1 << 20;
/// Offsets from the voxel's corner are counted in size / 2^24.
inline constexpr float offset_steps = 1 << 24;
/// Intensities are counted in 2^-15 and limited to +-65535, which holds every sensor's own unit; NaN counts as 0.
inline constexpr float intensity_steps = 1 << 15;
inline constexpr float intensity_limit = 65535;

/// Finer voxels than a micrometre mean nothing, and their scale would overflow.
inline bool is_usable_size(float size) { return size >= 1e-6F && size <= 1e6F; }

/// False for NaN too.
SWEEPMARK_HD inline bool in_key_range(float voxel) { return voxel >= -voxel_limit && voxel < voxel_limit; }

/// One coordinate of a point: the voxel it is in, and its offset from the voxel's corner as a whole number.
struct Coordinate {
  float voxel;
  std::int32_t offset;
};

/// k * size <= x < (k + 1) * size in exact arithmetic: x times the rounded 1 / size is off by less than 1/4 where the
/// key's range ends, so its floor by one at most, and the sign of a correctly rounded fused multiply-add is exact.
/// (Comparing the rest with the size is not: a rest just below it rounds up to it.) \param scale  offset_steps / size
SWEEPMARK_HD inline Coordinate coordinate_of(float x, float size, float scale) {
  float k = floorf(x * (scale * (1 / offset_steps)));  // a power of two: the product in brackets is exact
  k += fmaf(-k, size, x) < 0 ? -1.0F : fmaf(-(k + 1), size, x) >= 0 ? 1.0F : 0.0F;
  return {k, in_key_range(k) ? static_cast<std::int32_t>(fmaf(-k, size, x) * scale) : 0};
}

SWEEPMARK_HD inline std::int32_t whole_intensity(float intensity) {
  const float limited = fminf(fmaxf(intensity == intensity ? intensity : 0.0F, -intensity_limit), intensity_limit);
  return static_cast<std::int32_t>(rintf(limited * intensity_steps));
}

/// What is summed up for a voxel. Whole numbers: any order of addition gives the same bits.
struct VoxelSums {
  std::uint64_t offset[3];
  std::int64_t intensity;
  Vec3i at;
  std::uint32_t count;
};
static_assert(sizeof(VoxelSums) == 48);

SWEEPMARK_HD inline Point mean_of(const VoxelSums& sums, float size) {
  const double share = 1.0 / sums.count, edge = static_cast<double>(size),
               step = edge / static_cast<double>(offset_steps) * share;
  return {static_cast<float>(sums.at.x * edge + static_cast<double>(sums.offset[0]) * step),
          static_cast<float>(sums.at.y * edge + static_cast<double>(sums.offset[1]) * step),
          static_cast<float>(sums.at.z * edge + static_cast<double>(sums.offset[2]) * step),
          static_cast<float>(static_cast<double>(sums.intensity) * (share / static_cast<double>(intensity_steps)))};
}

}  // namespace sweepmark::core
