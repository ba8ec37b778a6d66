// SPDX-License-Identifier: Apache-2.0
//
// The device side of voxelisation: a hash table of blocks of 64 voxels. `mark` enters the block of each point and sets
// its voxel's bit; blocks are then sorted, a scan over the bits numbers the voxels, and `accumulate` adds each point to
// its voxel. Whole-number sums: the same bits as on the CPU, in any order.
#pragma once

#include "kernels/device_results.h"
#include "kernels/ops/voxel_blocks.h"
#include "kernels/ops/voxelize_core.h"

namespace sweepmark::cuda {

inline constexpr unsigned voxel_block_size = 256;
inline constexpr std::uint64_t no_key = ~std::uint64_t{0};
inline constexpr std::uint32_t no_cell = 0xFFFFFFFFU;
/// A slot and one of its 64 voxels share 32 bits.
inline constexpr std::uint32_t most_slots = 1U << 25;
/// A slot and the number of its voxels, less one, share 32 bits while blocks are sorted.
inline constexpr int slot_bits = 26;
inline constexpr std::uint32_t slot_mask = (1U << slot_bits) - 1;

/// A block in the table. Its key makes room for the number of its first voxel once blocks are sorted.
struct alignas(16) BlockEntry {
  std::uint64_t key;
  std::uint64_t mask;
};

/// What all kernels of one call share.
struct VoxelWork {
  const float4* points;
  std::uint32_t point_count;
  const std::uint64_t* sweep_begin;  ///< sweep_count + 1
  std::uint32_t sweep_count;
  float size;
  core::BlockLayout layout;
  BlockEntry* table;
  std::uint32_t slots;  ///< a power of two
  std::uint32_t block_capacity, voxel_capacity;
  std::uint32_t* cells;  ///< of each point: slot << 6 | bit
  std::uint64_t* keys;   ///< of blocks, before and after the sort
  std::uint64_t* sorted_keys;
  std::uint32_t* slots_of_blocks;  ///< with the number of voxels above (`slot_bits`), before and after the sort
  std::uint32_t* sorted_slots;
  std::uint32_t* first_voxel;   ///< of each sorted block
  std::uint32_t* voxel_places;  ///< of each voxel: sorted block << 6 | bit
  // All 0 between calls: what is added in one is taken out by its last kernel.
  unsigned long long* sums;      ///< 4 a voxel: offsets (the first with the number of points) and intensity
  std::uint32_t* points_inside;  ///< one a voxel; null while their number is packed into the sums
  bool survey_bounds;            ///< report the bounds of all points
  Vec3i* coords;
  std::uint32_t* counts;
  Point* means;
  std::uint32_t* voxel_of_point;  ///< null unless asked
  std::uint32_t* out_sweep_begin;
  VoxelizeStatus* status;
};

__global__ void clear_blocks(VoxelWork work);
__global__ void mark_voxels(VoxelWork work);
__global__ void list_blocks(VoxelWork work);
__global__ void place_blocks(VoxelWork work);
__global__ void accumulate_points(VoxelWork work);
__global__ void finish_voxels(VoxelWork work);

/// Voxels of a sorted block, for the scan that numbers them.
struct VoxelsOfBlock {
  const std::uint32_t* sorted_slots;
  const VoxelizeStatus* status;
  __device__ std::uint32_t operator()(std::uint32_t i) const {
    return i < status->blocks ? (sorted_slots[i] >> slot_bits) + 1 : 0U;
  }
};

}  // namespace sweepmark::cuda
