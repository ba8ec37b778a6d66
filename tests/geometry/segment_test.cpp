// SPDX-License-Identifier: Apache-2.0
//
// Masks put right, and regions found in pictures, against plain loops and pictures whose truth is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <random>

#include "geometry/mask_convert.h"
#include "geometry/segment/cutout.h"
#include "geometry/segment/flood_region.h"
#include "geometry/segment/live_wire.h"
#include "geometry/segment/mask_cleanup.h"

namespace sweepmark {
namespace {

using Bitmap = std::vector<std::uint8_t>;

struct Pieces {
  std::vector<int> of;  ///< the number of each pixel's piece, -1 where there is none
  std::vector<std::uint64_t> sizes;
  std::vector<char> touch_border;
};

Pieces pieces_of(const Bitmap& bitmap, int width, int height, bool inside, bool by_corners) {
  Pieces pieces{std::vector<int>(bitmap.size(), -1), {}, {}};
  for (int start = 0; start < width * height; ++start) {
    if ((bitmap[static_cast<std::size_t>(start)] != 0) != inside || pieces.of[static_cast<std::size_t>(start)] >= 0)
      continue;
    const int number = static_cast<int>(pieces.sizes.size());
    pieces.sizes.push_back(0);
    pieces.touch_border.push_back(0);
    std::queue<int> open;
    open.push(start);
    pieces.of[static_cast<std::size_t>(start)] = number;
    while (!open.empty()) {
      const int at = open.front(), x = at % width, y = at / width;
      open.pop();
      ++pieces.sizes.back();
      if (x == 0 || y == 0 || x + 1 == width || y + 1 == height) pieces.touch_border.back() = 1;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          if ((dx != 0 && dy != 0 && !by_corners) || x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height)
            continue;
          const auto next = static_cast<std::size_t>((y + dy) * width + x + dx);
          if ((bitmap[next] != 0) != inside || pieces.of[next] >= 0) continue;
          pieces.of[next] = number;
          open.push(static_cast<int>(next));
        }
    }
  }
  return pieces;
}

/// Blobs and noise.
Bitmap random_bitmap(std::mt19937& random, int width, int height) {
  std::uniform_real_distribution<double> any(0, 1);
  Bitmap bitmap(static_cast<std::size_t>(width * height), 0);
  for (int blob = 0; blob < 4; ++blob) {
    const double cx = any(random) * width, cy = any(random) * height, r = 2 + any(random) * 12;
    const bool inside = any(random) < 0.7;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if (std::hypot(x - cx, y - cy) < r) bitmap[static_cast<std::size_t>(y * width + x)] = inside ? 1 : 0;
  }
  for (std::uint8_t& pixel : bitmap)
    if (any(random) < 0.04) pixel = static_cast<std::uint8_t>(1 - pixel);
  return bitmap;
}

struct CleaningMasks : testing::Test {
  static constexpr int width = 61, height = 47;
  std::mt19937 random{5};
  void for_random_masks(const std::function<void(const Bitmap&, const Mask&)>& check) {
    for (int i = 0; i < 60; ++i) {
      const Bitmap bitmap = random_bitmap(random, width, height);
      check(bitmap, from_bitmap(width, height, bitmap));
    }
  }
};

TEST_F(CleaningMasks, HolesAreWhatIsOutsideAndReachesNoBorder) {
  for_random_masks([](const Bitmap& bitmap, const Mask& mask) {
    const Pieces outside = pieces_of(bitmap, width, height, false, false);
    Bitmap all = bitmap, small = bitmap;
    for (std::size_t i = 0; i < bitmap.size(); ++i) {
      if (bitmap[i] != 0) continue;
      const auto piece = static_cast<std::size_t>(outside.of[i]);
      if (outside.touch_border[piece] != 0) continue;
      all[i] = 1;
      if (outside.sizes[piece] <= 3) small[i] = 1;
    }
    EXPECT_EQ(to_bitmap(with_holes_filled(mask)), all);
    EXPECT_EQ(to_bitmap(with_holes_filled(mask, 3)), small);
  });
}

TEST_F(CleaningMasks, SpecksGoAndTheLargestPieceStays) {
  for_random_masks([](const Bitmap& bitmap, const Mask& mask) {
    const Pieces inside = pieces_of(bitmap, width, height, true, true);
    if (inside.sizes.empty()) return;
    const std::uint64_t largest = *std::ranges::max_element(inside.sizes);
    Bitmap expected = bitmap;
    for (std::size_t i = 0; i < bitmap.size(); ++i)
      if (bitmap[i] != 0 && inside.sizes[static_cast<std::size_t>(inside.of[i])] < 20) expected[i] = 0;
    if (largest >= 20) {
      EXPECT_EQ(to_bitmap(without_specks(mask, 20)), expected);
    }
    EXPECT_GE(area(without_specks(mask, UINT64_MAX)), largest);
    EXPECT_LT(area(without_specks(mask, UINT64_MAX)), 2 * largest);
  });
}

TEST_F(CleaningMasks, GrownAndShrunkAreDiscsAroundPixels) {
  for_random_masks([](const Bitmap& bitmap, const Mask& mask) {
    if (mask.is_empty()) return;
    constexpr int radius = 3;
    Bitmap larger(bitmap.size(), 0), smaller(bitmap.size(), 1);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int dy = -radius; dy <= radius; ++dy)
          for (int dx = -radius; dx <= radius; ++dx) {
            if (dx * dx + dy * dy > radius * radius) continue;
            if (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height) continue;
            const bool inside = bitmap[static_cast<std::size_t>((y + dy) * width + x + dx)] != 0;
            const auto at = static_cast<std::size_t>(y * width + x);
            if (inside) larger[at] = 1;
            if (!inside) smaller[at] = 0;
          }
    EXPECT_EQ(to_bitmap(grown(mask, radius)), larger);
    EXPECT_EQ(to_bitmap(grown(mask, -radius)), smaller);
  });
}

TEST_F(CleaningMasks, SmoothingLeavesAStraightEdgeAndTakesASpikeAway) {
  Bitmap bitmap(static_cast<std::size_t>(width * height), 0);
  for (int y = 20; y < height; ++y)
    for (int x = 0; x < width; ++x) bitmap[static_cast<std::size_t>(y * width + x)] = 1;
  const Mask straight = from_bitmap(width, height, bitmap);
  EXPECT_EQ(smoothed(straight, 2), straight);
  for (int y = 10; y < 20; ++y) bitmap[static_cast<std::size_t>(y * width + 30)] = 1;
  const Mask spiked = smoothed(from_bitmap(width, height, bitmap), 2);
  EXPECT_LE(area(difference(spiked, straight)), 4U);
  EXPECT_EQ(area(difference(straight, spiked)), 0U);
}

/// A disc on a background, both with coloured noise.
struct Pictured {
  static constexpr int width = 240, height = 160, radius = 45;
  static constexpr double cx = 120.5, cy = 80.5;
  std::vector<std::uint8_t> rgba;
  Mask truth;

  Pictured() {
    std::mt19937 random(2);
    std::normal_distribution<double> noise(0, 14);
    Bitmap inside(static_cast<std::size_t>(width * height), 0);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const bool is_in = std::hypot(x + 0.5 - cx, y + 0.5 - cy) <= radius;
        inside[static_cast<std::size_t>(y * width + x)] = is_in ? 1 : 0;
        const double colour[3] = {is_in ? 170.0 : 90.0, is_in ? 80.0 : 110.0, is_in ? 70.0 : 140.0};
        for (const double c : colour)
          rgba.push_back(static_cast<std::uint8_t>(std::clamp(c + noise(random), 0.0, 255.0)));
        rgba.push_back(255);
      }
    truth = from_bitmap(width, height, inside);
  }
  PictureView view() const { return {width, height, rgba}; }
};

TEST(Cutout, FindsADiscInItsBox) {
  const Pictured picture;
  const auto mask = cut_out(picture.view(), {70, 30, 172, 132, 0});
  ASSERT_TRUE(mask) << mask.error().message;
  EXPECT_GT(iou(*mask, picture.truth), 0.97);
  EXPECT_EQ(*cut_out(picture.view(), {70, 30, 172, 132, 0}), *mask) << "the same each time";
  // With pixels four times as coarse.
  const auto coarse = cut_out(picture.view(), {70, 30, 172, 132, 0}, {}, {.most_pixels = 1500});
  ASSERT_TRUE(coarse) << coarse.error().message;
  EXPECT_GT(iou(*coarse, picture.truth), 0.9);
}

TEST(Cutout, StrokesHold) {
  const Pictured picture;
  const CutoutStroke strokes[] = {{{100, 60}, {140, 60}, 4, false}, {{200, 80}, {220, 80}, 5, true}};
  const auto mask = cut_out(picture.view(), {70, 30, 172, 132, 0}, strokes);
  ASSERT_TRUE(mask) << mask.error().message;
  const Bitmap pixels = to_bitmap(*mask);
  const auto at = [&](int x, int y) { return pixels[static_cast<std::size_t>(y * Pictured::width + x)] != 0; };
  EXPECT_FALSE(at(120, 60)) << "said not to be the object";
  EXPECT_TRUE(at(210, 80)) << "said to be it, out of the box";
  EXPECT_FALSE(at(20, 20));
}

TEST(Cutout, AThinStrokeHoldsOnEachOfItsPixelsWhereTheBoxIsSeenCoarsely) {
  const Pictured picture;
  for (const bool is_object : {false, true}) {
    const CutoutStroke stroke[] = {{{95.3, 70.2}, {140.1, 75.9}, 1.5, is_object}};
    const auto mask = cut_out(picture.view(), {70, 30, 172, 132, 0}, stroke, {.most_pixels = 1500});
    ASSERT_TRUE(mask) << mask.error().message;
    const Bitmap found = to_bitmap(*mask);
    for (int y = 65; y < 82; ++y)
      for (int x = 90; x < 145; ++x) {
        const double dx = 140.1 - 95.3, dy = 75.9 - 70.2;
        const double px = x + 0.5 - 95.3, py = y + 0.5 - 70.2;
        const double t = std::clamp((px * dx + py * dy) / (dx * dx + dy * dy), 0.0, 1.0);
        if (std::hypot(px - t * dx, py - t * dy) > 1.5) continue;
        EXPECT_EQ(found[static_cast<std::size_t>(y * Pictured::width + x)], is_object ? 1 : 0) << x << ", " << y;
      }
  }
}

TEST(Cutout, ABoxOutOfThePictureIsSaidAndOneAsLargeAsThePictureIsFine) {
  const Pictured picture;
  const auto out = cut_out(picture.view(), {300, 30, 340, 50, 0});
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("240 x 160"), std::string::npos) << out.error().message;
  const auto whole = cut_out(picture.view(), {0, 0, 240, 160, 0});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_GT(iou(*whole, picture.truth), 0.5) << "what is along the border of the picture is likely not the object";
}

TEST(FloodRegion, IsWhatALoopOverNeighboursFinds) {
  const Pictured picture;
  constexpr int tolerance = 60, seed_x = 120, seed_y = 80;
  const auto near = [&](int x, int y) {
    const std::uint8_t* a = &picture.rgba[static_cast<std::size_t>(4 * (y * Pictured::width + x))];
    const std::uint8_t* s = &picture.rgba[static_cast<std::size_t>(4 * (seed_y * Pictured::width + seed_x))];
    return std::abs(a[0] - s[0]) <= tolerance && std::abs(a[1] - s[1]) <= tolerance &&
           std::abs(a[2] - s[2]) <= tolerance;
  };
  Bitmap like(static_cast<std::size_t>(Pictured::width * Pictured::height));
  for (int y = 0; y < Pictured::height; ++y)
    for (int x = 0; x < Pictured::width; ++x) like[static_cast<std::size_t>(y * Pictured::width + x)] = near(x, y);
  const Pieces pieces = pieces_of(like, Pictured::width, Pictured::height, true, false);
  const int wanted = pieces.of[static_cast<std::size_t>(seed_y * Pictured::width + seed_x)];
  for (std::size_t i = 0; i < like.size(); ++i) like[i] = pieces.of[i] == wanted ? 1 : 0;
  const auto region = flood_region(picture.view(), seed_x, seed_y, tolerance);
  ASSERT_TRUE(region) << region.error().message;
  EXPECT_EQ(to_bitmap(*region), like);
  EXPECT_GT(area(*region), 1000U);
  EXPECT_FALSE(flood_region(picture.view(), -1, 5, 3));
}

TEST(LiveWire, RunsAlongTheEdgeOfADiscAndGoesOnStraightBeyondItsReach) {
  const Pictured picture;
  LiveWire wire;
  EXPECT_FALSE(wire.has_start());
  const Vec2d left{Pictured::cx - Pictured::radius, Pictured::cy}, top{Pictured::cx, Pictured::cy - Pictured::radius};
  wire.start(picture.view(), left, 100);
  const auto path = wire.path_to(top);
  ASSERT_GE(path.size(), 3U);
  EXPECT_EQ(path.back(), top);
  for (const Vec2d v : path)
    EXPECT_NEAR(std::hypot(v.x - Pictured::cx, v.y - Pictured::cy), Pictured::radius, 3) << v.x << ", " << v.y;
  EXPECT_EQ(wire.path_to({238, 80}).back(), (Vec2d{238, 80}));
}

}  // namespace
}  // namespace sweepmark
