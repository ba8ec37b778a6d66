// SPDX-License-Identifier: Apache-2.0
//
// Results that stay on a GPU, several sweeps in one call, graphs, several executors, and errors of the device.
#include "kernels/device_results.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/count_points.h"
#include "kernels/exec/device_points.h"
#include "kernels/math/rigid.h"
#include "kernels/voxelize.h"
#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

constexpr std::size_t sweep_count = 100;  // more than one group of a batch

std::vector<std::vector<Point>> random_sweeps(float reach) {
  std::vector<std::vector<Point>> sweeps;
  for (unsigned s = 0; s < sweep_count; ++s) {
    std::mt19937 random(s);
    std::normal_distribution<float> place(0, reach);
    std::vector<Point> points(s % 7 == 3 ? 0 : 500 + 37 * s);
    for (Point& p : points) p = {place(random), place(random), place(random) / 8, 0.25F};
    if (!points.empty()) points.front().x = NAN;
    sweeps.push_back(std::move(points));
  }
  return sweeps;
}

void expect_same(const Voxels& a, const Voxels& b) {
  EXPECT_EQ(a.coords, b.coords);
  EXPECT_EQ(a.counts, b.counts);
  EXPECT_EQ(a.means, b.means);
  EXPECT_EQ(a.dropped, b.dropped);
  EXPECT_EQ(a.voxel_of_point, b.voxel_of_point);
}

class Gpu : public BackendTest<Cuda> {};

TEST_F(Gpu, ManySweepsInOneCallGiveTheBitsOfTheCpu) {
  const auto sweeps = random_sweeps(15);
  const std::vector<std::span<const Point>> views(sweeps.begin(), sweeps.end());
  const VoxelizeOptions options{.size_m = 0.2F, .index_of_points = true};
  const auto there = Voxelizer<Cuda>(exec()).run_batch(views, options),
             here = Voxelizer<Cpu>().run_batch(views, options);
  ASSERT_TRUE(there.has_value()) << there.error().message;
  ASSERT_TRUE(here.has_value());
  for (std::size_t s = 0; s < sweep_count; ++s) expect_same((*there)[s], (*here)[s]);
}

TEST_F(Gpu, ABadPointInABatchIsNamedWithItsSweep) {
  auto sweeps = random_sweeps(5);
  sweeps[70][11].y = 1e9F;
  const std::vector<std::span<const Point>> views(sweeps.begin(), sweeps.end());
  const auto there = Voxelizer<Cuda>(exec()).run_batch(views, {.size_m = 0.1F});
  ASSERT_FALSE(there.has_value());
  EXPECT_EQ(there.error().message.substr(0, 20), "sweep 70: point 11: ") << there.error().message;
}

TEST_F(Gpu, AVoxelizerThatLearnedFromSmallCloudsTakesLargeAndScatteredOnes) {
  Voxelizer<Cuda> voxelizer(exec());
  std::mt19937 random(3);
  for (const float reach : {0.2F, 30.0F, 3000.0F, 90'000.0F, 1.0F}) {
    std::uniform_real_distribution<float> place(-reach, reach);
    std::vector<Point> points(reach > 1 ? 300'000 : 50);
    for (Point& p : points) p = {place(random), place(random), place(random), 1};
    const auto there = voxelizer.run(points, {.size_m = 0.1F}), here = Voxelizer<Cpu>().run(points, {.size_m = 0.1F});
    ASSERT_TRUE(there.has_value()) << there.error().message;
    expect_same(*there, *here);
  }
}

TEST_F(Gpu, AVoxelWithMillionsOfPointsKeepsThemAll) {
  std::vector<Point> points(3'500'000, Point{0.07F, 0.03F, 0.09F, 1});
  points[17] = {5, 5, 5, 2};
  const auto there = Voxelizer<Cuda>(exec()).run(points, {.size_m = 0.1F}),
             here = Voxelizer<Cpu>().run(points, {.size_m = 0.1F});
  ASSERT_TRUE(there.has_value()) << there.error().message;
  EXPECT_EQ(there->counts, (std::vector<std::uint32_t>{3'499'999, 1}));
  expect_same(*there, *here);
}

TEST_F(Gpu, ARecordedCallGivesTheSameBitsEachTimeItRunsAndFollowsThePointsInPlace) {
  const auto sweeps = random_sweeps(20);
  const std::vector<Point>& points = sweeps.back();
  std::vector<Point> others = points;  // as many, elsewhere: what the first run left cannot be taken for the result
  for (Point& p : others) p = {p.y * 0.5F, p.x * 0.5F, p.z + 0.125F, 0.75F};
  DevicePoints cloud(exec());
  cloud.assign(points);
  Voxelizer<Cuda> voxelizer(exec());
  PointCounter<Cuda> counter(exec());
  const std::vector<Cuboid> cuboids = {{{0, 0, 0}, {8, 4, 3}, quat_from_yaw(0.3)}, {{5, 5, 0}, {9, 9, 9}, {}}};
  const SweepCuboids task{cuboids, {}};
  ASSERT_TRUE(counter.set_cuboids(std::span(&task, 1)));
  DeviceVoxels voxels;
  DeviceCounts counts;
  const VoxelizeOptions options{.size_m = 0.5F};
  const auto work = [&] {
    ASSERT_TRUE(voxelizer.queue(cloud, options, voxels));
    counter.queue(cloud, {}, counts);
  };
  work();
  ASSERT_TRUE(voxelizer.settle(cloud, options, voxels));
  const CudaGraph graph = CudaGraph::record(exec(), work);
  for (const auto* now : std::array<const std::vector<Point>*, 3>{&others, &points, &others}) {
    cloud.assign(*now);
    for (int i = 0; i < 3; ++i) graph.launch();
    const auto expected = Voxelizer<Cpu>().run(*now, options);
    ASSERT_TRUE(expected.has_value());
    const std::size_t count = expected->coords.size();
    const VoxelizeStatus status = read_device(exec(), voxels.status, 1).front();
    EXPECT_EQ(status.problems, 0U);
    ASSERT_EQ(status.voxels, count);
    EXPECT_EQ(read_device(exec(), voxels.coords, count), expected->coords);
    EXPECT_EQ(read_device(exec(), voxels.counts, count), expected->counts);
    EXPECT_EQ(read_device(exec(), voxels.means, count), expected->means);
    EXPECT_EQ(read_device(exec(), counts.inside, cuboids.size()), PointCounter<Cpu>().run({*now, cuboids, {}})->inside);
  }
}

TEST_F(Gpu, WhatHasBeenSettledOnceCanBeRecordedHoweverScatteredItIs) {
  for (const float reach : {3.0F, 20.0F, 60.0F, 200.0F}) {  // from many points a voxel to one
    std::mt19937 random(9);
    std::uniform_real_distribution<float> place(-reach, reach);
    std::vector<Point> points(400'000);
    for (Point& p : points) p = {place(random), place(random), place(random) / 20, 1};
    DevicePoints cloud(exec());
    cloud.assign(points);
    Voxelizer<Cuda> voxelizer(exec());
    DeviceVoxels voxels;
    const VoxelizeOptions options{.size_m = 0.1F};
    ASSERT_TRUE(voxelizer.queue(cloud, options, voxels));
    const auto settled = voxelizer.settle(cloud, options, voxels);
    ASSERT_TRUE(settled.has_value());
    const CudaGraph graph = CudaGraph::record(exec(), [&] { (void)voxelizer.queue(cloud, options, voxels); });
    graph.launch();
    const VoxelizeStatus status = read_device(exec(), voxels.status, 1).front();
    EXPECT_EQ(status.problems, 0U) << reach;
    EXPECT_EQ(status.voxels, *settled) << reach;
  }
}

TEST_F(Gpu, AFarCloudDoesNotTakeTheRoomOfManySweepsThatFollow) {
  Voxelizer<Cuda> voxelizer(exec());
  std::vector<Point> far(1000);
  std::mt19937 random(4);
  std::uniform_real_distribution<float> place(-90'000, 90'000);
  for (Point& p : far) p = {place(random), place(random), place(random), 1};
  ASSERT_TRUE(voxelizer.run(far, {.size_m = 0.1F}));
  const std::vector<Point> near(100, Point{1, 2, 3, 4});
  const std::vector<std::span<const Point>> sweeps(200, near);
  DevicePoints cloud(exec());
  cloud.assign(sweeps);
  DeviceVoxels voxels;
  ASSERT_TRUE(voxelizer.queue(cloud, {.size_m = 0.1F}, voxels));
  const auto count = voxelizer.settle(cloud, {.size_m = 0.1F}, voxels);
  ASSERT_TRUE(count.has_value()) << count.error().message;
  EXPECT_EQ(*count, 200U);
}

TEST_F(Gpu, CuboidsOfManySweepsAreCountedAsEachAlone) {
  const auto sweeps = random_sweeps(15);
  std::vector<std::vector<Cuboid>> cuboids;
  std::vector<CountTask> tasks;
  for (std::size_t s = 0; s < sweep_count; ++s) {
    cuboids.emplace_back();
    for (std::size_t c = 0; c < s % 5; ++c)
      cuboids.back().push_back(
          {{2.0 * static_cast<double>(c), -1, 0}, {6, 3, 4}, quat_from_yaw(0.1 * static_cast<double>(s))});
  }
  for (std::size_t s = 0; s < sweep_count; ++s) tasks.push_back({sweeps[s], cuboids[s], {}});
  const CountOptions options{.containing_cuboid = true};
  const auto there = PointCounter<Cuda>(exec()).run_batch(tasks, options),
             here = PointCounter<Cpu>().run_batch(tasks, options);
  ASSERT_TRUE(there.has_value() && here.has_value());
  for (std::size_t s = 0; s < sweep_count; ++s) {
    EXPECT_EQ((*there)[s].inside, (*here)[s].inside) << s;
    EXPECT_EQ((*there)[s].containing_cuboid, (*here)[s].containing_cuboid) << s;
  }
}

TEST_F(Gpu, TwoExecutorsOnOneDeviceDoNotDisturbEachOther) {
  const auto other = Cuda::open();
  ASSERT_TRUE(other.has_value());
  const auto sweeps = random_sweeps(10);
  Voxelizer<Cuda> a(exec()), b(*other);
  DevicePoints cloud_a(exec()), cloud_b(*other);
  DeviceVoxels voxels_a, voxels_b;
  for (std::size_t s = 1; s < 3; ++s) {
    cloud_a.assign(sweeps[50 + s]);
    cloud_b.assign(sweeps[60 + s]);
    ASSERT_TRUE(a.queue(cloud_a, {.size_m = 0.2F}, voxels_a));
    ASSERT_TRUE(b.queue(cloud_b, {.size_m = 0.2F}, voxels_b));
    const auto count_a = a.settle(cloud_a, {.size_m = 0.2F}, voxels_a),
               count_b = b.settle(cloud_b, {.size_m = 0.2F}, voxels_b);
    ASSERT_TRUE(count_a.has_value() && count_b.has_value());
    EXPECT_EQ(*count_a, Voxelizer<Cpu>().run(sweeps[50 + s], {.size_m = 0.2F})->coords.size());
    EXPECT_EQ(*count_b, Voxelizer<Cpu>().run(sweeps[60 + s], {.size_m = 0.2F})->coords.size());
  }
}

TEST_F(Gpu, MemoryThatIsNotThereIsAnErrorThatSaysHowMuchAndTheNextCallWorks) {
  DeviceMemory memory;
  try {
    memory.reserve(std::size_t{1} << 50);
    FAIL() << "a petabyte was reserved";
  } catch (const GpuError& error) {
    EXPECT_NE(std::string(error.what()).find("reserve 1125899906842624 bytes of GPU memory"), std::string::npos)
        << error.what();
  }
  EXPECT_NE(memory.reserve(1024), nullptr);
  const std::vector<Point> points(100, Point{1, 2, 3, 4});
  EXPECT_TRUE(Voxelizer<Cuda>(exec()).run(points, {.size_m = 0.1F}).has_value());
}

}  // namespace
}  // namespace sweepmark::testing_support
