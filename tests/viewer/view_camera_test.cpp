// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/view_camera.h"

#include <gtest/gtest.h>

#include <random>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

constexpr int width = 800, height = 500;

OrbitCamera random_camera(std::mt19937& random, bool birds_eye) {
  std::uniform_real_distribution<double> unit(-1, 1);
  return {{30 * unit(random), 30 * unit(random), 2 * unit(random)},
          3 * unit(random),
          0.8 + 0.5 * unit(random),
          40 + 30 * unit(random),
          birds_eye};
}

TEST(ViewCamera, TheRayThroughAPixelMeetsThePointThatIsSeenThere) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int i = 0; i < 200; ++i) {
    const auto view = random_camera(random, i % 2 == 0).transform(width, height);
    const Vec3d point{50 * unit(random), 50 * unit(random), 5 * unit(random)};
    const auto seen = to_screen(view, width, height, point);
    if (!seen) continue;
    const Ray ray = ray_through(view, width, height, seen->x, seen->y);
    EXPECT_NEAR(norm(cross(point - ray.origin, ray.direction)), 0, 1e-6) << i;
  }
}

TEST(ViewCamera, TheTargetIsInTheMiddleOfThePicture) {
  std::mt19937 random(2);
  for (int i = 0; i < 20; ++i) {
    const auto camera = random_camera(random, i % 2 == 0);
    const auto seen = to_screen(camera.transform(width, height), width, height, camera.target);
    ASSERT_TRUE(seen);
    EXPECT_NEAR(seen->x, width / 2.0, 1e-9);
    EXPECT_NEAR(seen->y, height / 2.0, 1e-9);
  }
}

TEST(ViewCamera, ZoomingKeepsTheGroundUnderTheCursor) {
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    auto camera = random_camera(random, i % 2 == 0);
    const double x = 300, y = 350;
    const auto before = at_height(ray_through(camera.transform(width, height), width, height, x, y), camera.target.z);
    if (!before || norm(*before - camera.target) >= 4 * camera.distance) continue;
    camera.zoom(2, x, y, width, height);
    const auto after = at_height(ray_through(camera.transform(width, height), width, height, x, y), camera.target.z);
    ASSERT_TRUE(after);
    EXPECT_NEAR(norm(*before - *after), 0, 1e-6) << i;
  }
}

TEST(ViewCamera, FromAboveThePanFollowsTheMouseToThePixel) {
  OrbitCamera camera{.target = {3, 4, 0}, .yaw = 0.7, .distance = 50, .birds_eye = true};
  const auto before = at_height(ray_through(camera.transform(width, height), width, height, 200, 200), 0);
  camera.pan(37, -21, height);
  const auto after = at_height(ray_through(camera.transform(width, height), width, height, 237, 179), 0);
  ASSERT_TRUE(before && after);
  EXPECT_NEAR(norm(*before - *after), 0, 1e-6);
}

TEST(ViewCamera, AtYawZeroXPointsUpwardsFromAbove) {
  const OrbitCamera camera{.birds_eye = true};
  const auto seen = to_screen(camera.transform(width, height), width, height, {5, 0, 0});
  ASSERT_TRUE(seen);
  EXPECT_NEAR(seen->x, width / 2.0, 1e-9);
  EXPECT_LT(seen->y, height / 2.0);
}

TEST(ViewCamera, SideViewsShowTheCuboidInTheMiddleAtOneScale) {
  const Cuboid cuboid{{5, 6, 1}, {4, 2, 1.5}, quat_from_yaw(0.8)};
  const auto views = side_views(cuboid, 300, 200);
  const Vec3d front = cuboid.center + rotate(cuboid.rotation, {2, 0, 0});
  const Vec3d left = cuboid.center + rotate(cuboid.rotation, {0, 1, 0});
  const auto offset = [&](Side side, Vec3d point) {
    const auto seen = to_screen(views[static_cast<std::size_t>(side)], 300, 200, point);
    EXPECT_TRUE(seen);
    return Vec3d{seen->x - 150, seen->y - 100, 0};
  };
  EXPECT_NEAR(norm(offset(Side::top, cuboid.center)), 0, 1e-9);
  const double pixels_per_metre = 200 * (2.0 / 3) / 4;  // the length is upwards in the top view
  EXPECT_NEAR(norm(offset(Side::top, front) - Vec3d{0, -2 * pixels_per_metre, 0}), 0, 1e-9);
  EXPECT_NEAR(norm(offset(Side::top, left) - Vec3d{-pixels_per_metre, 0, 0}), 0, 1e-9);
  EXPECT_NEAR(norm(offset(Side::right, front) - Vec3d{2 * pixels_per_metre, 0, 0}), 0, 1e-9);
  EXPECT_NEAR(norm(offset(Side::rear, left) - Vec3d{-pixels_per_metre, 0, 0}), 0, 1e-9);
}

TEST(ViewCamera, FlyingMovesEyeAndTargetTogether) {
  OrbitCamera camera{.target = {1, 2, 3}, .yaw = 0.7, .distance = 30};
  const Vec3d eye = camera.transform(400, 300).eye;
  camera.fly(5, 2, 1);
  const Vec3d moved = camera.transform(400, 300).eye - eye;
  EXPECT_NEAR(norm(moved - (camera.target - Vec3d{1, 2, 3})), 0, 1e-12);
  EXPECT_NEAR(moved.x, 5 * std::cos(0.7) + 2 * std::sin(0.7), 1e-12);
  EXPECT_NEAR(moved.y, 5 * std::sin(0.7) - 2 * std::cos(0.7), 1e-12);
  EXPECT_NEAR(moved.z, 1, 1e-12);
}

TEST(ViewCamera, ZoomingAnImageKeepsWhatIsUnderTheMouse) {
  ImageCamera camera;
  const Vec2d before = image_pixel(camera.transform(1242, 375, 600, 400), 600, 400, 350, 220);
  camera.zoom_by(4, 350, 220, 1242, 375, 600, 400);
  const Vec2d after = image_pixel(camera.transform(1242, 375, 600, 400), 600, 400, 350, 220);
  EXPECT_GT(camera.zoom, 1.5);
  EXPECT_NEAR(after.x, before.x, 1e-6);
  EXPECT_NEAR(after.y, before.y, 1e-6);
  camera.zoom_by(-10, 0, 0, 1242, 375, 600, 400);
  EXPECT_EQ(camera.zoom, 1);
  EXPECT_EQ(camera.center_x, 0.5);
}

}  // namespace
}  // namespace sweepmark::editor
