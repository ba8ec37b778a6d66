// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/frame_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "data/open_scene.h"
#include "kernels/math/rigid.h"
#include "tests/support/test_data.h"
#include "tests/viewer/small_scene.h"
#include "viewer/editor/document.h"

namespace sweepmark::editor {
namespace {

using testing_support::is_inside;
using testing_support::small_scene;
using testing_support::world_points;

constexpr std::size_t points_of_sweep = testing_support::points_at_rest + testing_support::points_at_car;

Vec3d in_world(const FramePoints& frame, std::size_t i) {
  const Point& p = frame.points[i];
  return frame.origin + Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

struct FramePointsTest : testing::Test {
  testing_support::TemporaryFolder folder;
  Scene scene = small_scene(folder.path(), 6);
  ObjectMotion objects{scene.labels.tracks};

  FramePoints load(std::size_t frame, const FrameOptions& options = {}) const {
    auto loaded = load_frame(scene, frame, options, &objects);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? *std::move(loaded) : FramePoints{};
  }
};

TEST_F(FramePointsTest, AFrameAloneHasItsOwnSweepWithRingsAndNoTimes) {
  const auto frame = load(2);
  EXPECT_EQ(frame.own_points, points_of_sweep);
  ASSERT_EQ(frame.points.size(), points_of_sweep);
  ASSERT_EQ(frame.ring.size(), points_of_sweep);
  EXPECT_EQ(frame.ring[33], 1);
  EXPECT_TRUE(frame.time_s.empty());
  const auto expected = world_points(scene.sweeps[4]);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_LT(norm(in_world(frame, i) - expected[i]), 1e-5) << i;
}

TEST_F(FramePointsTest, SweepsOfTheFramesAroundAndThoseBetweenAreAtTheirPlacesInTheWorld) {
  const auto alone = load(2), frame = load(2, {.frames_before = 1, .frames_after = 2});
  ASSERT_EQ(frame.points.size(), 7 * points_of_sweep);  // sweeps 2 to 8
  EXPECT_EQ(frame.own_points, points_of_sweep);
  EXPECT_EQ(frame.ground, alone.ground);
  EXPECT_EQ(frame.sensor, alone.sensor);
  EXPECT_TRUE(std::equal(alone.points.begin(), alone.points.end(), frame.points.begin()));
  const std::size_t order[] = {4, 2, 3, 5, 6, 7, 8};
  for (std::size_t part = 0; part < std::size(order); ++part) {
    const auto expected = world_points(scene.sweeps[order[part]]);
    for (std::size_t i = 0; i < points_of_sweep; ++i) {
      const std::size_t at = part * points_of_sweep + i;
      ASSERT_LT(norm(in_world(frame, at) - expected[i]), 1e-4) << order[part] << ' ' << i;
      ASSERT_NEAR(static_cast<double>(frame.time_s[at]), 0.1 * (static_cast<double>(order[part]) - 4), 1e-6);
    }
  }
}

TEST_F(FramePointsTest, AtTheEndsOfTheSceneThereAreFewerSweeps) {
  EXPECT_EQ(load(0, {.frames_before = 3}).points.size(), points_of_sweep);
  EXPECT_EQ(load(5, {.frames_before = 1, .frames_after = 9}).points.size(), 3 * points_of_sweep);
  EXPECT_EQ(load(1, {.frames_before = 99, .frames_after = 99}).points.size(), 11 * points_of_sweep);
}

TEST_F(FramePointsTest, AlignedPointsKeepTheirPlaceInTheObjectAndAllOthersStay) {
  const auto plain = load(3, {.frames_before = 3, .frames_after = 2});
  const auto aligned = load(3, {.frames_before = 3, .frames_after = 2, .align_objects = true});
  ASSERT_EQ(plain.points.size(), aligned.points.size());
  EXPECT_TRUE(std::equal(plain.points.begin(), plain.points.begin() + points_of_sweep, aligned.points.begin()));
  const TimestampNs now = scene.frames[3].timestamp;
  const Cuboid car_now = *objects.at(0, now);
  std::size_t moved = 0;
  for (std::size_t i = points_of_sweep; i < plain.points.size(); ++i) {
    const TimestampNs then = now + std::llround(10 * static_cast<double>(plain.time_s[i])) * 100'000'000;
    const Cuboid car_then = *objects.at(0, then);
    const Vec3d before = in_world(plain, i), after = in_world(aligned, i);
    Cuboid shrunk = car_then, grown = car_then;
    shrunk.size = shrunk.size - Vec3d{1e-3, 1e-3, 1e-3};
    grown.size = grown.size + Vec3d{1e-3, 1e-3, 1e-3};
    if (is_inside(shrunk, before)) {
      const Vec3d in_car = rotate(conjugate(car_then.rotation), before - car_then.center);
      EXPECT_LT(norm(car_now.center + rotate(car_now.rotation, in_car) - after), 1e-4) << i;
      ++moved;
    } else if (!is_inside(grown, before)) {
      EXPECT_LT(norm(before - after), 1e-4) << i;
    }
  }
  EXPECT_GT(moved, 10 * 100U);
}

TEST_F(FramePointsTest, AnObjectThatIsNotThereNowMovesNoPoints) {
  scene.labels.tracks[0].absences.push_back({scene.frames[3].timestamp, scene.frames[3].timestamp});
  objects = ObjectMotion(scene.labels.tracks);
  const FrameOptions around{.frames_before = 1, .frames_after = 1};
  FrameOptions aligned = around;
  aligned.align_objects = true;
  EXPECT_EQ(load(3, around).points, load(3, aligned).points);
}

TEST_F(FramePointsTest, ADocumentGivesTheSameAsItsTracks) {
  const auto document = Document::open(scene.labels, folder.path() / "a.sweepmark");
  ASSERT_TRUE(document);
  const FrameOptions options{.frames_before = 2, .frames_after = 0, .align_objects = true};
  const auto frame = load_frame(scene, 4, options, *document);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->points, load(4, options).points);
}

TEST_F(FramePointsTest, AnAbsentSweepAroundIsCountedAndAnAbsentOwnOneIsAnError) {
  std::filesystem::remove(scene.sweeps[5].file);
  const auto frame = load(2, {.frames_before = 0, .frames_after = 1});
  EXPECT_EQ(frame.points.size(), 2 * points_of_sweep);
  EXPECT_EQ(frame.absent_sweeps, 1U);
  std::filesystem::remove(scene.sweeps[4].file);
  const auto absent = load_frame(scene, 2);
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().message.find(scene.sweeps[4].file.string()), std::string::npos) << absent.error().message;
  EXPECT_FALSE(load_frame(scene, 6));
  const auto skipped = load_frame(scene, 2, {.skips_absent = true});
  ASSERT_TRUE(skipped);
  EXPECT_TRUE(skipped->points.empty());
  EXPECT_EQ(skipped->absent_own, 1U);
  EXPECT_EQ(load_frame(scene, 1, {.skips_absent = true})->absent_own, 0U);
}

TEST(FramePoints, APointsOwnTimeIsThatOfItsSweepAndOfTheRevolution) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const auto handles = find_scenes(log);
  ASSERT_TRUE(handles) << handles.error().message;
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene) << scene.error().message;
  const auto with_sweep = std::ranges::find_if(scene->frames, [&](const Frame& frame) {
    return !frame.sweeps.empty() && std::filesystem::exists(scene->sweeps[frame.sweeps[0]].file);
  });
  ASSERT_NE(with_sweep, scene->frames.end());
  const auto frame = load_frame(*scene, static_cast<std::size_t>(with_sweep - scene->frames.begin()));
  ASSERT_TRUE(frame) << frame.error().message;
  ASSERT_EQ(frame->time_s.size(), frame->points.size());
  const auto [first, last] = std::ranges::minmax(frame->time_s);
  EXPECT_GE(first, 0.0F);
  EXPECT_GT(last, 0.09F);
  EXPECT_LT(last, 0.11F);
  EXPECT_EQ(std::ranges::max(frame->ring), 63);
}

}  // namespace
}  // namespace sweepmark::editor
