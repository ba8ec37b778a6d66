// SPDX-License-Identifier: Apache-2.0
#include "kernels/point_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "kernels/count_points.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

std::vector<Point> random_points(std::size_t count, float reach, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> place(0, reach);
  std::vector<Point> points(count);
  for (Point& p : points) p = {place(random), place(random), place(random) / 10, 0};
  return points;
}

std::vector<Cuboid> random_cuboids(std::size_t count, double reach, bool upright, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> place(-reach, reach), size(0.2, 8), part(-1, 1);
  std::vector<Cuboid> cuboids(count);
  for (Cuboid& c : cuboids) {
    const Quat q =
        upright ? Quat{part(random), 0, 0, part(random)} : Quat{part(random), part(random), part(random), part(random)};
    c = {{place(random), place(random), part(random)}, {size(random), size(random), size(random)}, normalized(q)};
  }
  return cuboids;
}

void expect_as_counted(const std::vector<Point>& points, const std::vector<Cuboid>& cuboids, const Pose& pose = {}) {
  PointIndex index;
  ASSERT_TRUE(index.assign(points));
  const auto expected = PointCounter<Cpu>(Cpu{1}).run({points, cuboids, pose});
  const auto got = index.count(cuboids, pose);
  ASSERT_TRUE(expected && got);
  EXPECT_EQ(*got, expected->inside);
}

TEST(PointIndex, CountsAreThoseOfOnePassOverThePoints) {
  for (const bool upright : {true, false}) {
    expect_as_counted(random_points(100'000, 30, 1), random_cuboids(500, 80, upright, 2));
    expect_as_counted(random_points(1'000, 3, 3), random_cuboids(100, 10, upright, 4),
                      {normalized(Quat{0.9, 0.05, -0.02, 0.4}), {3, -2, 0.5}});
  }
}

TEST(PointIndex, StrayPointsFarAwayAreCountedAndDoNotHurtTheRest) {
  auto points = random_points(50'000, 30, 5);
  for (std::size_t i = 0; i < 40; ++i) points[i * 1000].x = (i % 2 == 0 ? 1e6F : -3e5F);
  auto cuboids = random_cuboids(200, 60, true, 6);
  cuboids.push_back({{1e6, 0, 0}, {10, 500, 100}, {}});
  cuboids.push_back({{-3e5, 0, 0}, {10, 500, 100}, {}});
  cuboids.push_back({{0, 0, 0}, {4e6, 1e6, 1e6}, {}});
  expect_as_counted(points, cuboids);
}

TEST(PointIndex, PointsThatAreNotFiniteAreInNothing) {
  auto points = random_points(1'000, 3, 7);
  points[3].x = std::numeric_limits<float>::quiet_NaN();
  points[5].z = std::numeric_limits<float>::infinity();
  expect_as_counted(points, {{{0, 0, 0}, {1000, 1000, 1000}, {}}});
}

TEST(PointIndex, FindGivesThePointsThatAreCounted) {
  const auto points = random_points(20'000, 10, 8);
  PointIndex index;
  ASSERT_TRUE(index.assign(points));
  for (const Cuboid& cuboid : random_cuboids(50, 15, false, 9)) {
    const auto counts = PointCounter<Cpu>(Cpu{1}).run({points, {&cuboid, 1}, {}}, {.containing_cuboid = true});
    const auto found = index.find(cuboid);
    ASSERT_TRUE(counts && found);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < points.size(); ++i) {
      if (counts->containing_cuboid[i] == 0) expected.push_back(i);
    }
    EXPECT_EQ(*found, expected);
  }
}

TEST(PointIndex, AnEmptyOneCountsNothingAndBadCuboidsAreNamed) {
  PointIndex index;
  const std::vector<Cuboid> cuboids = {{{}, {1, 1, 1}, {}}, {{}, {1, -1, 1}, {}}};
  EXPECT_EQ(*index.count({cuboids.data(), 1}), std::vector<std::uint32_t>{0});
  const auto bad = index.count(cuboids);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("cuboid 1: expected a size above 0"), std::string::npos) << bad.error().message;
  ASSERT_TRUE(index.assign({}));
  EXPECT_EQ(*index.count({cuboids.data(), 1}), std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace sweepmark
