// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/voxel_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace sweepmark {
namespace {

constexpr std::size_t fewest_entries = 1 << 12;

/// Entries that keep the table at most 60 % full.
constexpr std::size_t entries_for(std::size_t voxels) { return std::bit_ceil(voxels * 5 / 3 + 1); }

}  // namespace

void VoxelTable::set_entries(std::size_t entries) {
  if (entries_.size() < entries) entries_.resize(entries);
  std::fill_n(entries_.begin(), entries, 0U);
  mask_ = entries - 1;
  shift_ = 32 - (static_cast<int>(std::bit_width(mask_)) - 3);
}

void VoxelTable::clear(std::size_t points) {
  if (points_ > 0) voxels_per_point_ = static_cast<double>(voxel_count()) / static_cast<double>(points_);
  points_ = points;
  const auto expected = static_cast<std::size_t>(voxels_per_point_ * static_cast<double>(points));
  set_entries(std::max(fewest_entries, entries_for(expected)));
  voxels_.clear();
  voxels_.push_back({{}, 0, {dropped_voxel, dropped_voxel, dropped_voxel}, 0});
  order_.clear();
  dropped_ = 0;
}

void VoxelTable::make_room(std::size_t more) {
  const std::size_t entries = entries_for(voxels_.size() + more);
  if (entries <= mask_ + 1) return;
  set_entries(entries);
  for (std::size_t v = 1; v < voxels_.size(); ++v) {
    std::size_t i = home_of(voxel_hash(voxels_[v].at));
    while (entries_[i] != 0) i = next(i);
    entries_[i] = static_cast<std::uint32_t>(v);
  }
}

std::uint32_t VoxelTable::find_or_add(std::uint32_t hash, Vec3i at) {
  std::size_t i = home_of(hash);
  for (std::uint32_t v; (v = entries_[i]) != 0; i = next(i)) {
    if (voxels_[v].at == at) return v;
  }
  const auto v = static_cast<std::uint32_t>(voxels_.size());
  entries_[i] = v;
  voxels_.push_back({{}, 0, at, 0});
  return v;
}

bool VoxelTable::add(std::span<const Point> points, float size, std::uint32_t* slots) {
  constexpr std::size_t entry_ahead = 16, voxel_ahead = 6;  // runs
  const float scale = core::offset_steps / size;
  for (std::size_t base = 0; base < points.size(); base += voxel_block) {
    const std::size_t count = std::min(voxel_block, points.size() - base);
    VoxelBlock& b = block_;
    if (!make_voxel_runs(points.data() + base, count, size, scale, b)) return false;
    make_room(b.runs);
    for (std::size_t r = 0; r < b.runs; ++r) {
      // Entries first, and when they are here the voxels that they point to.
      if (r + entry_ahead < b.runs) __builtin_prefetch(&entries_[home_of(b.hash[b.head[r + entry_ahead]])]);
      if (r + voxel_ahead < b.runs)
        __builtin_prefetch(voxels_.data() + entries_[home_of(b.hash[b.head[r + voxel_ahead]])], 1);
      const std::uint32_t begin = b.head[r], end = b.head[r + 1];
      std::uint32_t v = 0;
      if (b.x[begin] != dropped_voxel) {
        v = find_or_add(b.hash[begin], {b.x[begin], b.y[begin], b.z[begin]});
        core::VoxelSums& sums = voxels_[v];
        for (int k = 0; k < 3; ++k) sums.offset[k] += static_cast<std::uint64_t>(b.sum[end][k] - b.sum[begin][k]);
        sums.intensity += b.sum[end][3] - b.sum[begin][3];
        sums.count += end - begin;
      } else {
        dropped_ += end - begin;
      }
      static_assert(Voxels::no_voxel == std::uint32_t{0} - 1);
      if (slots != nullptr) std::fill(slots + base + begin, slots + base + end, v - 1);
    }
  }
  return true;
}

void VoxelTable::add(std::span<const VoxelRun> runs, std::uint32_t* slots) {
  constexpr std::size_t entry_ahead = 16, voxel_ahead = 6;
  for (std::size_t base = 0; base < runs.size(); base += voxel_block) {
    const std::size_t count = std::min(voxel_block, runs.size() - base);
    make_room(count);
    for (std::size_t r = base; r < base + count; ++r) {
      if (r + entry_ahead < runs.size()) __builtin_prefetch(&entries_[home_of(runs[r + entry_ahead].hash)]);
      if (r + voxel_ahead < runs.size())
        __builtin_prefetch(voxels_.data() + entries_[home_of(runs[r + voxel_ahead].hash)], 1);
      const core::VoxelSums& from = runs[r].sums;
      const std::uint32_t v = find_or_add(runs[r].hash, from.at);
      core::VoxelSums& to = voxels_[v];
      for (int k = 0; k < 3; ++k) to.offset[k] += from.offset[k];
      to.intensity += from.intensity;
      to.count += from.count;
      if (slots != nullptr) std::fill_n(slots + runs[r].begin, from.count, v - 1);
    }
  }
}

void VoxelTable::sort() {
  order_.resize(voxel_count());
  scratch_.resize(voxel_count());
  if (order_.empty()) return;
  // Relative to the smallest cube of each axis keys need few bits, so few passes. The order stays the same.
  Vec3i low = voxels_[1].at, high = low;
  for (std::size_t v = 2; v < voxels_.size(); ++v) {
    const Vec3i at = voxels_[v].at;
    low = {std::min(low.x, at.x), std::min(low.y, at.y), std::min(low.z, at.z)};
    high = {std::max(high.x, at.x), std::max(high.y, at.y), std::max(high.z, at.z)};
  }
  const auto cubes = [](std::int32_t from, std::int32_t to) {
    return static_cast<std::uint32_t>((to >> 1) - (from >> 1));
  };
  const int x_bits = static_cast<int>(std::bit_width(cubes(low.x, high.x))),
            y_bits = static_cast<int>(std::bit_width(cubes(low.y, high.y))),
            z_bits = static_cast<int>(std::bit_width(cubes(low.z, high.z)));
  const int total_bits = x_bits + y_bits + z_bits + 3;
  if (total_bits > 32) return sort_by_whole_key();

  constexpr int passes = 3;
  const int digit_bits = (total_bits + passes - 1) / passes;
  const std::uint64_t digit = (std::uint64_t{1} << digit_bits) - 1;
  std::array<std::array<std::uint32_t, 2048>, 3> start{};
  for (std::size_t v = 1; v < voxels_.size(); ++v) {
    const Vec3i at = voxels_[v].at;
    const std::uint64_t cube =
        (std::uint64_t{cubes(low.z, at.z)} << y_bits | cubes(low.y, at.y)) << x_bits | cubes(low.x, at.x);
    const std::uint64_t key = cube << 3 | (at.z & 1) << 2 | (at.y & 1) << 1 | (at.x & 1);
    order_[v - 1] = key << 32 | (v - 1);
    for (int p = 0; p < passes; ++p) ++start[static_cast<std::size_t>(p)][key >> p * digit_bits & digit];
  }
  for (int p = 0; p < passes; ++p) {
    auto& next = start[static_cast<std::size_t>(p)];
    std::uint32_t total = 0;
    for (std::uint32_t& s : next) total += std::exchange(s, total);
    const int shift = 32 + p * digit_bits;
    for (const std::uint64_t o : order_) scratch_[next[o >> shift & digit]++] = o;
    order_.swap(scratch_);
  }
}

/// For clouds of several kilometres in fine voxels.
void VoxelTable::sort_by_whole_key() {
  for (std::size_t v = 0; v < order_.size(); ++v) order_[v] = v;
  std::ranges::sort(order_, {}, [&](std::uint64_t slot) { return voxel_key(voxels_[slot + 1].at); });
}

}  // namespace sweepmark
