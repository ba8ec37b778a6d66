// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
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
  std::uint64_t cube_key(std::size_t position) const { return buckets_[bucket_at(position)].tag - 1; }
  /// Calls visit(slot, place in the cube, sums) for the voxels of that cube in order.
  template <class Visit>
  void visit_cube(std::size_t position, Visit&& visit) const {
    const Bucket& bucket = buckets_[bucket_at(position)];
    if (position + 12 < order_.size()) __builtin_prefetch(&buckets_[bucket_at(position + 12)]);
    if (position + 5 < order_.size()) {
      // The first voxel of a cube that comes soon: the others of the cube were mostly made right after it.
      const Bucket& soon = buckets_[bucket_at(position + 5)];
      __builtin_prefetch(&voxels_[soon.first]);
      __builtin_prefetch(reinterpret_cast<const char*>(&voxels_[soon.first]) + 64);
    }
    for (unsigned left = bucket.occupied; left != 0; left &= left - 1) {
      const auto place = static_cast<unsigned>(std::countr_zero(left));
      visit(bucket.voxel[place], place, voxels_[bucket.voxel[place]]);
    }
  }

 private:
  struct alignas(64) Bucket {
    std::uint64_t tag = 0;        ///< key of the cube plus one; 0: empty
    std::uint32_t voxel[8] = {};  ///< position in voxels_, by (z, y, x), where `occupied` has its bit
    std::uint32_t occupied = 0;
    std::uint32_t first = 0;  ///< the voxel that the cube was made for
  };
  std::uint32_t bucket_at(std::size_t position) const { return static_cast<std::uint32_t>(order_[position]); }
  std::size_t home_of(std::uint64_t cube_key) const;
  core::VoxelSums& voxel_of(std::uint64_t key, std::uint32_t& slot);
  void grow();
  void sort_by_whole_key();

  std::vector<core::VoxelSums> voxels_;
  struct Cube {
    std::uint64_t key;
    std::uint32_t bucket;
  };
  void prefetch_voxel(std::uint64_t key) const;

  std::vector<Cube> cubes_;  ///< in order of appearance
  std::vector<Bucket> buckets_;
  std::vector<std::uint64_t> order_, scratch_;  ///< short key of a cube << 32 | its bucket
  int shift_ = 64;                              ///< hash >> shift_ is a bucket
  std::uint64_t dropped_ = 0;
  VoxelBlock block_;
  std::uint64_t keys_[voxel_block];  ///< voxel_key of each run of the block
};

/// The voxel at a place (the last three bits of its key) of a cube.
constexpr Vec3i voxel_at(std::uint64_t cube_key, unsigned place) {
  const auto part = [&](int shift, unsigned bit) {
    return static_cast<std::int32_t>((cube_key >> shift & 0xFFFFF) << 1 | (place >> bit & 1)) - (1 << 20);
  };
  return {part(0, 0), part(20, 1), part(40, 2)};
}

}  // namespace sweepmark
