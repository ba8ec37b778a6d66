// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/renderer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "kernels/math/rigid.h"

namespace sweepmark::render {
namespace {

using editor::LineSegment;
using editor::OrbitCamera;
using editor::Rgba;
using editor::rgba;
using editor::ViewTransform;

constexpr int width = 160, height = 120;

/// With the validation layer; each test ends by asking what it said.
struct RendererTest : testing::Test {
  void TearDown() override {
    for (const std::string& message : renderer.validation_messages()) ADD_FAILURE() << message;
  }
  void set_points(std::span<const Point> points, std::span<const Rgba> colours) {
    cloud = renderer.make_cloud(points, colours);
  }
  Picture draw(const ViewTransform& transform, int w, int h, std::span<const LineSegment> lines,
               const DrawOptions& options = {}) {
    renderer.draw(view, cloud, transform, w, h, lines, options);
    return renderer.read(view);
  }
  Picture draw_image(const Picture& image, int w, int h, std::span<const LineSegment> lines) {
    renderer.draw(view, renderer.make_image(image), editor::stretched_image(image.width, image.height), w, h, lines);
    return renderer.read(view);
  }
  std::optional<std::uint32_t> point_at(int x, int y) { return renderer.point_at(view, x, y); }
  void expect_nearest_points(const std::vector<Point>& points, const ViewTransform& transform);

  Renderer renderer{true};
  Renderer::Cloud cloud;
  Renderer::View view;
};

Rgba pixel(const Picture& picture, int x, int y) {
  const auto at =
      4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x));
  return rgba(picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2], picture.rgba[at + 3]);
}

std::vector<Point> random_points(std::size_t count, float reach) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> unit(-reach, reach);
  std::vector<Point> points(count);
  for (Point& p : points) p = {unit(random), unit(random), unit(random) / 4, 0};
  return points;
}

/// The nearest point of each pixel in float64; points close to a pixel's border or to another's depth are left open.
void RendererTest::expect_nearest_points(const std::vector<Point>& points, const ViewTransform& transform) {
  std::vector<double> nearest(width * height, 1e30), second(width * height, 1e30);
  std::vector<std::uint32_t> owner(width * height);
  std::vector<bool> open(width * height);
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    const auto seen = to_screen(transform, width, height, {points[i].x, points[i].y, points[i].z});
    if (!seen) continue;
    const auto x = static_cast<int>(std::floor(seen->x)), y = static_cast<int>(std::floor(seen->y));
    const bool near_border =
        std::abs(seen->x - std::round(seen->x)) < 1e-3 || std::abs(seen->y - std::round(seen->y)) < 1e-3;
    for (int py = y - 1; near_border && py <= y + 1; ++py)
      for (int px = x - 1; px <= x + 1; ++px)
        if (px >= 0 && py >= 0 && px < width && py < height) open[static_cast<std::size_t>(py * width + px)] = true;
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const auto at = static_cast<std::size_t>(y * width + x);
    second[at] = std::min(second[at], std::max(nearest[at], seen->depth));
    if (seen->depth < nearest[at]) owner[at] = i;
    nearest[at] = std::min(nearest[at], seen->depth);
  }
  int compared = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(y * width + x);
      if (open[at] || second[at] - nearest[at] < 1e-3 * nearest[at]) continue;
      const auto shown = point_at(x, y);
      ASSERT_EQ(shown.has_value(), nearest[at] < 1e30) << x << ' ' << y;
      if (shown) {
        ASSERT_EQ(*shown, owner[at]) << x << " " << y;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, width * height / 4);
}

TEST_F(RendererTest, EachPixelShowsTheNearestPointInPerspective) {
  const auto points = random_points(20'000, 20);
  set_points(points, std::vector<Rgba>(points.size(), rgba(9, 9, 9)));
  const auto transform = OrbitCamera{.yaw = 0.4, .distance = 50}.transform(width, height);
  draw(transform, width, height, {}, {.point_size_px = 1e-6F});
  expect_nearest_points(points, transform);
}

TEST_F(RendererTest, EachPixelShowsTheHighestPointFromAbove) {
  const auto points = random_points(5'000, 20);
  set_points(points, std::vector<Rgba>(points.size(), rgba(9, 9, 9)));
  const auto transform = OrbitCamera{.distance = 40, .birds_eye = true}.transform(width, height);
  draw(transform, width, height, {}, {.point_size_px = 1});
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto shown = point_at(x, y);
      if (!shown) continue;
      const auto seen = to_screen(transform, width, height, {points[*shown].x, points[*shown].y, points[*shown].z});
      ASSERT_TRUE(seen);
      EXPECT_NEAR(seen->x, x + 0.5, 0.51);
      EXPECT_NEAR(seen->y, y + 0.5, 0.51);
    }
  }
}

TEST_F(RendererTest, PointsFromATenthOfAMetreToTwoKilometresAreSeen) {
  const std::vector<Point> points{{0.11F, 0, 0, 0}, {2000, 150, 0, 0}};
  set_points(points, std::vector<Rgba>(2, rgba(200, 100, 50)));
  ViewTransform transform;
  transform.forward = {1, 0, 0};
  transform.right = {0, -1, 0};
  transform.up = {0, 0, 1};
  draw(transform, width, height, {}, {});
  std::vector<bool> found(2);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (const auto shown = point_at(x, y)) found[*shown] = true;
  EXPECT_TRUE(found[0]);
  EXPECT_TRUE(found[1]);
}

TEST_F(RendererTest, PointsOfEveryBatchAreDrawnAndKeepTheirNumbers) {
  constexpr std::size_t count = (std::size_t{4} << 20U) + 1000;
  std::vector<Point> points(count, {std::nanf(""), 0, 0, 0});
  points.front() = {5, 5, 0, 0};
  points.back() = {-5, -5, 0, 0};
  set_points(points, std::vector<Rgba>(count, rgba(255, 0, 0)));
  const auto transform = OrbitCamera{.distance = 30, .birds_eye = true}.transform(width, height);
  draw(transform, width, height, {}, {});
  std::vector<std::uint32_t> found;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (const auto shown = point_at(x, y)) found.push_back(*shown);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::uint32_t>{0, count - 1}));
}

TEST_F(RendererTest, ALineBehindPointsIsPaleAndOneInFrontIsNot) {
  std::vector<Point> wall;
  for (int y = -100; y <= 100; ++y)
    for (int z = -100; z <= 100; ++z)
      wall.push_back({0, static_cast<float>(y) * 0.05F, static_cast<float>(z) * 0.05F, 0});
  set_points(wall, std::vector<Rgba>(wall.size(), rgba(0, 0, 0)));
  const auto transform = OrbitCamera{.pitch = 0, .distance = 10}.transform(width, height);
  const auto middle_with_line_at = [&](float x) {
    const LineSegment line{{x, -3, 0}, rgba(255, 255, 255), {x, 3, 0}, 4};
    return pixel(draw(transform, width, height, std::span(&line, 1), {.point_size_px = 8}), width / 2, height / 2) &
           0xFFU;
  };
  EXPECT_GT(middle_with_line_at(-1), 240U);
  EXPECT_LT(middle_with_line_at(1), 150U);
  EXPECT_GT(middle_with_line_at(1), 60U);
}

TEST_F(RendererTest, AnImageIsDrawnUprightWithLinesInItsOwnPixels) {
  Picture image{2, 2, {255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255}};
  const auto plain = draw_image(image, 100, 100, {});
  EXPECT_EQ(pixel(plain, 2, 2), rgba(255, 0, 0));
  EXPECT_EQ(pixel(plain, 97, 2), rgba(0, 255, 0));
  EXPECT_EQ(pixel(plain, 2, 97), rgba(0, 0, 255));
  // The centre of the top left pixel is (0, 0): a quarter into a picture of two pixels.
  const LineSegment line{{0, -0.5F, 0}, rgba(9, 8, 7), {0, 1.5F, 0}, 6};
  EXPECT_EQ(pixel(draw_image(image, 100, 100, std::span(&line, 1)), 25, 60), rgba(9, 8, 7));
}

TEST_F(RendererTest, WithoutPointsAndLinesThereIsABackgroundAndNothingToPick) {
  set_points({}, {});
  const auto picture = draw(OrbitCamera{}.transform(width, height), width, height, {});
  EXPECT_EQ(pixel(picture, 80, 60) >> 24U, 255U);
  EXPECT_FALSE(point_at(80, 60));
  EXPECT_FALSE(point_at(-1, 60));
  EXPECT_FALSE(point_at(80, height));
}

TEST_F(RendererTest, ThePictureSurvivesAPngFile) {
  const auto points = random_points(2'000, 10);
  set_points(points, std::vector<Rgba>(points.size(), rgba(50, 150, 250)));
  const auto picture = draw(OrbitCamera{}.transform(width, height), width, height, {});
  const auto file = std::filesystem::temp_directory_path() / "sweepmark_renderer_test.png";
  ASSERT_TRUE(write_png(picture, file));
  const auto again = read_image(file);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->rgba, picture.rgba);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  EXPECT_FALSE(read_image(file));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace sweepmark::render
