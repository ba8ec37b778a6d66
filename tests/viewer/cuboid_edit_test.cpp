// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/cuboid_edit.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "kernels/math/rigid.h"
#include "viewer/editor/pick.h"
#include "viewer/editor/scene_lines.h"
#include "viewer/editor/side_handles.h"

namespace sweepmark::editor {
namespace {

const Cuboid car{{10, -3, 0.8}, {4.4, 1.8, 1.6}, quat_from_yaw(0.7)};

Vec3d face_center(const Cuboid& c, Face face) {
  return c.center + (face.sign * size_along(c, face.axis) / 2) * axis_of(c, face.axis);
}

TEST(CuboidEdit, MovingAFaceLeavesTheOppositeOneWhereItIs) {
  for (int axis = 0; axis < 3; ++axis)
    for (const int sign : {-1, 1}) {
      const Cuboid moved = move_face(car, {axis, sign}, 0.37);
      EXPECT_NEAR(norm(face_center(moved, {axis, -sign}) - face_center(car, {axis, -sign})), 0, 1e-12);
      EXPECT_NEAR(norm(face_center(moved, {axis, sign}) - face_center(car, {axis, sign})), 0.37, 1e-12);
      EXPECT_EQ(moved.rotation, car.rotation);
    }
}

TEST(CuboidEdit, AFaceCannotPassTheOppositeOne) {
  const Cuboid thin = move_face(car, {1, 1}, -10);
  EXPECT_DOUBLE_EQ(thin.size.y, smallest_side_m);
  EXPECT_NEAR(norm(face_center(thin, {1, -1}) - face_center(car, {1, -1})), 0, 1e-12);
}

TEST(CuboidEdit, FlippingTheHeadingKeepsTheBoxAndTwiceGivesTheSameHeadingBack) {
  const Cuboid flipped = flip_heading(car);
  EXPECT_EQ(flipped.center, car.center);
  EXPECT_EQ(flipped.size, car.size);
  EXPECT_NEAR(std::abs(wrap_angle(yaw_of(flipped.rotation) - 0.7)), std::numbers::pi, 1e-12);
  const Quat twice = flip_heading(flipped).rotation;
  EXPECT_EQ(twice, (Quat{-car.rotation.w, -car.rotation.x, -car.rotation.y, -car.rotation.z}));  // the same rotation
}

TEST(CuboidEdit, ResizingKeepsTheBottomFaceInPlace) {
  const Cuboid resized = resize_on_ground(car, {5, 2, 3});
  EXPECT_NEAR(norm(face_center(resized, {2, -1}) - face_center(car, {2, -1})), 0, 1e-12);
  EXPECT_EQ(resized.size, (Vec3d{5, 2, 3}));
}

TEST(CuboidEdit, SnappingAFaceMovesItToTheOutermostPointInside) {
  // Points outside do not count, however near they are.
  const auto at = [](double x, double y, double z) { return car.center + rotate(car.rotation, {x, y, z}); };
  const std::array points{at(1.5, 0, 0), at(1.2, 0.4, 0.2), at(2.21, 0, 0), at(1.9, 0.95, 0)};
  const auto snapped = snap_face(car, {0, 1}, points);
  ASSERT_TRUE(snapped);
  EXPECT_NEAR(snapped->size.x, 2.2 + 1.5, 1e-9);
  EXPECT_NEAR(norm(face_center(*snapped, {0, -1}) - face_center(car, {0, -1})), 0, 1e-9);
  EXPECT_FALSE(snap_face(car, {0, 1}, std::span(points).subspan(2)));
}

TEST(Pick, ARayEntersACuboidWhereAFineWalkAlongItDoes) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> unit(-1, 1);
  int hits = 0;
  for (int i = 0; i < 300; ++i) {
    const Cuboid c{{3 * unit(random), 3 * unit(random), unit(random)},
                   {4, 2, 1.5},
                   quat_from_euler(3 * unit(random), unit(random), unit(random))};
    // Aimed near the cuboid: some hit, some miss.
    const Vec3d origin{8 * unit(random), 8 * unit(random), 3};
    Vec3d direction = c.center + Vec3d{2 * unit(random), 2 * unit(random), unit(random)} - origin;
    direction = (1 / norm(direction)) * direction;
    const Ray ray{origin, direction};
    std::optional<double> walked;
    for (double t = 0; t < 25 && !walked; t += 0.002) {
      const Vec3d p = rotate(conjugate(c.rotation), ray.origin + t * direction - c.center);
      if (std::abs(p.x) <= 2 && std::abs(p.y) <= 1 && std::abs(p.z) <= 0.75) walked = t;
    }
    const auto entered = enters(ray, c);
    if (walked) {
      ASSERT_TRUE(entered) << i;
      EXPECT_NEAR(*entered, *walked, 0.0021) << i;
      ++hits;
    } else if (entered) {
      // Only a corner that the walk stepped over.
      const Vec3d p = rotate(conjugate(c.rotation), ray.origin + (*entered + 0.002) * direction - c.center);
      EXPECT_TRUE(std::abs(p.x) > 2 || std::abs(p.y) > 1 || std::abs(p.z) > 0.75) << i;
    }
  }
  EXPECT_GT(hits, 50);
  EXPECT_LT(hits, 290);
}

TEST(Pick, OfTwoCuboidsAroundAPointTheSmallerIsMeant) {
  const std::array objects{ShownCuboid{0, {{0, 0, 0}, {10, 10, 10}, {}}, Presence::keyframe},
                           ShownCuboid{1, {{0, 0, 0}, {1, 1, 1}, {}}, Presence::keyframe}};
  const Ray from_above{{0, 0, 20}, {0, 0, -1}};
  EXPECT_EQ(pick_object(objects, from_above, Vec3d{0.2, 0, 0}), 1U);
  EXPECT_EQ(pick_object(objects, from_above, Vec3d{3, 0, 0}), 0U);
  EXPECT_EQ(pick_object(objects, from_above, std::nullopt), 0U);
  EXPECT_EQ(pick_object(objects, {{30, 0, 0}, {0, 0, 1}}, std::nullopt), std::nullopt);
}

constexpr int width = 300, height = 200;

SideView side_view(Side side, const Cuboid& cuboid) {
  return {side, side_views(cuboid, width, height)[static_cast<std::size_t>(side)], width, height};
}

TEST(SideHandles, TheOutlineIsWhereTheCuboidsCornersAreSeen) {
  for (const Side side : {Side::top, Side::right, Side::rear}) {
    const SideView view = side_view(side, car);
    const SideOutline o = view.outline(car);
    double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
    for (const Vec3d& corner : corners_of(car)) {
      const auto seen = to_screen(view.transform, width, height, corner);
      ASSERT_TRUE(seen);
      left = std::min(left, seen->x);
      right = std::max(right, seen->x);
      top = std::min(top, seen->y);
      bottom = std::max(bottom, seen->y);
    }
    EXPECT_NEAR(o.left, left, 1e-6);
    EXPECT_NEAR(o.right, right, 1e-6);
    EXPECT_NEAR(o.top, top, 1e-6);
    EXPECT_NEAR(o.bottom, bottom, 1e-6);
  }
}

TEST(SideHandles, DraggingAnEdgeMovesItAsFarAsTheMouseAndNothingElse) {
  for (const Side side : {Side::top, Side::right, Side::rear}) {
    const SideView view = side_view(side, car);
    const SideOutline o = view.outline(car);
    const double middle_y = (o.top + o.bottom) / 2;
    const auto handle = view.handle_at(car, o.right + 2, middle_y);
    ASSERT_TRUE(handle);
    ASSERT_EQ(handle->kind, Handle::Kind::edge);
    const SideOutline after = view.outline(view.drag(car, *handle, o.right, middle_y, o.right + 20, middle_y, false));
    EXPECT_NEAR(after.right, o.right + 20, 1e-6);
    EXPECT_NEAR(after.left, o.left, 1e-6);
    EXPECT_NEAR(after.top, o.top, 1e-6);
    EXPECT_NEAR(after.bottom, o.bottom, 1e-6);
    const Cuboid kept = view.drag(car, *handle, o.right, middle_y, o.right + 20, middle_y, true);
    EXPECT_EQ(kept.size, car.size);
    EXPECT_NEAR(view.outline(kept).left, o.left + 20, 1e-6);
  }
}

TEST(SideHandles, DraggingACornerMovesTwoEdges) {
  const SideView view = side_view(Side::top, car);
  const SideOutline o = view.outline(car);
  const auto handle = view.handle_at(car, o.left, o.top);
  ASSERT_TRUE(handle);
  ASSERT_EQ(handle->kind, Handle::Kind::corner);
  const SideOutline after = view.outline(view.drag(car, *handle, o.left, o.top, o.left - 8, o.top - 12, false));
  EXPECT_NEAR(after.left, o.left - 8, 1e-6);
  EXPECT_NEAR(after.top, o.top - 12, 1e-6);
  EXPECT_NEAR(after.right, o.right, 1e-6);
  EXPECT_NEAR(after.bottom, o.bottom, 1e-6);
}

TEST(SideHandles, TheKnobTurnsTheCuboidAfterTheMouse) {
  const SideView view = side_view(Side::top, car);
  const SideOutline o = view.outline(car);
  const auto knob = view.handle_at(car, o.knob_x, o.knob_y);
  ASSERT_TRUE(knob);
  ASSERT_EQ(knob->kind, Handle::Kind::turn);
  // From straight up to straight left of the centre: a quarter to the left.
  const double cx = width / 2.0, cy = height / 2.0, reach = cy - o.knob_y;
  const Cuboid turned = view.drag(car, *knob, o.knob_x, o.knob_y, cx - reach, cy, false);
  EXPECT_NEAR(wrap_angle(yaw_of(turned.rotation) - yaw_of(car.rotation)), std::numbers::pi / 2, 1e-9);
  EXPECT_EQ(turned.center, car.center);
  EXPECT_NEAR(view.drag(car, *knob, cx, cy - reach, cx, cy - reach, false).rotation.w, car.rotation.w, 1e-12);
}

TEST(SideHandles, NothingIsGrabbedOutsideOfTheCuboid) {
  const SideView view = side_view(Side::rear, car);
  EXPECT_FALSE(view.handle_at(car, 3, 3));
  EXPECT_EQ(view.handle_at(car, width / 2.0, height / 2.0)->kind, Handle::Kind::inside);
}

}  // namespace
}  // namespace sweepmark::editor
