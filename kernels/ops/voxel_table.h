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

/// Occupied voxels of one share of the points, in a hash table of 2x2x2 cubes: neighbouring voxels share a cache line.
/// One thread. Buffers are kept from use to use.
class VoxelTable {
 public:
  struct Voxel {
    core::VoxelSums sums;
    Vec3i at;
  };

  /// Forgets all voxels. Cost: O(cubes used last time).
  void clear();

  /// Adds points. \param slots  null, or one entry a point: which voxel of this table it is in (`Voxels::no_voxel` when
  /// dropped) \return false when a finite coordinate is out of the key's range
  bool add(std::span<const Point> points, float size, std::uint32_t* slots);

  /// Puts the cubes in the order of `voxel_key`. Cost: a radix sort of the cubes only.
  void sort();

  std::size_t voxel_count() const { return voxels_.size(); }
  std::size_t cube_count() const { return cubes_.size(); }
  std::uint64_t dropped() const { return dropped_; }
  /// Key of the cube at a position of the order: `voxel_key` without its last three bits.
  std::uint64_t cube_key(std::size_t position) const { return order_[position].key; }
  /// Calls visit(slot, voxel) for the voxels of that cube in order.
  template <class Visit>
  void visit_cube(std::size_t position, Visit&& visit) const {
    for (const std::uint32_t entry : buckets_[cubes_[order_[position].cube]].voxel) {
      if (entry != 0) visit(entry - 1, voxels_[entry - 1]);
    }
  }

 private:
  struct alignas(64) Bucket {
    std::uint64_t tag = 0;        ///< key of the cube plus one; 0: empty
    std::uint32_t voxel[8] = {};  ///< position in voxels_ plus one, by (z, y, x); 0: none
  };
  struct Ordered {
    std::uint64_t key;
    std::uint32_t cube;
  };

  std::size_t home_of(std::uint64_t cube_key) const;
  std::uint32_t& entry_of(std::uint64_t key);
  void grow();

  std::vector<Voxel> voxels_;
  std::vector<std::uint32_t> cubes_;  ///< bucket of each cube, in order of appearance
  std::vector<Bucket> buckets_;
  std::vector<Ordered> order_, scratch_;
  int shift_ = 64;  ///< hash >> shift_ is a bucket
  std::uint64_t dropped_ = 0;
  VoxelBlock block_;
  std::uint64_t keys_[voxel_block];  ///< voxel_key of each run of the block
};

}  // namespace sweepmark
