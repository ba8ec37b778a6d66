// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/voxel_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace sweepmark {
namespace {

constexpr int first_table_bits = 12;

}  // namespace

void VoxelTable::clear() {
  for (const Cube& cube : cubes_) buckets_[cube.bucket] = {};
  cubes_.clear();
  voxels_.clear();
  order_.clear();
  dropped_ = 0;
}

void VoxelTable::grow() {
  const int bits = buckets_.empty() ? first_table_bits : static_cast<int>(std::bit_width(buckets_.size()));
  std::vector<Bucket> old(std::size_t{1} << bits);
  old.swap(buckets_);
  shift_ = 64 - bits;
  const std::size_t mask = buckets_.size() - 1;
  for (Cube& cube : cubes_) {
    std::size_t i = home_of(cube.key);
    while (buckets_[i].tag != 0) i = (i + 1) & mask;
    buckets_[i] = old[cube.bucket];
    cube.bucket = static_cast<std::uint32_t>(i);
  }
}

// Fibonacci hashing: the high bits of the product depend on all bits of the key.
std::size_t VoxelTable::home_of(std::uint64_t cube_key) const { return cube_key * 0x9E3779B97F4A7C15ULL >> shift_; }

/// Where the bucket of a coming run is in the cache by now, its sums can be on their way too.
void VoxelTable::prefetch_voxel(std::uint64_t key) const {
  const Bucket& bucket = buckets_[home_of(key >> 3)];
  const std::uint32_t voxel = bucket.voxel[key & 7];
  __builtin_prefetch(voxels_.data() + voxel, 1);
}

core::VoxelSums& VoxelTable::voxel_of(std::uint64_t key, std::uint32_t& slot) {
  const std::uint64_t tag = (key >> 3) + 1;
  const std::size_t mask = buckets_.size() - 1;
  std::size_t i = home_of(key >> 3);
  while (buckets_[i].tag != tag) {
    if (buckets_[i].tag == 0) {
      buckets_[i].tag = tag;
      buckets_[i].first = static_cast<std::uint32_t>(voxels_.size());
      cubes_.push_back({key >> 3, static_cast<std::uint32_t>(i)});
      break;
    }
    i = (i + 1) & mask;
  }
  Bucket& bucket = buckets_[i];
  const unsigned place = key & 7;
  if ((bucket.occupied >> place & 1) == 0) {
    bucket.occupied |= 1U << place;
    bucket.voxel[place] = static_cast<std::uint32_t>(voxels_.size());
    voxels_.emplace_back();
  }
  slot = bucket.voxel[place];
  return voxels_[slot];
}

bool VoxelTable::add(std::span<const Point> points, float size, std::uint32_t* slots) {
  const float scale = core::offset_steps / size;
  if (buckets_.empty()) grow();
  for (std::size_t base = 0; base < points.size(); base += voxel_block) {
    const std::size_t count = std::min(voxel_block, points.size() - base);
    if (!make_voxel_runs(points.data() + base, count, size, scale, block_)) return false;
    // Room for a cube from each run of the block, at most half full.
    while ((cubes_.size() + block_.runs) * 2 > buckets_.size()) grow();
    for (std::size_t r = 0; r < block_.runs; ++r) {
      const std::uint32_t head = block_.head[r];
      keys_[r] = voxel_key({block_.x[head], block_.y[head], block_.z[head]});
    }
    for (std::size_t r = 0; r < block_.runs; ++r) {
      const std::uint32_t begin = block_.head[r], end = block_.head[r + 1];
      if (r + 10 < block_.runs) __builtin_prefetch(&buckets_[home_of(keys_[r + 10] >> 3)]);
      if (r + 4 < block_.runs) prefetch_voxel(keys_[r + 4]);
      if (block_.x[begin] == dropped_voxel) {
        dropped_ += end - begin;
        if (slots != nullptr) std::fill(slots + base + begin, slots + base + end, Voxels::no_voxel);
        continue;
      }
      std::uint32_t slot = 0;
      core::VoxelSums& sums = voxel_of(keys_[r], slot);
      for (int k = 0; k < 3; ++k) sums.offset[k] += block_.sum[end][k] - block_.sum[begin][k];
      sums.intensity += block_.intensity_sum[end] - block_.intensity_sum[begin];
      sums.count += end - begin;
      if (slots != nullptr) std::fill(slots + base + begin, slots + base + end, slot);
    }
  }
  return true;
}

void VoxelTable::sort() {
  order_.resize(cubes_.size());
  scratch_.resize(cubes_.size());
  if (cubes_.empty()) return;
  // Relative to the smallest coordinate of each axis, keys need few bits: few passes. The order stays the same.
  constexpr std::uint64_t axis = (1 << 20) - 1;
  std::uint64_t low[3] = {axis, axis, axis}, high[3] = {};
  for (const Cube& cube : cubes_) {
    const std::uint64_t key = cube.key;
    for (int k = 0; k < 3; ++k) {
      const std::uint64_t v = key >> (20 * k) & axis;
      low[k] = std::min(low[k], v);
      high[k] = std::max(high[k], v);
    }
  }
  int bits[3];
  for (int k = 0; k < 3; ++k) bits[k] = static_cast<int>(std::bit_width(high[k] - low[k]));
  const int total_bits = bits[0] + bits[1] + bits[2];
  if (total_bits > 32) return sort_by_whole_key();
  for (std::size_t c = 0; c < cubes_.size(); ++c) {
    const std::uint64_t key = cubes_[c].key;
    const std::uint64_t x = (key & axis) - low[0], y = (key >> 20 & axis) - low[1], z = (key >> 40 & axis) - low[2];
    order_[c] = ((z << bits[1] | y) << bits[0] | x) << 32 | cubes_[c].bucket;
  }
  const int passes = (total_bits + 10) / 11, digit_bits = passes == 0 ? 1 : (total_bits + passes - 1) / passes;
  const std::uint64_t digit = (std::uint64_t{1} << digit_bits) - 1;
  for (int shift = 32; shift < 32 + total_bits; shift += digit_bits) {
    std::array<std::uint32_t, 2048> start{};
    for (const std::uint64_t o : order_) ++start[o >> shift & digit];
    std::uint32_t total = 0;
    for (std::uint32_t& s : start) total += std::exchange(s, total);
    for (const std::uint64_t o : order_) scratch_[start[o >> shift & digit]++] = o;
    order_.swap(scratch_);
  }
}

/// For clouds of several kilometres in fine voxels.
void VoxelTable::sort_by_whole_key() {
  std::ranges::transform(cubes_, order_.begin(), [](const Cube& cube) { return std::uint64_t{cube.bucket}; });
  std::ranges::sort(order_, {}, [&](std::uint64_t bucket) { return buckets_[bucket].tag; });
}

}  // namespace sweepmark
