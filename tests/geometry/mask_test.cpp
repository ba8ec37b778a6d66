// SPDX-License-Identifier: Apache-2.0
#include "geometry/mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

using Bitmap = std::vector<std::uint8_t>;

/// Blobs and noise, some empty, some full.
Bitmap random_bitmap(std::mt19937& random, std::uint32_t width, std::uint32_t height) {
  Bitmap pixels(std::size_t{width} * height);
  switch (random() % 4) {
    case 0:
      for (auto& p : pixels) p = random() % 2;
      break;
    case 1:
      break;
    case 2:
      for (auto& p : pixels) p = 1;
      break;
    default:
      for (int box = 0; box < 3; ++box) {
        const auto x0 = random() % width, y0 = random() % height;
        for (auto y = y0; y < std::min<std::uint32_t>(height, static_cast<std::uint32_t>(y0) + 9); ++y) {
          for (auto x = x0; x < std::min<std::uint32_t>(width, static_cast<std::uint32_t>(x0) + 7); ++x)
            pixels[y * width + x] ^= 1;
        }
      }
  }
  return pixels;
}

struct Size {
  std::uint32_t width, height;
};
Size random_size(std::mt19937& random) {
  return {static_cast<std::uint32_t>(1 + random() % 70), static_cast<std::uint32_t>(1 + random() % 40)};
}

TEST(Mask, ABitmapComesBackFromItsRunsPixelForPixel) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const auto [w, h] = random_size(random);
    const Bitmap pixels = random_bitmap(random, w, h);
    const Mask mask = from_bitmap(w, h, pixels);
    ASSERT_EQ(to_bitmap(mask), pixels);
    std::uint64_t sum = 0;
    for (const std::uint32_t run : mask.runs()) sum += run;
    ASSERT_EQ(sum, std::uint64_t{w} * h);
    for (std::size_t r = 1; r < mask.runs().size(); ++r) ASSERT_GT(mask.runs()[r], 0U) << "no empty run but the first";
    const auto again = Mask::from_runs(w, h, mask.runs());
    ASSERT_TRUE(again);
    ASSERT_EQ(*again, mask);
  }
}

TEST(Mask, RunsLieDownTheColumnsAndBeginOutside) {
  const Bitmap pixels = {1, 0, 0,  //
                         1, 1, 0};
  const Mask mask = from_bitmap(3, 2, pixels);
  EXPECT_EQ(std::vector<std::uint32_t>(mask.runs().begin(), mask.runs().end()),
            (std::vector<std::uint32_t>{0, 2, 1, 1, 2}));
  EXPECT_EQ(bounds(mask), (ImageBox{0, 0, 2, 2, 0}));
}

TEST(Mask, EmptyRunsOfOthersAreJoined) {
  const std::vector<std::uint32_t> odd = {2, 0, 1, 2, 0, 1, 0, 0};
  const auto mask = Mask::from_runs(3, 2, odd);
  ASSERT_TRUE(mask) << mask.error().message;
  EXPECT_EQ(std::vector<std::uint32_t>(mask->runs().begin(), mask->runs().end()), (std::vector<std::uint32_t>{3, 3}));
  const auto short_by_one = Mask::from_runs(3, 2, std::vector<std::uint32_t>{5});
  ASSERT_FALSE(short_by_one);
  EXPECT_NE(short_by_one.error().message.find("6 pixels for a mask of 3 x 2, got 5"), std::string::npos);
  EXPECT_FALSE(Mask::from_runs(70000, 70000, {}));
  EXPECT_TRUE(Mask::from_runs(0, 0, {}));
}

TEST(Mask, SetOperationsAndAreasAreThoseOfTheBitmaps) {
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    const auto [w, h] = random_size(random);
    const Bitmap a = random_bitmap(random, w, h), b = random_bitmap(random, w, h);
    Bitmap both(a.size()), either(a.size()), only_a(a.size()), not_a(a.size());
    std::uint64_t in_a = 0, in_both = 0, in_either = 0;
    for (std::size_t p = 0; p < a.size(); ++p) {
      both[p] = a[p] & b[p];
      either[p] = a[p] | b[p];
      only_a[p] = a[p] & (b[p] ^ 1);
      not_a[p] = a[p] ^ 1;
      in_a += a[p];
      in_both += both[p];
      in_either += either[p];
    }
    const Mask ma = from_bitmap(w, h, a), mb = from_bitmap(w, h, b);
    ASSERT_EQ(intersection(ma, mb), from_bitmap(w, h, both));
    ASSERT_EQ(union_of(ma, mb), from_bitmap(w, h, either));
    ASSERT_EQ(difference(ma, mb), from_bitmap(w, h, only_a));
    ASSERT_EQ(inverse(ma), from_bitmap(w, h, not_a));
    ASSERT_EQ(area(ma), in_a);
    ASSERT_EQ(intersection_area(ma, mb), in_both);
    ASSERT_EQ(iou(ma, mb), in_either == 0 ? 0 : static_cast<double>(in_both) / static_cast<double>(in_either));
  }
}

TEST(Mask, BoundsHoldAllPixelsAndTouchThem) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const auto [w, h] = random_size(random);
    const Bitmap pixels = random_bitmap(random, w, h);
    double left = w, top = h, right = 0, bottom = 0;
    for (std::uint32_t y = 0; y < h; ++y) {
      for (std::uint32_t x = 0; x < w; ++x) {
        if (pixels[y * w + x] == 0) continue;
        left = std::min<double>(left, x), right = std::max<double>(right, x + 1);
        top = std::min<double>(top, y), bottom = std::max<double>(bottom, y + 1);
      }
    }
    ASSERT_EQ(bounds(from_bitmap(w, h, pixels)), right == 0 ? ImageBox{} : (ImageBox{left, top, right, bottom, 0}));
  }
}

TEST(Mask, CocosTextComesBackAndDamageIsNamed) {
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    const auto [w, h] = random_size(random);
    const Mask mask = from_bitmap(w, h, random_bitmap(random, w, h));
    const auto again = from_coco_text(w, h, to_coco_text(mask));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(*again, mask);
  }
  EXPECT_NE(from_coco_text(3, 2, "5").error().message.find("got 5"), std::string::npos);
  EXPECT_NE(from_coco_text(3, 2, "P").error().message.find("end within a number"), std::string::npos);
  EXPECT_NE(from_coco_text(3, 2, "6 ").error().message.find("at 1"), std::string::npos);
  EXPECT_NE(from_coco_text(3, 2, "N").error().message.find("out of range"), std::string::npos);
  EXPECT_NE(from_coco_text(3, 2, "ooooooooo0").error().message.find("out of range"), std::string::npos);
}

TEST(Mask, RunsAlongTheRowsOfThePartComeBack) {
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    const auto [w, h] = random_size(random);
    const Mask mask = from_bitmap(w, h, random_bitmap(random, w, h));
    const RowRuns rows = to_row_runs(mask);
    const auto again = from_row_runs(w, h, rows);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(*again, mask);
  }
  const Mask mask = from_bitmap(4, 3,
                                Bitmap{0, 0, 0, 0,  //
                                       0, 0, 1, 1,  //
                                       0, 1, 1, 0});
  EXPECT_EQ(to_row_runs(mask), (RowRuns{1, 1, 3, 2, {1, 4, 1}}));
  EXPECT_FALSE(from_row_runs(3, 3, {1, 1, 3, 2, {1, 4, 1}})) << "out of the image";
  EXPECT_FALSE(from_row_runs(4, 3, {1, 1, 3, 2, {1, 4}})) << "a pixel is missing";
}

TEST(Mask, AnImageOfIdsIsItsMasks) {
  std::mt19937 random(6);
  for (int i = 0; i < 100; ++i) {
    const auto [w, h] = random_size(random);
    std::vector<std::uint32_t> ids(std::size_t{w} * h);
    for (std::size_t p = 0; p < ids.size(); ++p)
      ids[p] = p > 0 && random() % 3 != 0 ? ids[p - 1] : static_cast<std::uint32_t>(random() % 4 * 16'000'000);
    std::vector<std::uint32_t> painted(ids.size());
    for (const auto& [id, mask] : masks_of_ids(w, h, ids)) {
      ASSERT_NE(id, 0U);
      ASSERT_FALSE(mask.is_empty());
      paint(mask, id, painted);
    }
    ASSERT_EQ(painted, ids);
  }
}

/// Pixel by pixel, edge by edge.
bool center_is_inside(const Ring& ring, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.vertices.size(); ++i) {
    Vec2d p = ring.vertices[i], q = ring.vertices[(i + 1) % ring.vertices.size()];
    if (q.x < p.x) std::swap(p, q);
    if (p.x <= x && x < q.x && p.y + (x - p.x) / (q.x - p.x) * (q.y - p.y) <= y) inside = !inside;
  }
  return inside;
}

Ring random_ring(std::mt19937& random, std::size_t vertices) {
  // Half of them on halves of pixels: vertices and edges that go through centres.
  const bool is_coarse = random() % 2 == 0;
  std::uniform_real_distribution<double> place(-8, 60);
  Ring ring;
  for (std::size_t i = 0; i < vertices; ++i) {
    Vec2d p{place(random), place(random)};
    if (is_coarse) p = {std::round(p.x * 2) / 2, std::round(p.y * 2) / 2};
    ring.vertices.push_back(p);
  }
  return ring;
}

TEST(PolygonMask, HasThePixelsWhoseCentresAreInside) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    Polygon polygon;
    for (std::size_t r = 0; r < 1 + i % 3U; ++r) {
      polygon.rings.push_back(random_ring(random, 3 + random() % 8));
      if (r > 0 && random() % 2 == 0) polygon.rings.back().kind = RingKind::hole;
      if (random() % 8 == 0) polygon.rings.back().kind = RingKind::line;
    }
    Bitmap expected(50 * 40);
    for (const Ring& ring : polygon.rings) {
      if (ring.kind == RingKind::line) continue;
      for (std::size_t y = 0; y < 40; ++y) {
        for (std::size_t x = 0; x < 50; ++x) {
          if (center_is_inside(ring, static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5))
            expected[y * 50 + x] = ring.kind == RingKind::area;
        }
      }
    }
    ASSERT_EQ(to_mask(polygon, 50, 40), from_bitmap(50, 40, expected)) << i;
  }
}

TEST(PolygonMask, AreasWithACommonEdgeShareNoPixelAndLeaveNoGap) {
  std::mt19937 random(8);
  for (int i = 0; i < 200; ++i) {
    // A fan of triangles around one point covers the square once.
    std::uniform_real_distribution<double> place(1, 39);
    const Vec2d hub = i % 2 == 0 ? Vec2d{20.5, 11.5} : Vec2d{place(random), place(random)};
    const std::vector<Vec2d> rim = {{0, 0}, {17.5, 0}, {40, 0}, {40, 22.5}, {40, 40}, {3.25, 40}, {0, 40}};
    Mask covered(40, 40);
    for (std::size_t k = 0; k < rim.size(); ++k) {
      const Mask part = to_mask({{{{hub, rim[k], rim[(k + 1) % rim.size()]}, RingKind::area}}}, 40, 40);
      ASSERT_EQ(intersection_area(covered, part), 0U);
      covered = union_of(covered, part);
    }
    ASSERT_EQ(area(covered), 1600U);
  }
}

TEST(PolygonMask, AnOutlineGivesItsMaskBack) {
  std::mt19937 random(9);
  for (int i = 0; i < 500; ++i) {
    const auto [w, h] = random_size(random);
    const Mask mask = from_bitmap(w, h, random_bitmap(random, w, h));
    const Polygon outline = to_polygon(mask);
    ASSERT_EQ(to_mask(outline, w, h), mask) << i;
    ASSERT_EQ(area(outline), static_cast<double>(area(mask))) << i;
    if (!mask.is_empty()) {
      ASSERT_EQ(bounds(outline), bounds(mask)) << i;
    }
  }
  const Polygon square = to_polygon(to_mask({{{{{2, 1}, {6, 1}, {6, 5}, {2, 5}}, RingKind::area}}}, 10, 10));
  ASSERT_EQ(square.rings.size(), 1U);
  EXPECT_EQ(square.rings[0].vertices.size(), 4U) << "corners only";
}

TEST(PolygonMask, AnIslandInAHoleIsThere) {
  const Polygon polygon = {{{{{0, 0}, {9, 0}, {9, 9}, {0, 9}}, RingKind::area},
                            {{{1, 1}, {8, 1}, {8, 8}, {1, 8}}, RingKind::hole},
                            {{{3, 3}, {6, 3}, {6, 6}, {3, 6}}, RingKind::area}}};
  const Mask mask = to_mask(polygon, 9, 9);
  EXPECT_EQ(area(mask), 81U - 49U + 9U);
  EXPECT_EQ(area(polygon), 81 - 49 + 9);
  EXPECT_EQ(to_polygon(mask).rings.size(), 3U);
}

TEST(ImageBox, OverlapOfTurnedBoxesIsThatOfTheirPixels) {
  std::mt19937 random(10);
  std::uniform_real_distribution<double> place(100, 300), size(20, 200), turn(-4, 4);
  for (int i = 0; i < 40; ++i) {
    const auto box = [&] {
      const double x = place(random), y = place(random);
      return ImageBox{x, y, x + size(random), y + size(random), i < 10 ? 0 : turn(random)};
    };
    const ImageBox a = box(), b = box();
    const auto mask = [](const ImageBox& of) {
      Ring ring;
      for (const Vec2d& p : corners(of)) ring.vertices.push_back({p.x + 200, p.y + 200});
      return to_mask({{ring}}, 1000, 1000);
    };
    EXPECT_NEAR(iou(a, b), iou(mask(a), mask(b)), 0.01) << i;
    EXPECT_NEAR(iou(a, a), 1, 1e-12);
  }
  EXPECT_EQ(iou(ImageBox{}, ImageBox{}), 0);
}

}  // namespace
}  // namespace sweepmark
