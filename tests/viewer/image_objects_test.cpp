// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_objects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"
#include "viewer/editor/object_motion.h"

namespace sweepmark::editor {
namespace {

/// A camera at the origin that looks along +x of the world, 1000 x 500, f = 500; a frame at 0, its image 50 ms later.
struct ImageObjectsTest : testing::Test {
  Scene scene;
  std::vector<Track> tracks;

  ImageObjectsTest() {
    scene.sensors.push_back(
        {"front", SensorKind::camera, {}, CameraIntrinsics{500, 500, 500, 250, 1000, 500, "pinhole", {}}});
    scene.frames = {{0, {}, {}, {0}}};
    scene.images = {{0, 50, {}, Pose{Quat{0.5, -0.5, 0.5, -0.5}, {}}}};
  }
  void add(const std::string& id, const Cuboid& at_0, const std::optional<Cuboid>& at_100) {
    Track track{id, "Car", {{"interpolation", "linear"}}, {{0, at_0, {}, {}}}, {}};
    if (at_100) track.keyframes.push_back({100, *at_100, {}, {}});
    tracks.push_back(track);
  }
  std::vector<ShownCuboid> in_frame() const {
    std::vector<ShownCuboid> shown;
    const ObjectMotion motion(tracks);
    for (std::size_t i = 0; i < tracks.size(); ++i)
      if (const auto cuboid = motion.at(i, 0)) shown.push_back({i, *cuboid, Presence::keyframe});
    return shown;
  }
  std::vector<ObjectInImage> seen(const std::vector<ShownCuboid>& shown,
                                  std::optional<std::size_t> selected = {}) const {
    const ObjectMotion motion(tracks);
    return objects_in_image(
        scene, 0, 0, tracks, shown, [&](std::size_t track, TimestampNs t) { return motion.at(track, t); }, selected);
  }
};

const Cuboid car{{20, 0, 0}, {4, 2, 2}, {}};
Cuboid at(double x, double y, double z = 0) { return {{x, y, z}, car.size, car.rotation}; }

TEST_F(ImageObjectsTest, AnObjectStandsWhereItIsWhenTheImageWasTaken) {
  add("moving", car, at(20, 4));
  add("ends here", at(30, -4), {});
  const auto objects = seen(in_frame());
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].track, 1U);  // the farthest first
  EXPECT_EQ(objects[0].cuboid, at(30, -4));
  EXPECT_EQ(objects[1].cuboid, at(20, 2));
  EXPECT_DOUBLE_EQ(objects[1].depth_m, 20);
}

TEST_F(ImageObjectsTest, ADraggedObjectMovesWithTheMouseAndAsItsTrackMoves) {
  Cuboid turned = at(20, 4);
  turned.rotation = quat_from_yaw(0.4);
  add("moving", car, turned);
  auto shown = in_frame();
  shown[0].cuboid = {{22, 1, 0}, {5, 2, 2}, quat_from_yaw(0.1)};
  const auto objects = seen(shown);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_NEAR(objects[0].cuboid.center.x, 22, 1e-12);
  EXPECT_NEAR(objects[0].cuboid.center.y, 3, 1e-12);
  EXPECT_NEAR(yaw_of(objects[0].cuboid.rotation), 0.3, 1e-12);
  EXPECT_EQ(objects[0].cuboid.size.x, 5);
}

TEST_F(ImageObjectsTest, TheBoxIsThatOfTheProjectedCornersWithinTheImage) {
  add("ahead", car, {});
  add("at the border", at(20, 19), {});
  add("behind", at(-20, 0), {});
  add("beside", at(2, 60), {});
  const auto objects = seen(in_frame());
  ASSERT_EQ(objects.size(), 2U);
  // The near face, 18 m away, is 1 m to each side.
  const ObjectInImage& ahead = objects[objects[0].track == 0 ? 0 : 1];
  EXPECT_NEAR(ahead.box_min.x, 500 - 500.0 / 18, 1e-3);
  EXPECT_NEAR(ahead.box_max.x, 500 + 500.0 / 18, 1e-3);
  EXPECT_NEAR(ahead.box_min.y, 250 - 500.0 / 18, 1e-3);
  const ObjectInImage& border = objects[objects[0].track == 0 ? 1 : 0];
  EXPECT_EQ(border.box_min.x, -0.5);
  EXPECT_GT(border.box_max.x, 0);
}

TEST_F(ImageObjectsTest, TheNearObjectIsPickedWithinItAndAnyAtItsLine) {
  add("far", at(40, 0.5), {});
  add("near", car, {});
  const auto objects = seen(in_frame(), 1);
  ASSERT_EQ(objects.size(), 2U);
  const auto picked = [&](double x, double y, double reach = 6) -> std::string {
    const auto found = pick(objects, {x, y}, reach);
    return found ? tracks[objects[*found].track].id : "nothing";
  };
  EXPECT_EQ(picked(515, 235), "near");
  EXPECT_EQ(picked(500, 450), "nothing");
  const double edge = 500 - 500 * 1.5 / 38;  // the left edge of the far one's front, seen through the near one
  EXPECT_EQ(picked(edge, 245, 3), "far");
  EXPECT_EQ(picked(500 + 500.0 / 18 + 4, 250), "near");
  EXPECT_EQ(picked(500 + 500.0 / 18 + 4, 250, 3), "nothing");
}

TEST_F(ImageObjectsTest, InsideTheOutlineIsInsideTheProjectedCuboidByBruteForce) {
  Cuboid turned = car;
  turned.rotation = quat_from_euler(0.7, 0.2, -0.1);
  turned.center.x = 8;
  add("turned", turned, {});
  const auto objects = seen(in_frame());
  ASSERT_EQ(objects.size(), 1U);
  int inside = 0, beyond = 0;
  for (double x = 300; x < 700; x += 7.3)
    for (double y = 50; y < 450; y += 7.9) {
      // The ray of the pixel against the cuboid (slabs), in its own axes.
      const Vec3d from = rotate(conjugate(turned.rotation), Vec3d{} - turned.center);
      const Vec3d along = rotate(conjugate(turned.rotation), Vec3d{1, -(x - 500) / 500, -(y - 250) / 500});
      double first = -1e9, last = 1e9;
      const double o[] = {from.x, from.y, from.z}, d[] = {along.x, along.y, along.z},
                   half[] = {turned.size.x / 2, turned.size.y / 2, turned.size.z / 2};
      for (int axis = 0; axis < 3; ++axis) {
        const double a = (-half[axis] - o[axis]) / d[axis], b = (half[axis] - o[axis]) / d[axis];
        first = std::max(first, std::min(a, b));
        last = std::min(last, std::max(a, b));
      }
      if (std::abs(last - first) < 0.02) continue;  // grazing
      // The heading arrow stands out at the front: what it adds to the outline is left open.
      const bool hit = first < last, picked = pick(objects, {x, y}, 0).has_value();
      EXPECT_TRUE(picked || !hit) << x << ' ' << y;
      inside += hit;
      beyond += picked && !hit;
    }
  EXPECT_GT(inside, 100);
  EXPECT_LT(beyond, inside / 5);
  EXPECT_FALSE(pick(objects, {objects[0].box_min.x - 1, 250}, 0));
}

TEST_F(ImageObjectsTest, ACameraWithoutIntrinsicsShowsNothing) {
  add("ahead", car, {});
  scene.sensors[0].camera.reset();
  EXPECT_TRUE(seen(in_frame()).empty());
}

}  // namespace
}  // namespace sweepmark::editor
