// SPDX-License-Identifier: Apache-2.0
//
// "Allocates nothing once warm" is promised, so it is counted. One test program, because it replaces operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "kernels/count_points.h"
#include "kernels/point_index.h"
#include "kernels/voxelize.h"

namespace {
std::atomic<std::size_t> allocations{0};
}

// NOLINTBEGIN
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto to = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(to, (size + to - 1) / to * to)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND

namespace sweepmark {
namespace {

std::vector<Point> random_points() {
  std::mt19937 random(1);
  std::normal_distribution<float> place(0, 20);
  std::vector<Point> points(50'000);
  for (Point& p : points) p = {place(random), place(random), place(random) / 10, 0};
  return points;
}

template <class Call>
std::size_t allocations_when_warm(Call&& call) {
  for (int i = 0; i < 3; ++i) call();
  const std::size_t before = allocations;
  call();
  return allocations - before;
}

TEST(WarmCalls, VoxelizingOnOneThreadAllocatesNothing) {
  const auto points = random_points();
  Voxelizer<Cpu> voxelizer(Cpu{1});
  Voxels voxels;
  EXPECT_EQ(allocations_when_warm(
                [&] { (void)voxelizer.run_into(points, {.size_m = 0.1F, .index_of_points = true}, voxels); }),
            0U);
}

TEST(WarmCalls, CountingOnOneThreadAllocatesNothing) {
  const auto points = random_points();
  const std::vector<Cuboid> cuboids(100, Cuboid{{1, 2, 0}, {4, 2, 1.5}, {0.6, 0, 0, 0.8}});
  PointCounter<Cpu> counter(Cpu{1});
  PointCounts counts;
  EXPECT_EQ(allocations_when_warm([&] {
              (void)counter.run_into({points, cuboids, {}}, {.containing_cuboid = true}, counts);
            }),
            0U);
  PointIndex index;
  ASSERT_TRUE(index.assign(points));
  std::vector<std::uint32_t> inside;
  EXPECT_EQ(allocations_when_warm([&] { (void)index.count_into(cuboids, {}, inside); }), 0U);
}

}  // namespace
}  // namespace sweepmark
