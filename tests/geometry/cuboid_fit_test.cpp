// SPDX-License-Identifier: Apache-2.0
#include "geometry/cuboid_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

/// What a LiDAR sees of a car: its rear and its left side, with 2 cm of noise.
std::vector<Vec3d> two_sides(const Cuboid& car, std::mt19937& random) {
  std::uniform_real_distribution<double> unit(-0.5, 0.5);
  std::normal_distribution<double> noise(0, 0.02);
  std::vector<Vec3d> points;
  for (int i = 0; i < 600; ++i) {
    const double z = car.size.z * unit(random);
    const Vec3d local = i % 3 == 0 ? Vec3d{-car.size.x / 2 + noise(random), car.size.y * unit(random), z}
                                   : Vec3d{car.size.x * unit(random), car.size.y / 2 + noise(random), z};
    points.push_back(car.center + rotate(car.rotation, local));
  }
  return points;
}

Point to_point(Vec3d p) { return {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z), 0}; }

/// Ground z = 0.05 x around a place, a point each 20 cm; none where the car stands.
std::vector<Point> slope(Vec3d middle, const Cuboid& without) {
  std::vector<Point> points;
  for (double x = -15; x <= 15; x += 0.2)
    for (double y = -15; y <= 15; y += 0.2) {
      const Vec3d p{middle.x + x, middle.y + y, 0.05 * (middle.x + x)};
      const Vec3d local = rotate(conjugate(without.rotation), p - without.center);
      if (std::abs(local.x) > without.size.x / 2 || std::abs(local.y) > without.size.y / 2)
        points.push_back(to_point(p));
    }
  return points;
}

Cuboid car_at(double x, double y, double yaw) { return {{x, y, 0.05 * x + 0.75}, {4.4, 1.8, 1.5}, quat_from_yaw(yaw)}; }

TEST(CuboidFit, TwoSidesOfACarGiveItsHeadingAndSize) {
  std::mt19937 random(1);
  for (int i = 0; i < 36; ++i) {
    const double yaw = i * std::numbers::pi / 18;
    const Cuboid car{{12, -5, 1}, {4.4, 1.8, 1.5}, quat_from_yaw(yaw)};
    const auto fitted = fit_upright_cuboid(two_sides(car, random), yaw);
    ASSERT_TRUE(fitted);
    EXPECT_NEAR(wrap_angle(yaw_of(fitted->rotation) - yaw), 0, std::numbers::pi / 180) << i;
    EXPECT_NEAR(fitted->size.x, 4.4, 0.15) << i;
    EXPECT_NEAR(fitted->size.y, 1.8, 0.15) << i;
    EXPECT_NEAR(norm(fitted->center - car.center), 0, 0.1) << i;
  }
}

TEST(CuboidFit, WithoutAHintTheLongerSideIsTheLength) {
  std::mt19937 random(2);
  const Cuboid car{{0, 0, 1}, {4.4, 1.8, 1.5}, quat_from_yaw(1.9)};
  const auto fitted = fit_upright_cuboid(two_sides(car, random));
  ASSERT_TRUE(fitted);
  EXPECT_GT(fitted->size.x, fitted->size.y);
  EXPECT_NEAR(std::abs(std::sin(yaw_of(fitted->rotation) - 1.9)), 0, 0.02);
}

TEST(CuboidFit, TheHintPicksOneOfFourDirections) {
  std::mt19937 random(3);
  const Cuboid car{{0, 0, 1}, {4.4, 1.8, 1.5}, quat_from_yaw(0.2)};
  const auto points = two_sides(car, random);
  for (int quarter = 0; quarter < 4; ++quarter) {
    const double hint = 0.4 + quarter * std::numbers::pi / 2;
    const auto fitted = fit_upright_cuboid(points, hint);
    ASSERT_TRUE(fitted);
    EXPECT_LT(std::abs(wrap_angle(yaw_of(fitted->rotation) - hint)), std::numbers::pi / 4) << quarter;
  }
}

TEST(CuboidFit, FewerThanThreePointsGiveNothing) {
  EXPECT_FALSE(fit_upright_cuboid({}));
  EXPECT_FALSE(fit_upright_cuboid(std::vector<Vec3d>{{1, 2, 3}, {2, 3, 4}}));
}

TEST(CuboidFit, ShrinkingTouchesTheOutermostPointsInside) {
  const Cuboid loose{{0, 0, 0}, {10, 10, 10}, quat_from_yaw(std::numbers::pi / 2)};
  const std::vector<Vec3d> points{{-1, -2, 0}, {3, 1, 2}, {0, 4, -1}, {100, 0, 0}};
  const Cuboid tight = shrink_to_points(loose, points);
  EXPECT_NEAR(norm(tight.center - Vec3d{1, 1, 0.5}), 0, 1e-12);
  EXPECT_NEAR(norm(tight.size - Vec3d{6, 4, 3}), 0, 1e-12);  // its length is along y
  EXPECT_EQ(tight.rotation, loose.rotation);
  EXPECT_EQ(shrink_to_points(loose, std::vector<Vec3d>{{100, 0, 0}}), loose);
}

TEST(CuboidFit, CompletingKeepsTheFacesThatTheSensorSees) {
  const Cuboid seen{{10, 0, 1}, {2, 1.8, 1.5}, quat_from_yaw(0)};  // the rear of a car ahead
  const Cuboid grown = complete_to_size(seen, {0, 0, 0}, {4.4, 1.7, 9});
  EXPECT_EQ(grown.size, (Vec3d{4.4, 1.8, 1.5}));
  EXPECT_NEAR(grown.center.x - grown.size.x / 2, 9, 1e-12);
  const Cuboid oncoming{{10, 0, 1}, {2, 1.8, 1.5}, quat_from_yaw(std::numbers::pi)};
  const Cuboid other = complete_to_size(oncoming, {0, 0, 0}, {4.4, 1.7, 9});
  EXPECT_NEAR(other.center.x - other.size.x / 2, 9, 1e-12);
}

TEST(CuboidFit, AThinSideAsWideAsACarIsItsRear) {
  const Cuboid rear{{10, 0, 1}, {1.75, 0.2, 1.5}, quat_from_yaw(std::numbers::pi / 2)};
  const Cuboid car = complete_to_size(rear, {0, 0, 0}, {4.4, 1.8, 1.5});
  EXPECT_NEAR(std::abs(std::sin(yaw_of(car.rotation))), 0, 1e-12);
  EXPECT_NEAR(car.center.x - 2.2, 9.9, 1e-9);
  EXPECT_NEAR(car.size.x, 4.4, 1e-12);
}

TEST(CuboidFit, SeenEndOnTheSideAcrossTheViewIsTheWidthHoweverMuchOfTheFlankIsSeen) {
  // 1.7 m across the view, 1.4 m of the flank: from ahead, so the car lies along the view.
  const Cuboid front{{10, 0, 1}, {1.7, 1.4, 1.5}, quat_from_yaw(std::numbers::pi / 2)};
  const Cuboid car = complete_to_size(front, {0, 0, 0}, {4.4, 1.8, 1.5});
  EXPECT_NEAR(std::abs(std::sin(yaw_of(car.rotation))), 0, 1e-12);
  EXPECT_NEAR(car.center.x - car.size.x / 2, 9.3, 1e-9) << "the near face stays";
  // The same cuboid seen from a corner: the longer side is the length.
  const Cuboid corner = complete_to_size(front, {0, -10, 0}, {4.4, 1.8, 1.5});
  EXPECT_NEAR(std::abs(std::cos(yaw_of(corner.rotation))), 0, 1e-12);
  // A long side is a length from wherever it is seen.
  const Cuboid flank =
      complete_to_size({{10, 0, 1}, {3, 0.3, 1.5}, quat_from_yaw(std::numbers::pi / 2)}, {0, 0, 0}, {4.4, 1.8, 1.5});
  EXPECT_NEAR(std::abs(std::cos(yaw_of(flank.rotation))), 0, 1e-12);
}

/// A wall of points 1.6 m wide across the x axis.
void add_wall(std::vector<Point>& points, double x, double y, double low, double high) {
  for (double across = -0.8; across <= 0.8; across += 0.1)
    for (double z = low; z <= high; z += 0.1) points.push_back(to_point({x, y + across, z}));
}

TEST(CuboidFit, ABumperApartFromTheWindscreenBelongsToTheCarBehindItAndAnotherCarDoesNot) {
  std::vector<Point> points = slope({0, 0, 0}, {{500, 500, 0}, {1, 1, 1}, {}});
  for (Point& p : points) p.z = 0;
  const auto windscreen = static_cast<std::uint32_t>(points.size());
  add_wall(points, 12, 0, 0.9, 1.4);
  const auto bumper = static_cast<std::uint32_t>(points.size());
  add_wall(points, 10.8, 0, 0.4, 0.8);  // on the same rays, nearer and lower
  const auto beside = static_cast<std::uint32_t>(points.size());
  add_wall(points, 11, 2.5, 0.4, 1.4);  // a car in the next lane
  const auto behind = static_cast<std::uint32_t>(points.size());
  add_wall(points, 19, 0, 0.4, 1.4);  // the next one in this lane
  const GroundGrid ground(points);
  const auto alone = object_points(points, ground, windscreen + 20);
  const Vec3d sensor{0, 0, 1.8}, usual{4.5, 1.85, 1.65};
  const auto object = with_parts_on_same_rays(points, ground, alone, sensor, usual);
  EXPECT_EQ(alone.size(), bumper - windscreen);
  EXPECT_EQ(object.size(), beside - windscreen);
  EXPECT_EQ(object.front(), windscreen);
  EXPECT_EQ(object.back(), beside - 1);
  // Behind the sensor, where azimuths jump from one half turn to the other, it is the same.
  std::vector<Point> turned = points;
  for (Point& p : turned) p.x = -p.x, p.y = -p.y;
  const GroundGrid other_ground(turned);
  EXPECT_EQ(with_parts_on_same_rays(turned, other_ground, alone, sensor, usual), object);
  // Where both would be longer than the class is, they are two objects.
  EXPECT_EQ(with_parts_on_same_rays(points, ground, alone, sensor, {0.9, 1.85, 1.65}).size(), alone.size());
  EXPECT_LT(behind, points.size());
}

TEST(GroundGrid, MirroredReturnsBelowTheRoadAreNoGround) {
  std::vector<Point> points = slope({0, 0, 0}, {{500, 500, 0}, {1, 1, 1}, {}});
  for (int i = 0; i < 20; ++i) points.push_back({3.0F + 0.02F * static_cast<float>(i), 2, -4, 0});
  EXPECT_NEAR(GroundGrid(points).height_at(3.2, 2), 0.16, 0.25);
}

TEST(GroundGrid, GroundUnderACarOnASlopeIsNotItsRoof) {
  std::mt19937 random(4);
  const Cuboid car = car_at(6, 3, 0.7);
  auto points = slope(car.center, car);
  for (const Vec3d& p : two_sides(car, random)) points.push_back(to_point(p));
  const GroundGrid ground(points);
  for (double x = -4; x <= 4; x += 0.5)
    for (double y = -4; y <= 4; y += 0.5)
      EXPECT_NEAR(ground.height_at(car.center.x + x, car.center.y + y), 0.05 * (car.center.x + x), 0.25)
          << x << ' ' << y;
}

TEST(GroundGrid, HugeExtentsEmptyCloudsAndNanAreFine) {
  EXPECT_EQ(GroundGrid(std::vector<Point>{}).height_at(3, 4), 0);
  const std::vector<Point> far{{-1e6F, -1e6F, 2, 0}, {1e6F, 1e6F, 2, 0}, {std::nanf(""), 0, 0, 0}};
  EXPECT_TRUE(std::isfinite(GroundGrid(far).height_at(0, 0)));
}

TEST(CuboidFit, AClickOnOneOfTwoCarsFitsThatCarOnTheGround) {
  std::mt19937 random(5);
  const Cuboid car = car_at(6, 3, 0.1), other = car_at(6.2, 6.4, 0.1);  // 1.5 m between their sides
  auto points = slope(car.center, car);
  const auto first = static_cast<std::uint32_t>(points.size());
  for (const Vec3d& p : two_sides(car, random)) points.push_back(to_point(p));
  for (const Vec3d& p : two_sides(other, random)) points.push_back(to_point(p));
  const GroundGrid ground(points);
  std::uint32_t seed = first;
  while (static_cast<double>(points[seed].z) < car.center.z) ++seed;
  const auto object = object_points(points, ground, seed);
  ASSERT_GT(object.size(), 400U);
  for (const std::uint32_t i : object) {
    EXPECT_GE(i, first);
    EXPECT_LT(i, first + 600);
  }
  const auto fitted = fit_object(points, object, ground, 0.0);
  ASSERT_TRUE(fitted);
  EXPECT_NEAR(norm(fitted->center - car.center), 0, 0.25);
  EXPECT_NEAR(fitted->center.z - fitted->size.z / 2, ground_beside(*fitted, ground), 1e-9);
  EXPECT_NEAR(fitted->center.z - fitted->size.z / 2, 0.05 * fitted->center.x, 0.2) << "the slope that it stands on";
  EXPECT_TRUE(object_points(points, ground, 0).empty()) << "the ground is no object";
}

}  // namespace
}  // namespace sweepmark
