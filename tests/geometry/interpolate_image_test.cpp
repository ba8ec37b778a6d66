// SPDX-License-Identifier: Apache-2.0
#include "geometry/interpolate_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

Ring circle(double x, double y, double radius, std::size_t corners, double begin = 0, bool is_clockwise = true) {
  Ring ring;
  for (std::size_t i = 0; i < corners; ++i) {
    const double angle =
        begin + (is_clockwise ? 1 : -1) * 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(corners);
    ring.vertices.push_back({x + radius * std::cos(angle), y + radius * std::sin(angle)});
  }
  return ring;
}

double mask_iou(const Polygon& a, const Polygon& b) { return iou(to_mask(a, 200, 200), to_mask(b, 200, 200)); }

/// A shape without symmetry.
const Ring flag{{{20, 20}, {80, 20}, {60, 35}, {80, 50}, {30, 50}, {30, 90}, {20, 90}}, RingKind::area};
Ring moved(Ring ring, double dx, double dy) {
  for (Vec2d& v : ring.vertices) v = {v.x + dx, v.y + dy};
  return ring;
}

TEST(InterpolateImage, ABoxTurnsTheShorterWay) {
  const ImageBox a{0, 0, 10, 20, 3}, b{10, 0, 30, 20, -3};
  const ImageBox middle = interpolate(a, b, 0.5);
  EXPECT_EQ(middle.left, 5);
  EXPECT_EQ(middle.right, 20);
  EXPECT_NEAR(std::remainder(middle.rotation - std::numbers::pi, 2 * std::numbers::pi), 0, 1e-12);
}

TEST(InterpolateImage, APolygonThatWasDrawnAnewFromAnotherCornerOnlyMoves) {
  for (std::size_t shift = 0; shift < flag.vertices.size(); ++shift) {
    for (const bool is_reversed : {false, true}) {
      Ring other = moved(flag, 40, 60);
      std::ranges::rotate(other.vertices, other.vertices.begin() + static_cast<std::ptrdiff_t>(shift));
      if (is_reversed) std::ranges::reverse(other.vertices);
      const Polygon middle = interpolate(Polygon{{flag}}, Polygon{{other}}, 0.5);
      EXPECT_EQ(to_mask(middle, 200, 200), to_mask({{moved(flag, 20, 30)}}, 200, 200)) << shift << is_reversed;
    }
  }
}

TEST(InterpolateImage, PolygonsWithDifferentNumbersOfVerticesKeepTheirForm) {
  for (const double begin : {0.0, 1.0, 2.5}) {
    const Polygon a{{circle(60, 60, 30, 24)}}, b{{circle(120, 100, 50, 57, begin, begin != 1.0)}};
    EXPECT_GT(mask_iou(interpolate(a, b, 0.5), {{circle(90, 80, 40, 100)}}), 0.96) << begin;
    EXPECT_GT(mask_iou(interpolate(a, b, 1e-9), a), 0.999);
    EXPECT_GT(mask_iou(interpolate(a, b, 1 - 1e-9), b), 0.999);
  }
}

TEST(InterpolateImage, RingsAreMatchedInOrderAndOthersChangeHalfWay) {
  const Ring hole{{{25, 25}, {28, 25}, {28, 28}}, RingKind::hole};
  const Polygon a{{flag, hole}}, b{{moved(flag, 10, 0)}};
  EXPECT_EQ(interpolate(a, b, 0.4).rings.size(), 2U);
  EXPECT_EQ(interpolate(a, b, 0.6).rings.size(), 1U);
  EXPECT_EQ(interpolate(a, b, 0.6).rings[0].vertices[0], (Vec2d{26, 20}));
}

TEST(InterpolateImage, APointOfASkeletonIsThereWhenItIsAtBothEnds) {
  const Skeleton a{{{{0, 0}, Visibility::visible}, {{5, 5}, Visibility::hidden}, {{1, 1}, Visibility::visible}}};
  const Skeleton b{{{{10, 20}, Visibility::hidden}, {{6, 5}, Visibility::visible}, {{}, Visibility::absent}}};
  const Skeleton middle = interpolate(a, b, 0.25);
  EXPECT_EQ(middle.points[0], (Keypoint{{2.5, 5}, Visibility::visible}));
  EXPECT_EQ(middle.points[1].visibility, Visibility::hidden);
  EXPECT_EQ(middle.points[2], Keypoint{});
}

TEST(MaskBetween, AMaskThatMovesKeepsItsForm) {
  const Mask a = to_mask({{flag}}, 200, 200), b = to_mask({{moved(flag, 100, 40)}}, 200, 200);
  EXPECT_EQ(intersection_area(a, b), 0U) << "it moves by more than its own size";
  const MaskBetween between(a, b);
  EXPECT_EQ(between.at(0.5), to_mask({{moved(flag, 50, 20)}}, 200, 200));
  EXPECT_EQ(between.at(0.25), to_mask({{moved(flag, 25, 10)}}, 200, 200));
  EXPECT_EQ(between.at(0), a);
  EXPECT_EQ(between.at(1), b);
}

TEST(MaskBetween, AMaskThatGrowsIsHalfAsLargeAgainHalfWay) {
  const auto disk = [](double r) { return to_mask({{circle(100, 100, r, 200)}}, 200, 200); };
  EXPECT_GT(iou(MaskBetween(disk(20), disk(60)).at(0.5), disk(40)), 0.97);
}

TEST(MaskBetween, TheEndsAreTheMasksForAnyMasks) {
  std::mt19937 random(31);
  for (int i = 0; i < 60; ++i) {
    const auto mask = [&] {
      std::vector<std::uint8_t> pixels(60 * 50);
      for (int k = 0; k < 4; ++k) {
        const auto x0 = random() % 50, y0 = random() % 40;
        for (auto y = y0; y < y0 + 9; ++y) {
          for (auto x = x0; x < x0 + 9; ++x) pixels[y * 60 + x] ^= 1;
        }
      }
      return from_bitmap(60, 50, pixels);
    };
    const Mask a = mask(), b = mask();
    const MaskBetween between(a, b);
    ASSERT_EQ(between.at(0), a) << i;
    ASSERT_EQ(between.at(1), b) << i;
    ASSERT_EQ(MaskBetween(a, a).at(0.3), a) << i;
  }
  const Mask empty(60, 50), full = inverse(empty);
  EXPECT_EQ(MaskBetween(empty, full).at(0.4), empty);
  EXPECT_EQ(MaskBetween(empty, full).at(0.6), full);
}

}  // namespace
}  // namespace sweepmark
