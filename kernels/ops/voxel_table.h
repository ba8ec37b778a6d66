// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/voxel_runs.h"
#include "kernels/ops/voxelize_core.h"
#include "kernels/voxelize.h"

namespace sweepmark {

/// Consecutive points in one voxel, on their way to the table that holds it.
struct VoxelRun {
  core::VoxelSums sums;
  std::uint32_t hash;   ///< `voxel_hash`
  std::uint32_t begin;  ///< its first point
};

/// Occupied voxels. An open-addressing table of 4-byte entries, checked against the voxel's
/// own coordinates; the eight voxels of a 2x2x2 cube have neighbouring entries, in half a cache line.
/// One thread. Buffers are kept from use to use.
class VoxelTable {
 public:
  /// Forgets all voxels and makes room for those of so many points. Cost: a few bytes cleared for each expected voxel.
  void clear(std::size_t points);

  /// Adds points. \param slots  null, or one entry a point: which voxel of this table it is in (`Voxels::no_voxel` when
  /// dropped) \return false when a finite coordinate is out of the key's range
  bool add(std::span<const Point> points, float size, std::uint32_t* slots);
  /// Adds runs. \param slots  null, or one entry a point
  void add(std::span<const VoxelRun> runs, std::uint32_t* slots);

  /// Slots are numbers in order of appearance.
  std::size_t voxel_count() const { return voxels_.empty() ? 0 : voxels_.size() - 1; }
  const core::VoxelSums& voxel(std::uint32_t slot) const { return voxels_[slot + 1]; }
  std::uint64_t dropped() const { return dropped_; }  ///< points

  /// Computes the order of `voxel_key`. Cost: a radix sort of 8 bytes a voxel by the bits in which keys differ.
  void sort();
  /// Calls visit(position, slot, sums) for all voxels in the order of `sort`.
  template <class Visit>
  void visit_in_order(Visit&& visit) const {
    constexpr std::size_t ahead = 12;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i + ahead < order_.size()) __builtin_prefetch(&voxel(slot_at(i + ahead)));
      visit(i, slot_at(i), voxel(slot_at(i)));
    }
  }

 private:
  std::uint32_t slot_at(std::size_t position) const { return static_cast<std::uint32_t>(order_[position]); }
  std::size_t home_of(std::uint32_t hash) const { return std::size_t{hash >> shift_} << 3 | (hash & 7); }
  std::size_t next(std::size_t entry) const { return (entry + 9) & mask_; }  // odd: all entries come in turn
  std::uint32_t find_or_add(std::uint32_t hash, Vec3i at);
  void set_entries(std::size_t entries);
  void make_room(std::size_t more);
  void sort_by_whole_key();

  std::vector<core::VoxelSums> voxels_;  ///< the first is no voxel: an entry of 0 is empty
  std::vector<std::uint32_t> entries_;
  std::size_t mask_ = 0;                        ///< entries in use (a power of two), less one
  int shift_ = 0;                               ///< hash >> shift_ is a cube of entries
  std::size_t points_ = 0;                      ///< that this use was made for
  double voxels_per_point_ = 0.3;               ///< of the last use
  std::vector<std::uint64_t> order_, scratch_;  ///< short key << 32 | slot
  std::uint64_t dropped_ = 0;
  VoxelBlock block_;
};

}  // namespace sweepmark
