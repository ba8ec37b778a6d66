// SPDX-License-Identifier: Apache-2.0
//
// Pictures of a fixed scene beside stored ones. After a change that is meant to be seen, look at the new ones, which
// SWEEPMARK_UPDATE_PICTURES=1 writes in their place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "kernels/math/rigid.h"
#include "tests/support/test_data.h"
#include "viewer/editor/point_colours.h"
#include "viewer/editor/side_handles.h"
#include "viewer/render/renderer.h"

namespace sweepmark::render {
namespace {

namespace fs = std::filesystem;
constexpr int width = 480, height = 320;

/// Drivers round and blend in their own way: a few pixels at edges may differ, and all by a little.
void expect_like_stored(const Picture& picture, const std::string& name) {
  const fs::path file = fs::path(SWEEPMARK_PICTURES) / (name + ".png");
  if (std::getenv("SWEEPMARK_UPDATE_PICTURES") != nullptr) {
    const auto written = write_png(picture, file);
    ASSERT_TRUE(written) << written.error().message;
    GTEST_SKIP() << "written anew: " << file;
  }
  const auto stored = read_image(file);
  ASSERT_TRUE(stored) << stored.error().message;
  ASSERT_EQ(stored->width, picture.width);
  ASSERT_EQ(stored->height, picture.height);
  double sum = 0;
  int far_off = 0;
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) {
    const int off = std::abs(static_cast<int>(picture.rgba[i]) - static_cast<int>(stored->rgba[i]));
    sum += off;
    far_off += off > 48 ? 1 : 0;
  }
  const auto count = static_cast<double>(picture.rgba.size());
  EXPECT_LT(sum / count, 1.0) << name;
  EXPECT_LT(far_off / count, 0.005) << name;
  if (testing::Test::HasFailure()) {
    const fs::path seen = fs::temp_directory_path() / ("sweepmark_" + name + ".png");
    if (write_png(picture, seen)) ADD_FAILURE() << "what was drawn: " << seen;
  }
}

const Cuboid van{{12, 3, 1}, {5, 2, 2}, quat_from_yaw(0.5)};
const Cuboid person{{8, -4, 0.9}, {0.7, 0.7, 1.8}, quat_from_yaw(-1)};

/// A road, and the faces of two objects that a sensor at the origin sees.
editor::FramePoints fixed_points() {
  editor::FramePoints frame;
  const auto add = [&](Vec3d p) {
    frame.points.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z), 0});
  };
  for (int ring = 0; ring < 40; ++ring)
    for (int step = 0; step < 720; ++step) {
      const double r = 4 * std::pow(1.06, ring), a = step * 3.14159265358979 / 360;
      add({r * std::cos(a), r * std::sin(a), 0.02 * std::sin(r)});
    }
  for (const Cuboid& c : {van, person})
    for (int i = 0; i < 40; ++i)
      for (int j = 0; j < 24; ++j) {
        const double u = i / 39.0 - 0.5, v = j / 23.0 - 0.5;
        add(c.center + rotate(c.rotation, {-c.size.x / 2, c.size.y * u, c.size.z * v}));
        add(c.center + rotate(c.rotation, {c.size.x * u, -c.size.y / 2, c.size.z * v}));
      }
  frame.own_points = frame.points.size();
  return frame;
}

std::vector<editor::LineSegment> fixed_lines() {
  std::vector<editor::LineSegment> lines;
  editor::add_ground_grid(lines, {}, 0, 60);
  editor::add_cuboid(lines, van, editor::class_colour("van"), Presence::keyframe, true);
  editor::add_cuboid(lines, person, editor::class_colour("pedestrian"), Presence::interpolated, false);
  return lines;
}

struct PicturesTest : testing::Test {
  PicturesTest() {
    const auto frame = fixed_points();
    const auto colours = editor::colour_points(frame, editor::ColourMode::height);
    cloud = renderer.make_cloud(frame.points, colours.colours);
  }
  void TearDown() override {
    for (const std::string& message : renderer.validation_messages()) ADD_FAILURE() << message;
  }
  Renderer renderer{true};
  Renderer::Cloud cloud;
  Renderer::View view;
};

TEST_F(PicturesTest, InPerspective) {
  const auto transform =
      editor::OrbitCamera{.target = {8, 0, 0}, .pitch = 0.4, .distance = 22}.transform(width, height);
  renderer.draw(view, cloud, transform, width, height, fixed_lines());
  expect_like_stored(renderer.read(view), "perspective");
}

TEST_F(PicturesTest, FromAbove) {
  const auto transform =
      editor::OrbitCamera{.target = {8, 0, 0}, .distance = 20, .birds_eye = true}.transform(width, height);
  renderer.draw(view, cloud, transform, width, height, fixed_lines());
  expect_like_stored(renderer.read(view), "from_above");
}

TEST_F(PicturesTest, FromTheRightOfOneObject) {
  const auto transform = editor::side_views(van, width, height)[static_cast<std::size_t>(editor::Side::right)];
  renderer.draw(view, cloud, transform, width, height, fixed_lines(), {.eye_dome = 0});
  expect_like_stored(renderer.read(view), "side");
}

TEST_F(PicturesTest, InAFisheyeImage) {
  CameraIntrinsics camera{200, 200, 240, 160, width, height, "fisheye", {0.05, -0.01, 0, 0}};
  Picture image{width, height, std::vector<std::uint8_t>(std::size_t{4} * width * height, 70)};
  const Pose camera_from_world{quat_from_matrix({{{0, -1, 0}, {0, 0, -1}, {1, 0, 0}}}), {0, 1.5, 0}};
  std::vector<editor::LineSegment> lines;
  for (const Cuboid& c : {van, person})
    editor::add_cuboid_in_image(lines, camera, camera_from_world * c, editor::class_colour("car"), false);
  renderer.draw(view, renderer.make_image(image),
                editor::ImageCamera{.zoom = 1.5, .center_x = 0.45}.transform(width, height, width, height), width,
                height, lines);
  expect_like_stored(renderer.read(view), "fisheye");
}

}  // namespace
}  // namespace sweepmark::render
