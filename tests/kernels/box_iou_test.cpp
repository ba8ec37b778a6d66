// SPDX-License-Identifier: Apache-2.0
#include "kernels/box_iou.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

Quat random_rotation(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  return normalized({normal(random), normal(random), normal(random), normal(random)});
}

TEST(BoxIou, ABoxOverlapsItselfWholly) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    const Cuboid box{{691608.0 + i, 5334764, 3}, {4.5, 1.9, 1.6}, random_rotation(random)};
    EXPECT_NEAR(box_iou(box, box), 1, 1e-12);
  }
}

TEST(BoxIou, ShiftedUnitCubesHaveTheHandComputedValue) {
  const Cuboid a{{0, 0, 0}, {1, 1, 1}, {}};
  EXPECT_NEAR(box_iou(a, {{0.5, 0, 0}, {1, 1, 1}, {}}), 0.5 / 1.5, 1e-12);
  EXPECT_NEAR(box_iou(a, {{0.5, 0.5, 0.5}, {1, 1, 1}, {}}), 0.125 / 1.875, 1e-12);
  EXPECT_NEAR(box_iou(a, {{0, 0, 0}, {0.5, 0.5, 0.5}, {}}), 0.125, 1e-12);
  EXPECT_EQ(box_iou(a, {{1.001, 0, 0}, {1, 1, 1}, {}}), 0);
  EXPECT_NEAR(box_iou(a, {{1, 0, 0}, {1, 1, 1}, {}}), 0, 1e-12) << "touching faces share no volume";
}

TEST(BoxIou, ASquareTurnedByAnEighthIsAnOctagon) {
  const double octagon = 8 * (std::numbers::sqrt2 - 1) / 4;  // area of the common octagon of two unit squares
  const Cuboid a{{}, {1, 1, 1}, {}}, b{{}, {1, 1, 1}, quat_from_yaw(std::numbers::pi / 4)};
  EXPECT_NEAR(box_iou(a, b), octagon / (2 - octagon), 1e-12);
}

TEST(BoxIou, AQuarterTurnAboutAnyAxisSwapsTheSizes) {
  const double h = std::numbers::sqrt2 / 2;
  const Cuboid target{{0.4, -0.2, 0.1}, {3, 2, 1.5}, quat_from_yaw(0.3)};
  const Cuboid rolled{{}, {4, 2, 1}, {h, h, 0, 0}}, same{{}, {4, 1, 2}, {}};
  EXPECT_NEAR(box_iou(rolled, target), box_iou(same, target), 1e-12);
  EXPECT_NEAR(box_iou(rolled, same), 1, 1e-12);
}

TEST(BoxIou, ABoxWithoutVolumeOverlapsNothing) {
  const Cuboid a{{}, {1, 1, 1}, {}};
  EXPECT_EQ(box_iou(a, {{}, {0, 1, 1}, {}}), 0);
  EXPECT_EQ(box_iou(a, {{}, {-1, 1, 1}, {}}), 0);
  EXPECT_EQ(box_iou(a, {{std::numeric_limits<double>::quiet_NaN(), 0, 0}, {1, 1, 1}, {}}), 0);
}

TEST(BoxIou, IsSymmetricAndDoesNotChangeWithTheFrame) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 1000; ++i) {
    const Cuboid a{{normal(random), normal(random), normal(random)}, {4, 2, 1.5}, random_rotation(random)};
    const Cuboid b{{normal(random), normal(random), normal(random)}, {3, 2, 2}, random_rotation(random)};
    const Pose world_from_here{random_rotation(random), {1000 * normal(random), 1000, -50}};
    const double iou = box_iou(a, b);
    ASSERT_NEAR(box_iou(b, a), iou, 1e-11);
    ASSERT_NEAR(box_iou(world_from_here * a, world_from_here * b), iou, 1e-9);
  }
}

// The oracle: the share of a dense lattice in box a that box b holds.
double iou_by_sampling(const Cuboid& a, const Cuboid& b) {
  constexpr int n = 80;
  const Quat b_from_world = conjugate(b.rotation);
  int inside = 0;
  for (int i = 0; i < n * n * n; ++i) {
    const Vec3d local{((i % n + 0.5) / n - 0.5) * a.size.x, ((i / n % n + 0.5) / n - 0.5) * a.size.y,
                      ((i / (n * n) + 0.5) / n - 0.5) * a.size.z};
    const Vec3d p = rotate(b_from_world, rotate(a.rotation, local) + a.center - b.center);
    inside += std::abs(p.x) <= b.size.x / 2 && std::abs(p.y) <= b.size.y / 2 && std::abs(p.z) <= b.size.z / 2;
  }
  const double volume_a = a.size.x * a.size.y * a.size.z, volume_b = b.size.x * b.size.y * b.size.z;
  const double both = volume_a * inside / (1.0 * n * n * n);
  return both / (volume_a + volume_b - both);
}

TEST(BoxIou, AgreesWithSamplingForAnyRotation) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 40; ++i) {
    const Cuboid a{{}, {4, 2, 1.5}, random_rotation(random)};
    const Cuboid b{
        {0.7 * normal(random), 0.7 * normal(random), 0.7 * normal(random)}, {3, 2, 2}, random_rotation(random)};
    ASSERT_NEAR(box_iou(a, b), iou_by_sampling(a, b), 0.004) << i;
  }
}

// The oracle of upright boxes: clip one rectangle by the other in long double, times the common height.
double upright_iou_in_long_double(const Cuboid& a, const Cuboid& b) {
  using Real = long double;
  struct P {
    Real x, y;
  };
  const auto corners = [](const Cuboid& c) {
    const Real yaw = 2 * std::atan2(static_cast<Real>(c.rotation.z), static_cast<Real>(c.rotation.w));
    const Real cosine = std::cos(yaw), sine = std::sin(yaw);
    std::vector<P> out;
    for (const auto& [sx, sy] : {std::pair{1, 1}, {-1, 1}, {-1, -1}, {1, -1}}) {
      const Real x = sx * c.size.x / 2, y = sy * c.size.y / 2;
      out.push_back({cosine * x - sine * y + c.center.x, sine * x + cosine * y + c.center.y});
    }
    return out;
  };
  std::vector<P> polygon = corners(a);
  const std::vector<P> window = corners(b);
  for (std::size_t k = 0; k < 4; ++k) {
    const P p = window[k], q = window[(k + 1) % 4];
    const auto side = [&](P r) { return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x); };
    std::vector<P> next;
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const P u = polygon[i], v = polygon[(i + 1) % polygon.size()];
      const Real du = side(u), dv = side(v);
      if (du >= 0) next.push_back(u);
      if ((du > 0 && dv < 0) || (du < 0 && dv > 0))
        next.push_back({u.x + du / (du - dv) * (v.x - u.x), u.y + du / (du - dv) * (v.y - u.y)});
    }
    polygon = next;
  }
  Real area = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const P u = polygon[i], v = polygon[(i + 1) % polygon.size()];
    area += (u.x * v.y - u.y * v.x) / 2;
  }
  const Real top = std::min(a.center.z + a.size.z / 2, b.center.z + b.size.z / 2);
  const Real bottom = std::max(a.center.z - a.size.z / 2, b.center.z - b.size.z / 2);
  const Real both = area * std::max(top - bottom, Real{0});
  const Real volumes =
      static_cast<Real>(a.size.x) * a.size.y * a.size.z + static_cast<Real>(b.size.x) * b.size.y * b.size.z;
  return static_cast<double>(both / (volumes - both));
}

std::vector<Cuboid> random_upright(std::size_t count, double spread, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> place(-spread, spread), yaw(-3.2, 3.2), size(0.4, 5);
  std::vector<Cuboid> boxes(count);
  for (Cuboid& box : boxes) {
    box = {{place(random), place(random), place(random) / 40},
           {size(random), size(random) / 2, size(random) / 2},
           quat_from_yaw(yaw(random))};
  }
  return boxes;
}

TEST(BoxIou, AgreesWithRectangleClippingForUprightBoxes) {
  const auto boxes = random_upright(300, 5, 4);
  for (const Cuboid& a : boxes) {
    for (const Cuboid& b : boxes) ASSERT_NEAR(box_iou(a, b), upright_iou_in_long_double(a, b), 1e-11);
  }
}

TEST(UprightBoxIou, FindsExactlyThePairsThatOverlapWithTheirValues) {
  auto a = random_upright(300, 40, 5), b = random_upright(333, 40, 6);
  a.push_back(b[7]);  // one that fits exactly
  for (const Vec3d origin : {Vec3d{}, Vec3d{691608.5, 5334764.25, 500}}) {
    auto moved_a = a, moved_b = b;
    for (auto* boxes : {&moved_a, &moved_b}) {
      for (Cuboid& box : *boxes) box.center = box.center + origin;
    }
    std::vector<OverlapPair> pairs;
    upright_box_iou(Cpu{1}, moved_a, moved_b, pairs);
    std::vector<float> table(a.size() * b.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (i > 0) {
        ASSERT_LT(std::pair(pairs[i - 1].a, pairs[i - 1].b), std::pair(pairs[i].a, pairs[i].b));
      }
      ASSERT_GT(pairs[i].iou, 0);
      table[pairs[i].a * b.size() + pairs[i].b] = pairs[i].iou;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        ASSERT_NEAR(static_cast<double>(table[i * b.size() + j]), box_iou(a[i], b[j]), 1e-6) << i << " " << j;
      }
    }
  }
}

TEST(UprightBoxIou, OneThreadAndTwoGiveTheSamePairs) {
  const auto a = random_upright(700, 60, 8), b = random_upright(700, 60, 9);
  std::vector<OverlapPair> one, two;
  upright_box_iou(Cpu{1}, a, b, one);
  upright_box_iou(Cpu{2}, a, b, two);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].a, two[i].a);
    ASSERT_EQ(one[i].iou, two[i].iou);
  }
}

}  // namespace
}  // namespace sweepmark
