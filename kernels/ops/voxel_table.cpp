// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/voxel_table.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sweepmark {
namespace {

constexpr int first_table_bits = 12;

}  // namespace

void VoxelTable::clear() {
  for (const std::uint32_t bucket : cubes_) buckets_[bucket] = {};
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
  for (std::uint32_t& cube : cubes_) {
    const Bucket& moved = old[cube];
    std::size_t i = home_of(moved.tag - 1);
    while (buckets_[i].tag != 0) i = (i + 1) & mask;
    buckets_[i] = moved;
    cube = static_cast<std::uint32_t>(i);
  }
}

// Fibonacci hashing: the high bits of the product depend on all bits of the key.
std::size_t VoxelTable::home_of(std::uint64_t cube_key) const { return cube_key * 0x9E3779B97F4A7C15ULL >> shift_; }

std::uint32_t& VoxelTable::entry_of(std::uint64_t key) {
  const std::uint64_t tag = (key >> 3) + 1;
  const std::size_t mask = buckets_.size() - 1;
  std::size_t i = home_of(key >> 3);
  while (buckets_[i].tag != tag) {
    if (buckets_[i].tag == 0) {
      buckets_[i].tag = tag;
      cubes_.push_back(static_cast<std::uint32_t>(i));
      break;
    }
    i = (i + 1) & mask;
  }
  return buckets_[i].voxel[key & 7];
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
      if (r + 8 < block_.runs) __builtin_prefetch(&buckets_[home_of(keys_[r + 8] >> 3)]);
      if (block_.x[begin] == dropped_voxel) {
        dropped_ += end - begin;
        if (slots != nullptr) std::fill(slots + base + begin, slots + base + end, Voxels::no_voxel);
        continue;
      }
      std::uint32_t& entry = entry_of(keys_[r]);
      if (entry == 0) {
        voxels_.push_back({{}, {block_.x[begin], block_.y[begin], block_.z[begin]}});
        entry = static_cast<std::uint32_t>(voxels_.size());
      }
      core::VoxelSums& sums = voxels_[entry - 1].sums;
      for (int k = 0; k < 3; ++k) sums.offset[k] += block_.sum[end][k] - block_.sum[begin][k];
      sums.intensity += block_.intensity_sum[end] - block_.intensity_sum[begin];
      sums.count += end - begin;
      if (slots != nullptr) std::fill(slots + base + begin, slots + base + end, entry - 1);
    }
  }
  return true;
}

void VoxelTable::sort() {
  // Keys relative to the smallest coordinate of each axis need few bits: few passes.
  order_.resize(cubes_.size());
  scratch_.resize(cubes_.size());
  std::uint64_t all_or = 0, all_and = ~std::uint64_t{0};
  for (std::size_t c = 0; c < cubes_.size(); ++c) {
    const std::uint64_t key = buckets_[cubes_[c]].tag - 1;
    order_[c] = {key, static_cast<std::uint32_t>(c)};
    all_or |= key;
    all_and &= key;
  }
  // Stable passes from the low bits up, over the bits that differ at all.
  std::uint64_t differing = all_or ^ all_and;
  while (differing != 0) {
    const int low = std::countr_zero(differing);
    constexpr int digit_bits = 11;
    constexpr std::uint64_t digit = (1 << digit_bits) - 1;
    std::array<std::uint32_t, digit + 1> start{};
    for (const Ordered& o : order_) ++start[o.key >> low & digit];
    std::uint32_t total = 0;
    for (std::uint32_t& s : start) total += std::exchange(s, total);
    for (const Ordered& o : order_) scratch_[start[o.key >> low & digit]++] = o;
    order_.swap(scratch_);
    differing &= low + digit_bits >= 64 ? 0 : ~std::uint64_t{0} << (low + digit_bits);
  }
}

}  // namespace sweepmark
