// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/count_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <string>

#include "data/open_scene.h"
#include "kernels/math/rigid.h"
#include "quality/count_report.h"
#include "quality/own_points.h"
#include "tests/support/test_data.h"
#include "tests/viewer/small_scene.h"
#include "tracking/evaluate.h"
#include "viewer/editor/frame_cache.h"
#include "viewer/editor/near_points.h"

namespace sweepmark::editor {
namespace {

using testing_support::is_inside;
using testing_support::world_points;

struct CountTimelineTest : testing::Test {
  testing_support::TemporaryFolder folder;
  Scene scene = testing_support::small_scene(folder.path(), 12);
  std::vector<Track> tracks = scene.labels.tracks;

  TrackCount brute_force(const Track& track, std::size_t frame) const {
    const auto cuboid = evaluate(track, scene.frames[frame].timestamp);
    TrackCount count;
    if (!cuboid || !*cuboid) return count;
    count.state = TrackCount::State::counted;
    Cuboid around = **cuboid;
    around.center.z += 0.15;  // upright ones only
    around.size = around.size + Vec3d{0.6, 0.6, 0.3};
    for (const std::uint32_t sweep : scene.frames[frame].sweeps)
      for (const Vec3d p : world_points(scene.sweeps[sweep])) {
        count.inside += is_inside(**cuboid, p);
        count.near += is_inside(around, p) && !is_inside(**cuboid, p);
      }
    return count;
  }

  void expect_brute_force(const CountTimeline& timeline) const {
    for (const Track& track : tracks) {
      const auto counts = timeline.counts(track.id);
      ASSERT_EQ(counts.size(), scene.frames.size()) << track.id;
      for (std::size_t f = 0; f < counts.size(); ++f)
        EXPECT_EQ(counts[f], brute_force(track, f)) << track.id << " in frame " << f << ": " << counts[f].inside;
    }
  }
};

/// What `count` writes, which is compared with NumPy's counts elsewhere (tests/quality/own_points_test.cpp).
TEST(CountTimeline, CountsOfASiblingAreThoseThatItsOwnLidarMeasured) {
  SWEEPMARK_NEED_DATA(folder, "pandaset_002");
  const auto handles = find_scenes(folder);
  ASSERT_TRUE(handles) << handles.error().message;
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene) << scene.error().message;
  const auto report = count_report(*scene, {}, Cpu{1});
  ASSERT_TRUE(report) << report.error().message;
  CountTimeline timeline(*scene);
  timeline.update(scene->labels.tracks);
  timeline.wait();
  std::map<std::string, OwnLidar> lidars;
  for (const Track& track : scene->labels.tracks) lidars[track.id] = own_lidar(*scene, track);
  auto first = load_frame(*scene, 0);
  ASSERT_TRUE(first) << first.error().message;
  LoadedFrame frame(0, *std::move(first));
  std::size_t of_one_lidar = 0, near_compared = 0;
  for (const CountRow& row : report->rows) {
    const auto f = std::ranges::lower_bound(scene->frames, row.timestamp, {}, &Frame::timestamp);
    const OwnLidar lidar = lidars.at(row.track);
    const auto counts = timeline.counts(row.track);
    EXPECT_EQ(counts.at(static_cast<std::size_t>(f - scene->frames.begin())).inside, row.points_inside) << row.track;
    of_one_lidar += lidar.has_value() ? 1 : 0;
    if (f != scene->frames.begin()) continue;
    // What the window fits a cuboid to.
    const auto track = std::ranges::find(scene->labels.tracks, row.track, &Track::id);
    const auto cuboid = evaluate(*track, row.timestamp);
    ASSERT_TRUE(cuboid && *cuboid);
    const auto near = points_near(frame, frame.points().local_from_world() * **cuboid, 0, lidar);
    EXPECT_NEAR(static_cast<double>(near.size()), static_cast<double>(row.points_inside), 1) << row.track;
    ++near_compared;
  }
  EXPECT_GT(of_one_lidar, 50U);
  EXPECT_GT(near_compared, 50U);
}

TEST_F(CountTimelineTest, CountsAreThoseOfBruteForceInEveryFrame) {
  tracks[0].absences.push_back({scene.frames[3].timestamp - 1, scene.frames[3].timestamp + 1});
  CountTimeline timeline(scene);
  timeline.update(tracks);
  timeline.wait();
  expect_brute_force(timeline);
  EXPECT_EQ(timeline.counts("car")[3].state, TrackCount::State::absent);
  EXPECT_GT(timeline.counts("car")[5].inside, 50U);
  EXPECT_GT(timeline.counts("car")[5].near, 10U);
  EXPECT_TRUE(timeline.counts("nobody").empty());
  EXPECT_EQ(timeline.progress().done, 12U);
  EXPECT_EQ(timeline.progress().total, 12U);
}

TEST_F(CountTimelineTest, AnEditCountsAnewOnlyTheFramesInWhichTheCuboidMoved) {
  CountTimeline timeline(scene);
  timeline.update(tracks);
  timeline.wait();
  // Without their files, frames keep a count only if they are not counted again. Keyframes are in every second frame.
  for (const std::size_t f : {0U, 1U, 2U, 6U, 7U, 8U, 9U, 10U, 11U})
    std::filesystem::remove(scene.sweeps[scene.frames[f].sweeps[0]].file);
  const auto before = timeline.counts("car");
  tracks[0].keyframes[2].cuboid.center.x += 0.5;  // of frame 4
  timeline.update(tracks);
  timeline.wait();
  const auto after = timeline.counts("car");
  for (std::size_t f = 0; f < 12; ++f) {
    EXPECT_EQ(after[f].state, TrackCount::State::counted) << f;
    if (f < 3 || f > 5) {
      EXPECT_EQ(after[f], before[f]) << f;
    } else {
      EXPECT_EQ(after[f], brute_force(tracks[0], f)) << f;
      EXPECT_NE(after[f], before[f]) << f;
    }
  }
}

TEST_F(CountTimelineTest, TracksThatComeGoAndChangeTheirIndexAreKnownByTheirId) {
  CountTimeline timeline(scene);
  timeline.update(tracks);
  timeline.wait();
  Track third = tracks[1];
  third.id = "third";
  for (Keyframe& keyframe : third.keyframes) keyframe.cuboid.size.x = 3;
  tracks = {third, tracks[1]};
  timeline.update(tracks);
  timeline.wait();
  expect_brute_force(timeline);
  EXPECT_TRUE(timeline.counts("car").empty());
  timeline.update({});
  timeline.wait();
  EXPECT_TRUE(timeline.counts("third").empty());
  EXPECT_EQ(timeline.progress().total, 0U);
}

TEST_F(CountTimelineTest, EditsWhileItCountsEndWithTheCountsOfTheLastOne) {
  for (int round = 0; round < 20; ++round) {
    CountTimeline timeline(scene);
    for (int edit = 0; edit < 15; ++edit) {
      for (Keyframe& keyframe : tracks[0].keyframes) keyframe.cuboid.center.y += edit % 2 == 0 ? 0.2 : -0.25;
      timeline.set_focus(static_cast<std::size_t>(edit % 12));
      timeline.update(tracks);
      (void)timeline.counts("car");
      (void)timeline.progress();
    }
    if (round % 4 != 0) continue;  // the others end while it counts
    timeline.wait();
    expect_brute_force(timeline);
  }
}

TEST_F(CountTimelineTest, AFrameWhoseSweepIsNotThereFailsAloneAndSaysWhy) {
  std::filesystem::remove(scene.sweeps[scene.frames[4].sweeps[0]].file);
  std::atomic<int> changes = 0;
  CountTimeline timeline(scene, [&] { ++changes; });
  timeline.update(tracks);
  timeline.wait();
  const auto counts = timeline.counts("car");
  for (std::size_t f = 0; f < counts.size(); ++f)
    EXPECT_EQ(counts[f].state, f == 4 ? TrackCount::State::failed : TrackCount::State::counted) << f;
  ASSERT_TRUE(timeline.failure(4));
  EXPECT_NE(timeline.failure(4)->message.find("sweep_8"), std::string::npos) << timeline.failure(4)->message;
  EXPECT_FALSE(timeline.failure(3));
  scene.frames[7].sweeps.clear();
  CountTimeline again(scene);
  again.update(tracks);
  again.wait();
  EXPECT_EQ(again.counts("car")[7].state, TrackCount::State::failed);
  EXPECT_GE(changes, 11);
}

TEST(CountTimeline, OnRealSweepsTheCountsAreThoseThatTheDatasetHasStored) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const auto handles = find_scenes(log);
  ASSERT_TRUE(handles) << handles.error().message;
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene) << scene.error().message;
  CountTimeline timeline(*scene);
  timeline.update(scene->labels.tracks);
  timeline.wait();
  int compared = 0;
  for (const Track& track : scene->labels.tracks) {
    const auto counts = timeline.counts(track.id);
    for (const Keyframe& keyframe : track.keyframes) {
      const auto frame = std::ranges::find(scene->frames, keyframe.timestamp, &Frame::timestamp);
      ASSERT_NE(frame, scene->frames.end());
      const TrackCount& count = counts[static_cast<std::size_t>(frame - scene->frames.begin())];
      if (count.state != TrackCount::State::counted) continue;
      EXPECT_EQ(static_cast<std::int64_t>(count.inside), keyframe.stored_count) << track.id;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 162);
}

}  // namespace
}  // namespace sweepmark::editor
