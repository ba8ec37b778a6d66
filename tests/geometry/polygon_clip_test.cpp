// SPDX-License-Identifier: Apache-2.0
//
// Regions of outlines against the same operations on their pixels.
#include "geometry/segment/polygon_clip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

constexpr std::uint32_t width = 90, height = 70;

Ring random_ring(std::mt19937& random, RingKind kind, bool may_cross) {
  std::uniform_real_distribution<double> x(-10, width + 10.0), y(-10, height + 10.0), turn(0, 1);
  std::uniform_int_distribution<int> count(3, 12);
  Ring ring{{}, kind};
  const int n = count(random);
  if (may_cross) {
    for (int i = 0; i < n; ++i) ring.vertices.push_back({x(random), y(random)});
    return ring;
  }
  const Vec2d center{x(random), y(random)};
  for (int i = 0; i < n; ++i) {
    const double angle = 2 * std::numbers::pi * (i + 0.8 * turn(random)) / n, r = 4 + 30 * turn(random);
    ring.vertices.push_back({center.x + r * std::cos(angle), center.y + r * std::sin(angle)});
  }
  return ring;
}

Polygon random_polygon(std::mt19937& random) {
  std::uniform_int_distribution<int> rings(1, 4), kind(0, 2), crosses(0, 3);
  Polygon polygon;
  const int n = rings(random);
  for (int i = 0; i < n; ++i)
    polygon.rings.push_back(
        random_ring(random, i > 0 && kind(random) == 0 ? RingKind::hole : RingKind::area, crosses(random) == 0));
  return polygon;
}

Mask pixels(const Polygon& polygon) { return to_mask(polygon, width, height); }

std::uint64_t unlike(const Mask& a, const Mask& b) { return area(difference(a, b)) + area(difference(b, a)); }
/// A pixel whose centre is that near to an edge that rounding takes it to the other side.
constexpr std::uint64_t rounded = 1;

TEST(PolygonClip, RegionsHaveThePixelsThatTheSameOperationOnMasksGives) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const Polygon a = random_polygon(random), b = random_polygon(random);
    EXPECT_LE(unlike(pixels(union_of(a, b)), union_of(pixels(a), pixels(b))), rounded) << i;
    EXPECT_LE(unlike(pixels(difference(a, b)), difference(pixels(a), pixels(b))), rounded) << i;
    EXPECT_LE(unlike(pixels(intersection(a, b)), intersection(pixels(a), pixels(b))), rounded) << i;
  }
}

TEST(PolygonClip, VerticesThatStayKeepTheirNumbers) {
  const Polygon a{{{{{1.0 / 3, 2.0 / 7}, {40.123456789, 5.1}, {30.7, 50.987654321}}, RingKind::area}}};
  const Polygon b{{{{{60, 10}, {80, 10}, {80, 30}}, RingKind::area}}};
  const Polygon both = union_of(a, b);
  ASSERT_EQ(both.rings.size(), 2U);
  for (const Ring& ring : a.rings)
    for (const Vec2d v : ring.vertices) {
      const bool is_there = std::ranges::any_of(
          both.rings, [&](const Ring& r) { return std::ranges::find(r.vertices, v) != r.vertices.end(); });
      EXPECT_TRUE(is_there) << v.x;
    }
}

TEST(PolygonClip, AnIslandInAHoleComesBehindTheHole) {
  const auto square = [](double from, double to, RingKind kind) {
    return Ring{{{from, from}, {to, from}, {to, to}, {from, to}}, kind};
  };
  const Polygon ring{{square(5, 60, RingKind::area), square(15, 50, RingKind::hole)}};
  const Polygon island{{square(25, 40, RingKind::area)}};
  const Polygon both = union_of(ring, island);
  ASSERT_EQ(both.rings.size(), 3U);
  EXPECT_EQ(both.rings[1].kind, RingKind::hole);
  EXPECT_EQ(both.rings[2].kind, RingKind::area);
  EXPECT_DOUBLE_EQ(area(both), 55 * 55 - 35 * 35 + 15 * 15);
}

TEST(PolygonClip, LinesOfTheFirstStayAndThoseOfTheSecondAreLeftOut) {
  const Ring line{{{1, 2}, {3, 4}}, RingKind::line}, other{{{5, 6}, {7, 8}}, RingKind::line};
  const Ring square{{{10, 10}, {20, 10}, {20, 20}, {10, 20}}, RingKind::area};
  const Polygon result = union_of({{square, line}}, {{other}});
  ASSERT_EQ(result.rings.size(), 2U);
  EXPECT_EQ(result.rings[1], line);
}

TEST(PolygonClip, ThousandsOfPiecesWithHolesAreOneRegion) {
  std::mt19937 random(5);
  std::vector<std::uint8_t> noise(std::size_t{300} * 300);
  for (std::uint8_t& pixel : noise) pixel = random() % 3 == 0 ? 1 : 0;
  const Mask mask = from_bitmap(300, 300, noise);
  const Polygon outline = to_polygon(mask);
  ASSERT_GT(outline.rings.size(), 5000U);
  EXPECT_EQ(to_mask(union_of(outline, {}), 300, 300), mask);
}

TEST(PolygonClip, ManyAreOneAsOneAfterTheOther) {
  std::mt19937 random(13);
  std::vector<Polygon> all;
  Polygon together;
  for (int i = 0; i < 30; ++i) {
    all.push_back(random_polygon(random));
    together = union_of(together, all.back());
  }
  EXPECT_LE(unlike(pixels(union_of_all(all)), pixels(together)), rounded);
}

TEST(PolygonClip, ACutSharesItsPixelsWithoutGapOrOverlap) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> x(0, width), y(0, height);
  for (int i = 0; i < 300; ++i) {
    const Polygon polygon = random_polygon(random);
    // Straight or with a bend; never across itself.
    std::vector<Vec2d> line{{x(random), y(random)}, {x(random), y(random)}};
    if (i % 2 == 0) line = {{20, y(random)}, {45, y(random)}, {70, y(random)}};
    const auto [right, left] = cut(polygon, line);
    const Mask of_right = pixels(right), of_left = pixels(left);
    EXPECT_EQ(intersection_area(of_right, of_left), 0U) << i;
    EXPECT_LE(unlike(union_of(of_right, of_left), pixels(polygon)), rounded) << i;
  }
}

TEST(PolygonClip, TheRightSideOfALineIsOnTheRightOfWhoLooksAlongIt) {
  const Polygon square{{{{{10, 10}, {30, 10}, {30, 30}, {10, 30}}, RingKind::area}}};
  const std::vector<Vec2d> downwards{{15, 12}, {15, 20}};  // shorter than the square: it goes on
  const auto [right, left] = cut(square, downwards);
  EXPECT_DOUBLE_EQ(area(right), 5 * 20) << "looking down the image, what is on its left";
  EXPECT_DOUBLE_EQ(area(left), 15 * 20);
  const std::vector<Vec2d> beside{{50, 0}, {50, 40}};
  EXPECT_TRUE(cut(square, beside).second.rings.empty());
  EXPECT_EQ(area(cut(square, beside).first), 400);
}

TEST(PolygonClip, AGrownSquareHasRoundCornersAndAShrunkOneVanishes) {
  const Polygon square{{{{{30, 30}, {50, 30}, {50, 50}, {30, 50}}, RingKind::area}}};
  EXPECT_NEAR(area(grown(square, 3)), 20 * 20 + 4 * 20 * 3 + std::numbers::pi * 9, 1);
  EXPECT_NEAR(area(grown(square, -3)), 14 * 14, 1e-6);
  EXPECT_TRUE(grown(square, -10.1).rings.empty());
}

double distance_to_outline(Vec2d p, const std::vector<Vec2d>& ring) {
  double least = 1e9;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Vec2d a = ring[i], b = ring[(i + 1) % ring.size()];
    for (int k = 0; k <= 1000; ++k) {
      const double t = k / 1000.0;
      least = std::min(least, std::hypot(p.x - a.x - t * (b.x - a.x), p.y - a.y - t * (b.y - a.y)));
    }
  }
  return least;
}

TEST(PolygonClip, NoVertexThatIsLeftOutIsFartherAwayThanTheTolerance) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 0.4);
  Ring circle{{}, RingKind::area};
  for (int i = 0; i < 400; ++i) {
    const double angle = 2 * std::numbers::pi * i / 400, r = 30 + noise(random);
    circle.vertices.push_back({45 + r * std::cos(angle), 35 + r * std::sin(angle)});
  }
  const Polygon fewer = simplified({{circle}}, 1.5);
  ASSERT_EQ(fewer.rings.size(), 1U);
  EXPECT_LT(fewer.rings[0].vertices.size(), 60U);
  for (const Vec2d v : circle.vertices) EXPECT_LE(distance_to_outline(v, fewer.rings[0].vertices), 1.51);
  EXPECT_EQ(simplified({{circle}}, 1000).rings[0].vertices.size(), 400U) << "never fewer than three vertices";
}

}  // namespace
}  // namespace sweepmark
