// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/point_colours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "data/open_scene.h"
#include "kernels/math/rigid.h"
#include "tests/support/test_data.h"
#include "tests/viewer/small_scene.h"

namespace sweepmark::editor {
namespace {

using testing_support::is_inside;

constexpr ColourMode all_modes[] = {ColourMode::height, ColourMode::intensity, ColourMode::range,
                                    ColourMode::ring,   ColourMode::time,      ColourMode::class_name,
                                    ColourMode::track,  ColourMode::camera,    ColourMode::density};

/// Enough for several threads. The thread sanitizer does not see how oneTBB's threads meet: one thread then.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t many_points = 50'000;
#else
constexpr std::size_t many_points = 200'000;
#endif

FramePoints random_frame(std::size_t count, float reach = 5) {
  std::mt19937 random(4);
  std::uniform_real_distribution<float> unit(-reach, reach);
  FramePoints frame;
  frame.points.resize(count);
  for (Point& p : frame.points) p = {unit(random), unit(random), unit(random), unit(random)};
  frame.own_points = count;
  return frame;
}

Vec3d place_of(const Point& p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

TEST(PointColours, EveryModeIsFoundByItsName) {
  for (const ColourMode mode : all_modes) EXPECT_EQ(colour_mode_from_name(name_of(mode)), mode);
  EXPECT_EQ(std::size(all_modes), colour_mode_names().size());
  EXPECT_EQ(colour_mode_from_name("object"), ColourMode::class_name);
  EXPECT_FALSE(colour_mode_from_name("colour"));
}

TEST(PointColours, EveryModeColoursEveryPointOfAnyCloudOnce) {
  FramePoints odd = random_frame(3);
  odd.points[1].x = std::nanf("");
  odd.points[2] = {std::numeric_limits<float>::infinity(), 3e38F, 0, std::nanf("")};
  for (const FramePoints& frame : {FramePoints{}, random_frame(1), odd, random_frame(many_points)}) {
    for (const ColourMode mode : all_modes) {
      const auto coloured = colour_points(frame, mode);
      EXPECT_EQ(coloured.colours.size(), frame.points.size()) << name_of(mode);
      EXPECT_FALSE(coloured.legend.title.empty()) << name_of(mode);
    }
  }
}

TEST(PointColours, OneOutlierDoesNotTakeTheWholeScale) {
  FramePoints frame;
  for (int i = 0; i < 1000; ++i) frame.points.push_back({0, 0, 0, static_cast<float>(i) / 1000});
  frame.points.push_back({0, 0, 0, 1e6F});
  const auto coloured = colour_points(frame, ColourMode::intensity);
  EXPECT_NEAR(coloured.legend.low, 0.02, 0.002);
  EXPECT_NEAR(coloured.legend.high, 0.98, 0.002);
  EXPECT_EQ(coloured.colours[0], scale_colour(0));
  EXPECT_EQ(coloured.colours.back(), scale_colour(1));
}

TEST(PointColours, APointWithoutAValueIsGrey) {
  FramePoints frame = random_frame(2);
  frame.points[0].x = std::nanf("");
  EXPECT_EQ(colour_points(frame, ColourMode::range).colours[0], no_colour);
  EXPECT_NE(colour_points(frame, ColourMode::range).colours[1], no_colour);
}

TEST(PointColours, HeightIsAboveTheSlopeAndNotAboveTheSea) {
  FramePoints frame;
  for (int x = 0; x < 100; ++x)
    for (int y = 0; y < 20; ++y)
      for (const float h : {0.0F, 0.01F, 2.0F})
        frame.points.push_back(
            {static_cast<float>(x) * 0.5F, static_cast<float>(y) * 0.5F, 0.05F * static_cast<float>(x) + h, 0});
  const GroundGrid ground(frame.points);
  const auto coloured = colour_points(frame, ColourMode::height, {.ground = &ground});
  EXPECT_NEAR(coloured.legend.high, 2, 0.15);
  for (std::size_t i = 0; i < frame.points.size(); i += 3) {
    EXPECT_NE(coloured.colours[i], scale_colour(1));
    EXPECT_GT(coloured.colours[i + 2] & 0xFFU, 200U);  // yellow
  }
}

TEST(PointColours, RingsAndTimesHaveTheirOwnScaleAndTheirAbsenceIsSaid) {
  FramePoints frame = random_frame(64);
  for (const ColourMode mode : {ColourMode::ring, ColourMode::time}) {
    const auto coloured = colour_points(frame, mode);
    EXPECT_FALSE(coloured.legend.missing.empty());
    EXPECT_EQ(std::ranges::count(coloured.colours, no_colour), 64);
  }
  for (int i = 0; i < 64; ++i) {
    frame.ring.push_back(static_cast<std::uint16_t>(i));
    frame.time_s.push_back(0.1F * static_cast<float>(i) - 1);
  }
  frame.ring[5] = FramePoints::no_ring;
  const auto rings = colour_points(frame, ColourMode::ring);
  EXPECT_EQ(rings.legend.low, 0);
  EXPECT_EQ(rings.legend.high, 63);
  EXPECT_EQ(rings.colours[5], no_colour);
  EXPECT_EQ(rings.colours[63], scale_colour(1));
  const auto times = colour_points(frame, ColourMode::time);
  EXPECT_FLOAT_EQ(static_cast<float>(times.legend.low), -1);
  EXPECT_EQ(times.legend.unit, "s");
  EXPECT_EQ(times.colours[0], scale_colour(0));
}

TEST(PointColours, ByClassAndTrackExactlyThePointsInsideACuboidHaveItsColourTheFirstWins) {
  const FramePoints frame = random_frame(5000);
  const std::vector<ColouredObject> objects{{{{1, 0.5, 0}, {4, 2, 1.5}, quat_from_yaw(0.6)}, "Car", "12"},
                                            {{{2, 0.5, 0}, {3, 3, 3}, quat_from_yaw(-0.4)}, "Pedestrian", "13"},
                                            {{{-3, -3, 0}, {1, 1, 1}, {}}, "Car", "14"}};
  const auto classes = colour_points(frame, ColourMode::class_name, {.objects = objects});
  const auto tracks = colour_points(frame, ColourMode::track, {.objects = objects});
  for (std::size_t i = 0; i < frame.points.size(); ++i) {
    const auto found = std::ranges::find_if(
        objects, [&](const ColouredObject& o) { return is_inside(o.cuboid, place_of(frame.points[i])); });
    EXPECT_EQ(classes.colours[i], found == objects.end() ? no_colour : class_colour(found->class_name)) << i;
    EXPECT_EQ(tracks.colours[i], found == objects.end() ? no_colour : track_colour(found->track_id)) << i;
  }
  ASSERT_EQ(classes.legend.entries.size(), 3U);
  EXPECT_EQ(classes.legend.entries[0].name, "Car");
  EXPECT_EQ(classes.legend.entries[1].name, "Pedestrian");
  EXPECT_EQ(classes.legend.entries[2].colour, no_colour);
  EXPECT_EQ(tracks.legend.entries.size(), 4U);
}

TEST(PointColours, TracksNextToEachOtherDifferAndATrackKeepsItsColour) {
  const auto distance = [](Rgba a, Rgba b) {
    int sum = 0;
    for (const unsigned shift : {0U, 8U, 16U})
      sum += std::abs(static_cast<int>(a >> shift & 0xFFU) - static_cast<int>(b >> shift & 0xFFU));
    return sum;
  };
  for (int first = 0; first < 500; ++first)
    for (int other = first + 1; other < first + 6; ++other)
      EXPECT_GT(distance(track_colour(std::to_string(first)), track_colour(std::to_string(other))), 60)
          << first << ' ' << other;
  EXPECT_EQ(track_colour("17"), track_colour("17"));
  EXPECT_NE(track_colour("a1b2"), track_colour("a1b3"));
  EXPECT_EQ(track_colour("") >> 24U, 255U);
}

TEST(PointColours, DensityIsThatOfTheVoxelByBruteForce) {
  FramePoints frame = random_frame(3000, 1);
  for (int i = 0; i < 300; ++i) frame.points.push_back({0.05F, 0.05F, 0.05F, 0});
  const auto voxel = [](const Point& p) {
    return std::tuple(std::floor(static_cast<double>(p.x) / static_cast<double>(0.2F)),
                      std::floor(static_cast<double>(p.y) / static_cast<double>(0.2F)),
                      std::floor(static_cast<double>(p.z) / static_cast<double>(0.2F)));
  };
  std::map<std::tuple<double, double, double>, int> counts;
  for (const Point& p : frame.points) ++counts[voxel(p)];
  const auto coloured = colour_points(frame, ColourMode::density);
  EXPECT_TRUE(coloured.legend.logarithmic);
  EXPECT_GT(coloured.legend.high, 300);
  EXPECT_LT(coloured.legend.high, 320);
  for (std::size_t i = 0; i < frame.points.size(); ++i) {
    const double t = (std::log2(counts[voxel(frame.points[i])]) - std::log2(coloured.legend.low)) /
                     (std::log2(coloured.legend.high) - std::log2(coloured.legend.low));
    const Rgba is = coloured.colours[i], wanted = scale_colour(t);
    for (const unsigned shift : {0U, 8U, 16U})
      ASSERT_NEAR(static_cast<int>(is >> shift & 0xFFU), static_cast<int>(wanted >> shift & 0xFFU), 3) << i;
  }
}

/// Looks along +x of the local frame, from its origin: red on the left half, blue on the right.
CameraView red_and_blue(double yaw, unsigned green) {
  CameraView view;
  view.camera = {100, 100, 99.5, 49.5, 200, 100, "pinhole", {}};
  const Pose local_from_camera{quat_from_yaw(yaw) * Quat{0.5, -0.5, 0.5, -0.5}, {}};
  view.camera_from_local = inverse(local_from_camera);
  auto picture = std::make_shared<Picture>(Picture{100, 50, {}});  // half the size of what the camera took
  for (int y = 0; y < 50; ++y)
    for (int x = 0; x < 100; ++x)
      for (const unsigned value : {x < 50 ? 255U : 0U, green, x < 50 ? 0U : 255U, 255U})
        picture->rgba.push_back(static_cast<std::uint8_t>(value));
  view.picture = picture;
  return view;
}

TEST(PointColours, ACameraColoursWhatItSeesAndTheMiddleOfAnImageWins) {
  FramePoints frame;
  frame.points = {{10, 2, 0, 0}, {10, -2, 0, 0}, {-10, 2, 0, 0}, {10, 2, 9, 0}, {10, 8, 0, 0}};
  const std::vector<CameraView> ahead{red_and_blue(0, 7)};
  const auto one = colour_points(frame, ColourMode::camera, {.cameras = ahead});
  EXPECT_EQ(one.colours[0], rgba(255, 7, 0));
  EXPECT_EQ(one.colours[1], rgba(0, 7, 255));
  EXPECT_EQ(one.colours[2], no_colour);  // behind
  EXPECT_EQ(one.colours[3], no_colour);  // above the image
  EXPECT_EQ(one.colours[4], rgba(255, 7, 0));
  const std::vector<CameraView> both{red_and_blue(0, 7), red_and_blue(0.8, 9)};
  const auto two = colour_points(frame, ColourMode::camera, {.cameras = both});
  EXPECT_EQ(two.colours[0], rgba(255, 7, 0));
  EXPECT_EQ(two.colours[4], rgba(0, 9, 255));  // 39 degrees to the left: in the middle of the second
}

TEST(PointColours, InRealImagesTheRoadIsGreyAndMostPointsAheadAreSeen) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training");
  const auto handles = find_scenes(data);
  ASSERT_TRUE(handles) << handles.error().message;
  const auto handle = std::ranges::find(*handles, "0000", &SceneHandle::name);
  ASSERT_NE(handle, handles->end());
  const auto scene = open_scene(*handle);
  ASSERT_TRUE(scene) << scene.error().message;
  auto frame = load_frame(*scene, 0);
  ASSERT_TRUE(frame) << frame.error().message;
  frame->points.resize(std::min(frame->points.size(), many_points));
  const auto cameras = load_camera_views(*scene, 0, frame->local_from_world());
  ASSERT_TRUE(cameras) << cameras.error().message;
  ASSERT_FALSE(cameras->empty());
  const auto coloured = colour_points(*frame, ColourMode::camera, {.cameras = *cameras});
  const Pose ego_from_local = inverse(frame->local_from_world() * scene->frames[0].world_from_ego);
  int ahead = 0, seen = 0, behind = 0;
  for (std::size_t i = 0; i < frame->points.size(); ++i) {
    const Vec3d p = ego_from_local * place_of(frame->points[i]);
    if (p.x < 0 && coloured.colours[i] != no_colour) ++behind;
    if (p.x < 15 || std::abs(p.y) > 5) continue;
    ++ahead;
    seen += coloured.colours[i] != no_colour;
  }
  EXPECT_GT(ahead, 1000);
  EXPECT_GT(seen, ahead * 95 / 100);
  EXPECT_EQ(behind, 0);
}

TEST(PointColours, RelatedWordsForACarHaveOneColour) {
  EXPECT_EQ(class_colour("vehicle.car"), class_colour("Car"));
  EXPECT_EQ(class_colour("REGULAR_VEHICLE"), class_colour("Car"));
  EXPECT_NE(class_colour("Pedestrian"), class_colour("Car"));
}

}  // namespace
}  // namespace sweepmark::editor
