// SPDX-License-Identifier: Apache-2.0
//
// What of the CUDA code is plain arithmetic, tested without a device: launch sizes, and the keys of voxel blocks.
#include "kernels/exec/launch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/ops/voxel_blocks.h"
#include "kernels/voxelize.h"

namespace sweepmark {
namespace {

TEST(LaunchGeometry, EveryItemHasAThreadUnlessTheGridIsLimited) {
  for (const std::uint64_t items : {1ULL, 31ULL, 32ULL, 33ULL, 255ULL, 256ULL, 257ULL, 1ULL << 20}) {
    const std::uint64_t blocks = cuda::grid_of(items, 256, 1ULL << 40);
    EXPECT_GE(blocks * 256, items);
    EXPECT_LT((blocks - 1) * 256, items) << "a block without work for " << items;
  }
}

TEST(LaunchGeometry, AGridIsNeverLargerThanADeviceTakesNorThanItsLimit) {
  EXPECT_EQ(cuda::grid_of((1ULL << 31) + 5, 256, 1056), 1056U);
  EXPECT_EQ(cuda::grid_of((1ULL << 31) + 5, 256, 1ULL << 40), (1U << 23) + 1);
  EXPECT_EQ(cuda::grid_of(~0ULL, 32, ~0ULL), 0x7FFFFFFFU);
  EXPECT_EQ(cuda::grid_of(10, 256, 0), 1U);
}

TEST(LaunchGeometry, NoWorkIsNoBlock) { EXPECT_EQ(cuda::grid_of(0, 256, 100), 0U); }

std::vector<Vec3i> random_voxels(std::int32_t reach, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::int32_t> along(-reach, reach - 1);
  std::vector<Vec3i> voxels(20'000);
  for (Vec3i& v : voxels) v = {along(random), along(random), along(random) / 16};
  return voxels;
}

core::BlockBounds bounds_of(const std::vector<Vec3i>& voxels) {
  core::BlockBounds bounds;
  for (const Vec3i& v : voxels) {
    const core::BlockPlace p = core::block_place_of(v);
    const std::uint32_t at[3] = {p.x, p.y, p.z};
    for (int k = 0; k < 3; ++k) {
      bounds.low[k] = std::min(bounds.low[k], at[k]);
      bounds.high[k] = std::max(bounds.high[k], at[k]);
    }
  }
  return bounds;
}

TEST(VoxelBlocks, BlockAndBitAreTheSortKeyOfTheVoxelInTwoParts) {
  for (const std::int32_t reach : {40, 3000, 1 << 20}) {
    for (const Vec3i& v : random_voxels(reach, 1)) {
      const core::BlockPlace p = core::block_place_of(v);
      const std::uint64_t block = std::uint64_t{p.z} << 37 | std::uint64_t{p.y} << 17 | p.x;
      ASSERT_EQ(block << 6 | p.bit, voxel_key(v));
      ASSERT_EQ(core::voxel_at(p), v);
    }
  }
}

TEST(VoxelBlocks, ShortKeysKeepTheOrderOfSweepsAndVoxels) {
  auto voxels = random_voxels(5000, 2);
  const auto layout = core::layout_of(bounds_of(voxels), 37, 0.25);
  ASSERT_TRUE(layout.has_value());
  EXPECT_LT(layout->total_bits(), 48);
  std::ranges::sort(voxels, {}, &voxel_key);
  std::uint64_t before = 0;
  for (const std::uint32_t sweep : {0U, 1U, 36U}) {
    for (const Vec3i& v : voxels) {
      const core::BlockPlace p = core::block_place_of(v);
      ASSERT_TRUE(layout->holds(p));
      const std::uint64_t key = layout->key_of(p, sweep);
      ASSERT_GE(key, before);
      ASSERT_EQ(core::voxel_at(layout->place_of(key, p.bit)), v);
      ASSERT_EQ(layout->sweep_of(key), sweep);
      before = key;
    }
  }
  EXPECT_LT(before, (std::uint64_t{1} << layout->total_bits()) - 1) << "all ones mark what is no block";
}

TEST(VoxelBlocks, ALayoutRefusesWhatItCannotHold) {
  const auto layout = core::layout_of(bounds_of(random_voxels(100, 3)), 1, 0.25);
  ASSERT_TRUE(layout.has_value());
  EXPECT_FALSE(layout->holds(core::block_place_of({5000, 0, 0})));
  EXPECT_FALSE(layout->holds(core::block_place_of({-5000, 0, 0})));
  const core::BlockBounds everything{{0, 0, 0}, {(1U << 17) - 1, (1U << 20) - 1, (1U << 20) - 1}};
  EXPECT_TRUE(core::layout_of(everything, 127, 0.25).has_value());
  EXPECT_FALSE(core::layout_of(everything, 128, 0.25).has_value()) << "57 bits of blocks and 8 of sweeps";
}

}  // namespace
}  // namespace sweepmark
