// SPDX-License-Identifier: Apache-2.0
#include "tracking/flow/propagate_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "geometry/mask_convert.h"

namespace sweepmark {
namespace {

constexpr int width = 320, height = 240;

/// A patchwork of grey with structure at all sizes, sampled anywhere.
class Texture {
 public:
  explicit Texture(unsigned seed) : values_(64 * 64) {
    std::mt19937 random(seed);
    for (double& v : values_) v = static_cast<double>(random() % 200) + 20;
  }
  double at(double x, double y) const { return (smooth(x / 9, y / 9) * 2 + smooth(x / 23 + 7, y / 23)) / 3; }

 private:
  double smooth(double x, double y) const {
    const double fx = std::floor(x), fy = std::floor(y);
    const auto value = [&](double i, double j) {
      const auto wrap = [](double v) { return static_cast<std::size_t>(static_cast<long long>(v) & 63); };
      return values_[wrap(j) * 64 + wrap(i)];
    };
    const double tx = x - fx, ty = y - fy;
    return (1 - ty) * ((1 - tx) * value(fx, fy) + tx * value(fx + 1, fy)) +
           ty * ((1 - tx) * value(fx, fy + 1) + tx * value(fx + 1, fy + 1));
  }
  std::vector<double> values_;
};

struct Picture {
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(width * height);
  GrayImage view() const { return {width, height, pixels}; }
};

/// A patch of 60 x 40 pixels at (x, y), `scale` times as large, before a still background.
Picture scene(double x, double y, double scale = 1) {
  static const Texture object(1), background(2);
  Picture out;
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const double u = (column + 0.5 - x) / scale, v = (row + 0.5 - y) / scale;
      const bool is_object = u >= 0 && v >= 0 && u < 60 && v < 40;
      out.pixels[static_cast<std::size_t>(row * width + column)] =
          static_cast<std::uint8_t>(is_object ? object.at(u, v) : background.at(column, row));
    }
  }
  return out;
}
ImageValue box_at(double x, double y, double scale = 1) {
  return {.box = ImageBox{x, y, x + 60 * scale, y + 40 * scale}};
}

TEST(ImagePropagator, ABoxFollowsWhatItHolds) {
  ImagePropagator propagator(scene(40, 50).view(), box_at(40, 50));
  for (int i = 1; i <= 12; ++i) {
    const double x = 40 + 5.5 * i, y = 50 + 2.25 * i, scale = 1 + 0.02 * i;
    const ImagePropagateStep step = propagator.step(scene(x, y, scale).view());
    ASSERT_TRUE(step.value) << i << ": " << step.stop_reason;
    EXPECT_GT(iou(*step.value->box, *box_at(x, y, scale).box), 0.9) << i;
    EXPECT_GT(step.confidence, 0.5) << i;
  }
}

TEST(ImagePropagator, MasksPolygonsAndKeypointsMoveWithTheirObject) {
  const Ring ring{{{45, 55}, {95, 55}, {95, 85}, {70, 88}, {45, 85}}, RingKind::area};
  ImageValue start{.polygon = Polygon{{ring}}, .mask = to_mask({{ring}}, width, height)};
  start.skeleton =
      Skeleton{{{{60, 60}, Visibility::visible}, {{80, 80}, Visibility::hidden}, {{}, Visibility::absent}}};
  ImagePropagator propagator(scene(40, 50).view(), start);
  ImagePropagateStep step;
  for (int i = 1; i <= 10; ++i) step = propagator.step(scene(40 + 6 * i, 50 + 3 * i).view());
  ASSERT_TRUE(step.value) << step.stop_reason;
  Ring moved = ring;
  for (Vec2d& v : moved.vertices) v = {v.x + 60, v.y + 30};
  EXPECT_GT(iou(*step.value->mask, to_mask({{moved}}, width, height)), 0.93);
  EXPECT_NEAR(step.value->polygon->rings[0].vertices[0].x, 105, 1.5);
  EXPECT_NEAR(step.value->skeleton->points[0].position.x, 120, 1.5);
  EXPECT_NEAR(step.value->skeleton->points[1].position.y, 110, 1.5);
  EXPECT_EQ(step.value->skeleton->points[1].visibility, Visibility::hidden);
  EXPECT_EQ(step.value->skeleton->points[2].visibility, Visibility::absent);
}

TEST(ImagePropagator, StopsWhereItsObjectLeavesTheImageAndSaysSo) {
  ImagePropagator propagator(scene(200, 100).view(), box_at(200, 100));
  ImagePropagateStep step;
  int i = 1;
  for (; i < 40; ++i) {
    step = propagator.step(scene(200 + 6 * i, 100).view());
    if (!step.value) break;
    EXPECT_LT(200 + 6 * i, width) << "there is nothing left of it";
  }
  EXPECT_FALSE(step.value);
  EXPECT_GT(i, 8) << "while most of it is seen it goes on";
  EXPECT_FALSE(step.stop_reason.empty());
  EXPECT_EQ(propagator.step(scene(200, 100).view()).stop_reason, step.stop_reason) << "a stop is a stop";
}

TEST(ImagePropagator, StopsAtACutAndOnAPlainWall) {
  ImagePropagator propagator(scene(100, 100).view(), box_at(100, 100));
  EXPECT_TRUE(propagator.step(scene(102, 100).view()).value);
  Picture other;
  const Texture elsewhere(9);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column)
      other.pixels[static_cast<std::size_t>(row * width + column)] =
          static_cast<std::uint8_t>(elsewhere.at(column * 1.7, row * 1.3));
  }
  const ImagePropagateStep cut = propagator.step(other.view());
  EXPECT_FALSE(cut.value);
  EXPECT_FALSE(cut.stop_reason.empty());
  const Picture wall;
  ImagePropagator on_wall(wall.view(), box_at(100, 100));
  const ImagePropagateStep plain = on_wall.step(wall.view());
  EXPECT_FALSE(plain.value);
  EXPECT_NE(plain.stop_reason.find("0 points"), std::string::npos) << plain.stop_reason;
}

TEST(ImagePropagator, ThereAndBackIsWhereItBegan) {
  std::vector<Picture> film;
  for (int i = 0; i < 15; ++i) film.push_back(scene(60 + 7 * std::sin(0.5 * i) * i / 3, 70 + 2 * i));
  ImagePropagator propagator(film[0].view(), box_at(60, 70));
  ImagePropagateStep step;
  for (std::size_t i = 1; i < film.size(); ++i) step = propagator.step(film[i].view());
  ASSERT_TRUE(step.value) << step.stop_reason;
  ImagePropagator back(film.back().view(), *step.value);
  for (std::size_t i = film.size() - 1; i-- > 0;) step = back.step(film[i].view());
  ASSERT_TRUE(step.value) << step.stop_reason;
  EXPECT_GT(iou(*step.value->box, *box_at(60, 70).box), 0.9);
}

}  // namespace
}  // namespace sweepmark
