// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "kernels/point_index.h"
#include "tests/peers/peers.h"

namespace sweepmark {
namespace {

TEST(CountPointsPeers, BoxesOfAnyRotationHoldThePointsThatOpen3dFinds) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> place(-40, 40), size(0.5, 9);
  std::vector<Point> points(80'000);
  for (Point& p : points)
    p = {static_cast<float>(place(random)), static_cast<float>(place(random)), static_cast<float>(place(random) / 10),
         0};
  std::vector<Cuboid> cuboids(200);
  for (Cuboid& c : cuboids) {
    c = {{place(random), place(random), normal(random)},
         {size(random), size(random), size(random)},
         normalized({normal(random), normal(random), normal(random), normal(random)})};
  }
  const auto expected = peers::Open3dCloud(points).counts_in(cuboids);
  const auto counted = PointCounter<Cpu>(Cpu{2}).run({points, cuboids, {}});
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->inside, expected);
  PointIndex index;
  ASSERT_TRUE(index.assign(points));
  EXPECT_EQ(*index.count(cuboids), expected);
}

}  // namespace
}  // namespace sweepmark
