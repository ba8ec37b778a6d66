// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/ops/voxel_blocks.cuh"
#include "kernels/voxelize.h"

namespace sweepmark::cuda {
namespace {

constexpr unsigned all_lanes = 0xFFFFFFFFU;
/// A table at most half full has no longer chains than this; a longer one means that it is too small.
constexpr int most_probes = 256;

__device__ unsigned lane_of_thread() { return threadIdx.x % 32; }
__device__ std::size_t first_of_thread() { return blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; }
__device__ std::size_t stride_of_grid() { return std::size_t{gridDim.x} * blockDim.x; }

__device__ std::uint32_t slot_of_key(std::uint64_t key, std::uint32_t slots) {
  const std::uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::uint32_t>(mixed >> 32) & (slots - 1);
}

/// \return the slot of the block, entered if it was not there; `no_cell` when the table is too full
__device__ std::uint32_t find_or_enter(BlockEntry* table, std::uint32_t slots, std::uint64_t key) {
  std::uint32_t at = slot_of_key(key, slots);
  for (int probe = 0; probe < most_probes; ++probe) {
    auto* place = reinterpret_cast<unsigned long long*>(&table[at].key);
    unsigned long long found = __ldcg(place);  // from L2: another block may have entered it
    if (found == no_key) {
      found = atomicCAS(place, no_key, key);
      if (found == no_key) return at;
    }
    if (found == key) return at;
    at = (at + 1) & (slots - 1);
  }
  return no_cell;
}

/// The sweep that a point belongs to.
__device__ std::uint32_t sweep_of_point(const VoxelWork& work, std::size_t i) {
  std::uint32_t low = 0, high = work.sweep_count - 1;
  while (low < high) {  // the last sweep that begins at or before the point
    const std::uint32_t middle = low + (high - low + 1) / 2;
    if (work.sweep_begin[middle] <= i) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/// What a thread learns of its points, and adds to the status at its end.
struct Survey {
  std::uint32_t low[3] = {~0U, ~0U, ~0U}, high[3] = {0, 0, 0};
  std::uint32_t dropped = 0, first_bad = VoxelizeStatus::none, problems = 0;

  __device__ void add(const core::BlockPlace& p) {
    const std::uint32_t at[3] = {p.x, p.y, p.z};
    for (int k = 0; k < 3; ++k) {
      low[k] = min(low[k], at[k]);
      high[k] = max(high[k], at[k]);
    }
  }

  /// All lanes of the warp together. Thousands of warps would queue up for one address: only asked for when needed.
  __device__ void report_bounds(VoxelizeStatus* status) {
    for (int k = 0; k < 3; ++k) {
      for (int offset = 16; offset > 0; offset /= 2) {
        low[k] = min(low[k], __shfl_down_sync(all_lanes, low[k], offset));
        high[k] = max(high[k], __shfl_down_sync(all_lanes, high[k], offset));
      }
      if (lane_of_thread() != 0) continue;
      if (low[k] < __ldcg(&status->low[k])) atomicMin(&status->low[k], low[k]);
      if (high[k] > __ldcg(&status->high[k])) atomicMax(&status->high[k], high[k]);
    }
  }

  __device__ void report(VoxelizeStatus* status) {
    for (int offset = 16; offset > 0; offset /= 2) {
      dropped += __shfl_down_sync(all_lanes, dropped, offset);
      first_bad = min(first_bad, __shfl_down_sync(all_lanes, first_bad, offset));
      problems |= __shfl_down_sync(all_lanes, problems, offset);
    }
    if (lane_of_thread() != 0) return;
    if (dropped != 0) atomicAdd(&status->dropped, dropped);
    if (first_bad != VoxelizeStatus::none) atomicMin(&status->first_bad, first_bad);
    if (problems != 0) atomicOr(&status->problems, problems);
  }
};

__device__ bool has_problem(const VoxelWork& work) { return __ldcg(&work.status->problems) != 0; }

}  // namespace

__global__ void clear_blocks(VoxelWork work) {
  const std::size_t stride = stride_of_grid(), first = first_of_thread();
  for (std::size_t i = first; i < work.slots; i += stride) work.table[i] = {no_key, 0};
  for (std::size_t i = first; i < work.block_capacity; i += stride) {
    work.keys[i] = no_key;
    work.slots_of_blocks[i] = 0;
  }
  for (std::size_t i = first; i <= work.sweep_count; i += stride) work.out_sweep_begin[i] = 0;
  if (first == 0) *work.status = VoxelizeStatus{};
}

__global__ void __launch_bounds__(voxel_block_size, 6) mark_voxels(VoxelWork work) {
  const unsigned lane = lane_of_thread();
  const float scale = core::offset_steps / work.size;
  Survey survey;
  // The point of the next round is on its way while this one is worked on.
  float4 next{};
  if (first_of_thread() < work.point_count) next = __ldcs(&work.points[first_of_thread()]);
  // Whole warps stay in the loop together; lanes past the end carry nothing.
  for (std::size_t base = first_of_thread() - lane; base < work.point_count; base += stride_of_grid()) {
    const std::size_t i = base + lane;
    std::uint64_t key = no_key;
    std::uint32_t bit = 0;
    const float4 p = next;
    if (i + stride_of_grid() < work.point_count) next = __ldcs(&work.points[i + stride_of_grid()]);
    if (i < work.point_count) {
      const float x = core::coordinate_of(p.x, work.size, scale).voxel,
                  y = core::coordinate_of(p.y, work.size, scale).voxel,
                  z = core::coordinate_of(p.z, work.size, scale).voxel;
      if (core::in_key_range(x) && core::in_key_range(y) && core::in_key_range(z)) {
        const core::BlockPlace place = core::block_place_of(
            {static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), static_cast<std::int32_t>(z)});
        if (work.survey_bounds) survey.add(place);
        bit = place.bit;
        if (work.layout.holds(place)) {
          key = work.layout.key_of(place, work.sweep_count > 1 ? sweep_of_point(work, i) : 0);
        } else {
          survey.problems |= VoxelizeStatus::outside_layout;
        }
      } else if (isfinite(p.x) && isfinite(p.y) && isfinite(p.z)) {
        survey.first_bad = min(survey.first_bad, static_cast<std::uint32_t>(i));
      } else {
        ++survey.dropped;
      }
    }
    // Neighbours are often in one block: only the first of them looks it up.
    const std::uint64_t before = __shfl_up_sync(all_lanes, key, 1);
    const bool is_head = lane == 0 || key != before;
    const unsigned heads = __ballot_sync(all_lanes, is_head);
    std::uint32_t slot = no_cell;
    if (is_head && key != no_key) {
      slot = find_or_enter(work.table, work.slots, key);
      if (slot == no_cell) survey.problems |= VoxelizeStatus::too_many_blocks;
    }
    const int source = 31 - __clz(static_cast<int>(heads & (all_lanes >> (31 - lane))));
    slot = __shfl_sync(all_lanes, slot, source);
    const std::uint32_t cell = slot == no_cell || key == no_key ? no_cell : slot << 6 | bit;
    const std::uint32_t cell_before = __shfl_up_sync(all_lanes, cell, 1);
    if (cell != no_cell && (lane == 0 || cell != cell_before)) {
      auto* mask = reinterpret_cast<unsigned long long*>(&work.table[slot].mask);
      if ((__ldcg(mask) >> bit & 1) == 0) atomicOr(mask, 1ULL << bit);
    }
    if (i < work.point_count) work.cells[i] = cell;
    // A table that is too small makes every look-up slow; the call is lost anyway.
    if (__any_sync(all_lanes, (survey.problems & VoxelizeStatus::too_many_blocks) != 0)) break;
  }
  survey.report(work.status);
  if (work.survey_bounds) survey.report_bounds(work.status);
}

__global__ void list_blocks(VoxelWork work) {
  // One addition to the count for each round of a block: all blocks of the grid share that one number.
  constexpr unsigned warps = voxel_block_size / 32, slots_of_thread = 4;
  __shared__ std::uint32_t of_warp[warps], first_of_block;
  const unsigned lane = lane_of_thread(), warp = threadIdx.x / 32;
  for (std::size_t base = blockIdx.x * std::size_t{voxel_block_size} * slots_of_thread; base < work.slots;
       base += stride_of_grid() * slots_of_thread) {
    BlockEntry entries[slots_of_thread];
    unsigned used[slots_of_thread];
    std::uint32_t in_warp = 0;
#pragma unroll
    for (unsigned k = 0; k < slots_of_thread; ++k) {
      const std::size_t slot = base + k * voxel_block_size + threadIdx.x;
      entries[k] = slot < work.slots ? work.table[slot] : BlockEntry{no_key, 0};
    }
#pragma unroll
    for (unsigned k = 0; k < slots_of_thread; ++k) {
      used[k] = __ballot_sync(all_lanes, entries[k].key != no_key);
      in_warp += static_cast<std::uint32_t>(__popc(used[k]));
    }
    if (lane == 0) of_warp[warp] = in_warp;
    __syncthreads();
    if (threadIdx.x == 0) {
      std::uint32_t total = 0;
      for (std::uint32_t& count : of_warp) {
        const std::uint32_t here = count;
        count = total;
        total += here;
      }
      first_of_block = total == 0 ? 0 : atomicAdd(&work.status->blocks, total);
    }
    __syncthreads();
    std::uint32_t at = first_of_block + of_warp[warp];
#pragma unroll
    for (unsigned k = 0; k < slots_of_thread; ++k) {
      const std::uint32_t place = at + static_cast<std::uint32_t>(__popc(used[k] & ((1U << lane) - 1)));
      at += static_cast<std::uint32_t>(__popc(used[k]));
      if (entries[k].key == no_key) continue;
      if (place < work.block_capacity) {
        const auto slot = static_cast<std::uint32_t>(base + k * voxel_block_size + threadIdx.x);
        work.keys[place] = entries[k].key;
        work.slots_of_blocks[place] = static_cast<std::uint32_t>(__popcll(entries[k].mask) - 1) << slot_bits | slot;
      } else {
        atomicOr(&work.status->problems, VoxelizeStatus::too_many_blocks);
      }
    }
    __syncthreads();  // the next round writes the shared numbers again
  }
}

__global__ void place_blocks(VoxelWork work) {
  if (has_problem(work)) return;
  const std::uint32_t blocks = work.status->blocks;
  for (std::size_t i = first_of_thread(); i < blocks; i += stride_of_grid()) {
    const std::uint64_t key = work.sorted_keys[i];
    BlockEntry& entry = work.table[work.sorted_slots[i] & slot_mask];
    const std::uint32_t first = work.first_voxel[i];
    std::uint32_t voxel = first;
    for (unsigned long long left = entry.mask; left != 0; left &= left - 1, ++voxel) {
      if (voxel < work.voxel_capacity)
        work.voxel_places[voxel] = static_cast<std::uint32_t>(i) << 6 | static_cast<std::uint32_t>(__ffsll(left) - 1);
    }
    entry.key = first;
    // Each sweep begins with the first block of it or of a later one.
    const std::uint32_t sweep = work.layout.sweep_of(key);
    const std::uint32_t after = i == 0 ? 0 : work.layout.sweep_of(work.sorted_keys[i - 1]) + 1;
    for (std::uint32_t s = after; s <= sweep; ++s) work.out_sweep_begin[s] = first;
    if (i + 1 < blocks) continue;
    for (std::uint32_t s = sweep + 1; s <= work.sweep_count; ++s) work.out_sweep_begin[s] = voxel;
    work.status->voxels = voxel;
    if (voxel > work.voxel_capacity) atomicOr(&work.status->problems, VoxelizeStatus::too_many_voxels);
  }
}

__global__ void accumulate_points(VoxelWork work) {
  if (has_problem(work)) return;
  constexpr unsigned warps = voxel_block_size / 32;
  __shared__ unsigned long long staged[warps][32][4];
  __shared__ std::uint32_t staged_voxel[warps][32];
  const unsigned lane = lane_of_thread(), warp = threadIdx.x / 32;
  const float scale = core::offset_steps / work.size;
  float4 next{};
  std::uint32_t next_cell = no_cell;
  const auto fetch = [&](std::size_t i) {
    next_cell = i < work.point_count ? __ldcs(&work.cells[i]) : no_cell;
    if (i < work.point_count) next = __ldcs(&work.points[i]);
  };
  fetch(first_of_thread());
  for (std::size_t base = first_of_thread() - lane; base < work.point_count; base += stride_of_grid()) {
    const std::size_t i = base + lane;
    const float4 p = next;
    const std::uint32_t cell = next_cell;
    fetch(i + stride_of_grid());
    std::uint32_t x = 0, y = 0, z = 0;
    std::int64_t intensity = 0;
    if (cell != no_cell) {
      x = static_cast<std::uint32_t>(core::coordinate_of(p.x, work.size, scale).offset);
      y = static_cast<std::uint32_t>(core::coordinate_of(p.y, work.size, scale).offset);
      z = static_cast<std::uint32_t>(core::coordinate_of(p.z, work.size, scale).offset);
      intensity = core::whole_intensity(p.w);
    }
    const std::uint32_t before = __shfl_up_sync(all_lanes, cell, 1);
    const bool is_head = lane == 0 || cell != before;
    const unsigned heads = __ballot_sync(all_lanes, is_head);
    const unsigned later = lane == 31 ? 0U : heads >> (lane + 1);
    const unsigned end = later == 0 ? 32U : lane + static_cast<unsigned>(__ffs(static_cast<int>(later)));
    // Runs of one voxel are added up in the warp first; 32 offsets of 24 bits fit in 32. `longer` has a bit where more
    // than `distance` lanes of a run follow each other: no run is longer when it is empty.
    unsigned longer = ~heads;
    for (unsigned distance = 1; distance < 32 && longer != 0; distance *= 2) {
      const std::uint32_t next_x = __shfl_down_sync(all_lanes, x, distance),
                          next_y = __shfl_down_sync(all_lanes, y, distance),
                          next_z = __shfl_down_sync(all_lanes, z, distance);
      const std::int64_t next_intensity = __shfl_down_sync(all_lanes, intensity, distance);
      if (lane + distance < end) {
        x += next_x;
        y += next_y;
        z += next_z;
        intensity += next_intensity;
      }
      longer &= longer >> distance;
    }
    std::uint32_t voxel = 0;
    const bool adds = is_head && cell != no_cell;
    if (adds) {
      const BlockEntry entry = work.table[cell >> 6];
      const std::uint64_t below = (std::uint64_t{1} << (cell & 63)) - 1;
      voxel = static_cast<std::uint32_t>(entry.key) + static_cast<std::uint32_t>(__popcll(entry.mask & below));
      if (work.points_inside != nullptr) atomicAdd(&work.points_inside[voxel], end - lane);
    }
    // Four lanes add the four sums of one voxel: one 32-byte piece of memory for each voxel, not four.
    const unsigned adding = __ballot_sync(all_lanes, adds);
    if (adds) {
      const unsigned rank = static_cast<unsigned>(__popc(adding & ((1U << lane) - 1)));
      staged[warp][rank][0] = work.points_inside == nullptr ? core::packed(end - lane, x) : x;
      staged[warp][rank][1] = y;
      staged[warp][rank][2] = z;
      staged[warp][rank][3] = static_cast<unsigned long long>(intensity);
      staged_voxel[warp][rank] = voxel;
    }
    __syncwarp();
    const unsigned values = 4 * static_cast<unsigned>(__popc(adding));
    for (unsigned k = lane; k < values; k += 32) {
      const unsigned long long value = staged[warp][k / 4][k % 4];
      atomicAdd(work.sums + (std::size_t{4} * staged_voxel[warp][k / 4] + k % 4), value);
    }
    __syncwarp();  // the next round writes there again
    if (work.voxel_of_point == nullptr) continue;
    const int source = 31 - __clz(static_cast<int>(heads & (all_lanes >> (31 - lane))));
    voxel = __shfl_sync(all_lanes, voxel, source);
    if (i < work.point_count) work.voxel_of_point[i] = cell == no_cell ? Voxels::no_voxel : voxel;
  }
}

__global__ void finish_voxels(VoxelWork work) {
  if (has_problem(work)) return;
  const std::uint32_t voxels = work.status->voxels;
  unsigned long long points = 0;
  for (std::size_t base = blockIdx.x * std::size_t{voxel_block_size}; base < voxels; base += stride_of_grid()) {
    const std::size_t i = base + threadIdx.x;
    auto* const sums = reinterpret_cast<ulonglong2*>(work.sums + 4 * base);
    if (i < voxels) {
      const ulonglong2 xy = sums[2 * threadIdx.x], zi = sums[2 * threadIdx.x + 1];
      std::uint64_t x = xy.x;
      std::uint32_t count = 0;
      if (work.points_inside == nullptr) {
        count = core::packed_count(x);
        x = core::packed_offsets(x);
      } else {
        count = work.points_inside[i];
        work.points_inside[i] = 0;
      }
      points += count;
      const std::uint32_t place = work.voxel_places[i];
      const Vec3i at = core::voxel_at(work.layout.place_of(work.sorted_keys[place >> 6], place & 63));
      work.coords[i] = at;
      work.counts[i] = count;
      work.means[i] = core::mean_of({{x, xy.y, zi.x}, static_cast<std::int64_t>(zi.y), at, count}, work.size);
    }
    __syncthreads();  // all have read; neighbours now clear neighbouring memory
    for (unsigned k = threadIdx.x; k < 2 * voxel_block_size; k += voxel_block_size) {
      if (base + k / 2 < voxels) sums[k] = ulonglong2{0, 0};
    }
  }
  for (int offset = 16; offset > 0; offset /= 2) points += __shfl_down_sync(all_lanes, points, offset);
  // One addition for each block: all of them go to the same address.
  __shared__ unsigned long long of_warp[voxel_block_size / 32];
  if (lane_of_thread() == 0) of_warp[threadIdx.x / 32] = points;
  __syncthreads();
  if (threadIdx.x != 0) return;
  points = 0;
  for (const unsigned long long here : of_warp) points += here;
  if (points != 0) atomicAdd(&work.status->points, points);
}

}  // namespace sweepmark::cuda
