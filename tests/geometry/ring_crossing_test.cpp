// SPDX-License-Identifier: Apache-2.0
#include "geometry/ring_crossing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

namespace sweepmark {
namespace {

bool crosses(std::vector<Vec2d> vertices) { return self_crossing(Ring{std::move(vertices)}).has_value(); }

TEST(RingCrossing, IsWhereTwoEdgesPassThroughEachOther) {
  const auto place = self_crossing(Ring{{{0, 0}, {10, 10}, {10, 0}, {0, 10}}});
  ASSERT_TRUE(place);
  EXPECT_EQ(place->x, 5);
  EXPECT_EQ(place->y, 5);
  EXPECT_FALSE(crosses({{0, 0}, {10, 0}, {10, 10}, {0, 10}}));
  EXPECT_FALSE(crosses({{0, 0}, {10, 0}, {2, 2}, {0, 10}})) << "not convex";
}

TEST(RingCrossing, IsFoundThroughAVertex) {
  EXPECT_TRUE(crosses({{0, 0}, {5, 5}, {10, 10}, {10, 0}, {5, 5}, {0, 10}})) << "its own";
  EXPECT_TRUE(crosses({{0, 0}, {10, 0}, {10, 10}, {5, 0}, {5, -5}, {0, -5}})) << "a vertex on an edge";
}

TEST(RingCrossing, IsNotWhereARingTouchesOrRunsAlongItself) {
  EXPECT_FALSE(crosses({{0, 0}, {5, 5}, {0, 10}, {10, 10}, {5, 5}, {10, 0}})) << "touches at a vertex";
  EXPECT_FALSE(crosses({{0, 0}, {10, 0}, {10, 10}, {5, 0}, {0, 10}})) << "a vertex on an edge";
  EXPECT_FALSE(crosses({{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 3}, {3, 3}, {3, 6}, {6, 6}, {6, 3}, {0, 3}}))
      << "the bridge to a hole";
  EXPECT_FALSE(crosses({{0, 0}, {10, 0}, {10, 10}, {10, 15}, {10, 10}, {0, 10}})) << "a spike";
}

TEST(RingCrossing, IsNotWhatRepeatedOrFewVerticesMake) {
  EXPECT_FALSE(crosses({}));
  EXPECT_FALSE(crosses({{1, 1}}));
  EXPECT_FALSE(crosses({{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}));
  EXPECT_FALSE(crosses({{0, 0}, {10, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}));
  EXPECT_TRUE(crosses({{0, 0}, {0, 0}, {10, 10}, {10, 0}, {0, 10}, {0, 0}}));
}

/// Every pair of edges, by the signs of four triangles.
bool crosses_by_brute_force(const std::vector<Vec2d>& v) {
  const auto right = [](Vec2d a, Vec2d b, Vec2d p) { return (b.x - a.x) * (p.y - a.y) > (b.y - a.y) * (p.x - a.x); };
  const std::size_t n = v.size();
  for (std::size_t e = 0; e < n; ++e) {
    for (std::size_t f = e + 1; f < n; ++f) {
      if (f == e + 1 || (e == 0 && f + 1 == n)) continue;
      const Vec2d a = v[e], b = v[e + 1], c = v[f], d = v[(f + 1) % n];
      if (right(a, b, c) != right(a, b, d) && right(c, d, a) != right(c, d, b)) return true;
    }
  }
  return false;
}

TEST(RingCrossing, IsFoundAsByEveryPairOfEdges) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> coordinate(0, 100), radius(5, 50);
  std::size_t crossing = 0, simple = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<Vec2d> vertices(3 + static_cast<std::size_t>(i) % 9);
    for (std::size_t k = 0; k < vertices.size(); ++k) {
      const double angle = 6.28 * static_cast<double>(k) / static_cast<double>(vertices.size()), r = radius(random);
      vertices[k] =
          i % 2 == 0 ? Vec2d{coordinate(random), coordinate(random)} : Vec2d{r * std::cos(angle), r * std::sin(angle)};
    }
    const bool expected = crosses_by_brute_force(vertices);
    ++(expected ? crossing : simple);
    EXPECT_EQ(crosses(vertices), expected) << i;
  }
  EXPECT_GT(crossing, 500U);
  EXPECT_GT(simple, 500U);
}

}  // namespace
}  // namespace sweepmark
