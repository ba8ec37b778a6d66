// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/create_cuboid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

constexpr int width = 800, height = 600;
const Vec3d sensor{0, 0, 1.8};

Cuboid car_at(double x, double y, double yaw) { return {{x, y, 0.8}, {4.5, 1.85, 1.6}, quat_from_yaw(yaw)}; }

Point to_point(Vec3d p) { return {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z), 0}; }

/// Flat ground, and of each car the two sides that the sensor sees.
std::vector<Point> street(std::span<const Cuboid> cars) {
  std::vector<Point> points;
  for (double x = -5; x <= 40; x += 0.25)
    for (double y = -15; y <= 15; y += 0.25) points.push_back(to_point({x, y, 0}));
  std::mt19937 random(2);
  std::uniform_real_distribution<double> unit(-0.5, 0.5);
  for (const Cuboid& car : cars) {
    const Vec3d seen_from = rotate(conjugate(car.rotation), sensor - car.center);
    for (int i = 0; i < 900; ++i) {
      const double z = car.size.z * unit(random);
      const Vec3d local = i % 3 == 0 ? Vec3d{std::copysign(car.size.x / 2, seen_from.x), car.size.y * unit(random), z}
                                     : Vec3d{car.size.x * unit(random), std::copysign(car.size.y / 2, seen_from.y), z};
      points.push_back(to_point(car.center + rotate(car.rotation, local)));
    }
  }
  return points;
}

NewCuboid options_for(double heading) { return {usual_size("car"), sensor, heading, true}; }

/// The rectangle around a car in a view, a little larger.
Rectangle around(const ViewTransform& view, const Cuboid& car) {
  Rectangle r{1e9, 1e9, -1e9, -1e9};
  for (int i = 0; i < 8; ++i) {
    const Vec3d half{(i & 1 ? 0.5 : -0.5) * car.size.x, (i & 2 ? 0.5 : -0.5) * car.size.y,
                     (i & 4 ? 0.5 : -0.5) * car.size.z};
    const auto seen = to_screen(view, width, height, car.center + rotate(car.rotation, half));
    if (!seen) continue;
    r = {std::min(r.x0, seen->x - 4), std::min(r.y0, seen->y - 4), std::max(r.x1, seen->x + 4),
         std::max(r.y1, seen->y + 4)};
  }
  return r;
}

TEST(CreateCuboid, ARectangleInAnyViewFindsTheCarInIt) {
  const Cuboid cars[] = {car_at(14, 4, 0.3), car_at(22, -5, 3.0)};
  const auto points = street(cars);
  const GroundGrid ground(points);
  for (const bool birds_eye : {true, false})
    for (const Cuboid& car : cars) {
      OrbitCamera camera{.target = {15, 0, 0}, .distance = 45, .birds_eye = birds_eye};
      const auto view = camera.transform(width, height);
      const auto found = cuboid_from_rectangle(points, ground, view, width, height, around(view, car),
                                               options_for(yaw_of(car.rotation)));
      ASSERT_TRUE(found);
      EXPECT_GT(box_iou(*found, car), 0.75) << birds_eye;
      EXPECT_LT(std::abs(wrap_angle(yaw_of(found->rotation) - yaw_of(car.rotation))), 0.1);
    }
}

TEST(CreateCuboid, TheCornersOfARectangleMayComeInAnyOrder) {
  const Cuboid cars[] = {car_at(14, 4, 0.3)};
  const auto points = street(cars);
  const auto view = OrbitCamera{.target = {15, 0, 0}, .birds_eye = true}.transform(width, height);
  const Rectangle r = around(view, cars[0]);
  const auto one = points_in_rectangle(points, view, width, height, r);
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(one, points_in_rectangle(points, view, width, height, {r.x1, r.y1, r.x0, r.y0}));
  EXPECT_EQ(one, points_in_rectangle(points, view, width, height, {r.x0, r.y1, r.x1, r.y0}));
}

TEST(CreateCuboid, OneClickFindsTheCarAndNothingOnTheRoad) {
  const Cuboid cars[] = {car_at(14, 4, 0.3)};
  const auto points = street(cars);
  const GroundGrid ground(points);
  const auto found = cuboid_from_click(points, ground, static_cast<std::uint32_t>(points.size() - 5), options_for(0.3));
  ASSERT_TRUE(found);
  EXPECT_GT(box_iou(*found, cars[0]), 0.75);
  EXPECT_FALSE(cuboid_from_click(points, ground, 0, options_for(0)));
}

TEST(CreateCuboid, BranchesThatHangOverACarAreNotPartOfIt) {
  const Cuboid car = car_at(14, 4, 0.3);
  const Cuboid cars[] = {car};
  auto points = street(cars);
  const auto on_car = static_cast<std::uint32_t>(points.size() - 1);
  for (double z = 1.5; z < 6; z += 0.1) {  // from the roof up, without a gap
    for (double x = -1; x <= 1; x += 0.2) points.push_back(to_point(car.center + Vec3d{x, 0, z - car.center.z}));
  }
  const auto found = cuboid_from_click(points, GroundGrid(points), on_car, options_for(0.3));
  ASSERT_TRUE(found);
  EXPECT_LT(found->size.z, 2.5);
  EXPECT_GT(box_iou(*found, car), 0.6);
}

TEST(CreateCuboid, WithoutFittingARectangleFromAboveIsTakenAsItIs) {
  const auto points = street({});
  const GroundGrid ground(points);
  OrbitCamera camera{.target = {10, 0, 0}, .yaw = 0.4, .distance = 30, .birds_eye = true};
  const auto view = camera.transform(width, height);
  NewCuboid options = options_for(0.4 + std::numbers::pi);
  options.fit = false;
  const auto found = cuboid_from_rectangle(points, ground, view, width, height, {300, 200, 360, 330}, options);
  ASSERT_TRUE(found);
  const double per_pixel = 2 / (view.scale_x * width);
  EXPECT_NEAR(found->size.x, 130 * per_pixel, 1e-9);
  EXPECT_NEAR(found->size.y, 60 * per_pixel, 1e-9);
  EXPECT_NEAR(found->center.z - found->size.z / 2, 0, 0.05);
  // The hint says which of the two ends is the front.
  EXPECT_NEAR(std::abs(wrap_angle(yaw_of(found->rotation) - 0.4)), std::numbers::pi, 1e-9);
  const auto aside = OrbitCamera{.target = {10, 0, 0}}.transform(width, height);
  EXPECT_FALSE(cuboid_from_rectangle(points, ground, aside, width, height, {300, 200, 360, 330}, options));
}

TEST(CreateCuboid, ThreeClicksGiveHeadingLengthWidthAndTheHeightOfThePoints) {
  const Cuboid cars[] = {car_at(14, 4, 0.3)};
  const auto points = street(cars);
  const GroundGrid ground(points);
  const auto corner = [&](double x, double y) { return cars[0].center + rotate(cars[0].rotation, {x, y, -0.8}); };
  const auto found = cuboid_from_three_clicks(
      points, ground, {corner(-2.25, -0.93), corner(2.25, -0.93), corner(0.4, 0.93)}, options_for(0));
  ASSERT_TRUE(found);
  EXPECT_GT(box_iou(*found, cars[0]), 0.93);
  EXPECT_NEAR(yaw_of(found->rotation), 0.3, 1e-9);
  EXPECT_FALSE(cuboid_from_three_clicks(points, ground, {corner(0, 0), corner(1, 0), corner(2, 0)}, options_for(0)));
  EXPECT_FALSE(cuboid_from_three_clicks(points, ground, {corner(0, 0), corner(0, 0), corner(2, 1)}, options_for(0)));
}

TEST(CreateCuboid, ARectangleFromAboveBoundsWhatIsCompleted) {
  const Cuboid person{{12, 3, 0.9}, {0.7, 0.7, 1.8}, {}};
  const Cuboid people[] = {person};
  const auto points = street(people);
  const GroundGrid ground(points);
  const auto view = OrbitCamera{.target = {12, 0, 0}, .distance = 30, .birds_eye = true}.transform(width, height);
  // The class says car; the rectangle knows better.
  const auto found = cuboid_from_rectangle(points, ground, view, width, height, around(view, person), options_for(0));
  ASSERT_TRUE(found);
  EXPECT_LT(found->size.x, 1.6);
  EXPECT_LT(found->size.y, 1.2);
  EXPECT_LT(norm(found->center - person.center), 0.6);
}

TEST(CreateCuboid, ALongRectangleSaysWhichWayTheObjectLies) {
  // Only a piece of a car's side is seen: by itself it could be the rear of one that stands across.
  const Cuboid car = car_at(14, 6, 0);
  std::vector<Point> points = street({});
  for (int i = 0; i < 400; ++i)
    points.push_back(to_point({13.0 + 1.7 * (i % 20) / 19, 6 - 0.925, 0.2 + 1.2 * (i / 20) / 19.0}));
  const GroundGrid ground(points);
  const auto view = OrbitCamera{.target = {12, 0, 0}, .distance = 30, .birds_eye = true}.transform(width, height);
  const auto found = cuboid_from_rectangle(points, ground, view, width, height, around(view, car), options_for(0));
  ASSERT_TRUE(found);
  EXPECT_NEAR(wrap_angle(yaw_of(found->rotation)), 0, 0.1);
  EXPECT_NEAR(found->size.y, 1.85, 0.3);
}

TEST(CreateCuboid, AnEmptyCloudGivesNothing) {
  const GroundGrid ground({});
  const auto view = OrbitCamera{}.transform(width, height);
  EXPECT_FALSE(cuboid_from_rectangle({}, ground, view, width, height, {0, 0, 100, 100}, options_for(0)));
  EXPECT_FALSE(fit_to_points(car_at(0, 0, 0), {}, ground));
}

TEST(CreateCuboid, MovingToThePointsKeepsTheSizeAndMeetsTheSidesThatTheSensorSees) {
  for (const double yaw : {0.3, 2.8, -1.4}) {
    const Cuboid car = car_at(14, 4, yaw);
    const Cuboid cars[] = {car};
    const auto points = street(cars);
    const GroundGrid ground(points);
    // A guess that is off by a quarter of a metre along and across, and floats.
    Cuboid guess = car;
    guess.center = car.center + rotate(car.rotation, {0.25, -0.2, 0.15});
    std::vector<Vec3d> places;
    for (const Point& p : points) places.push_back({p.x, p.y, p.z});
    const auto moved = move_to_points(guess, places, sensor, ground);
    ASSERT_TRUE(moved) << yaw;
    EXPECT_EQ(moved->size, car.size);
    EXPECT_EQ(moved->rotation, car.rotation);
    EXPECT_NEAR(norm(moved->center - car.center), 0, 0.06) << yaw;
  }
  EXPECT_FALSE(move_to_points(car_at(0, 0, 0), {}, sensor, GroundGrid({})));
}

TEST(CreateCuboid, FittingShrinksToThePointsAndStandsOnTheGround) {
  const Cuboid cars[] = {car_at(14, 4, 0.3)};
  const auto points = street(cars);
  const GroundGrid ground(points);
  Cuboid larger = cars[0];
  larger.size = {6, 3, 3};
  std::vector<Vec3d> inside;
  for (const Point& p : points) {
    const Vec3d at{p.x, p.y, p.z}, local = rotate(conjugate(larger.rotation), at - larger.center);
    if (std::abs(local.x) <= 3 && std::abs(local.y) <= 1.5 && std::abs(local.z) <= 1.5) inside.push_back(at);
  }
  const auto fitted = fit_to_points(larger, inside, ground);
  ASSERT_TRUE(fitted);
  EXPECT_GT(box_iou(*fitted, cars[0]), 0.95);
}

}  // namespace
}  // namespace sweepmark::editor
