// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/track_refiner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "quality/sweep_points.h"
#include "tests/support/test_data.h"
#include "tests/viewer/small_scene.h"
#include "tracking/propagate.h"
#include "tracking/refine.h"

namespace sweepmark::editor {
namespace {

struct TrackRefinerTest : testing::Test {
  testing_support::TemporaryFolder folder;
  Scene scene = testing_support::small_scene(folder.path(), 12);
  Track car = [this] {
    Track track = scene.labels.tracks[0];
    track.keyframes = {track.keyframes.front(), track.keyframes.back()};
    return track;
  }();
};

TEST_F(TrackRefinerTest, GivesWhatTheLibraryGivesAndOnlyOnce) {
  std::atomic<int> told = 0;
  TrackRefiner refiner(scene, [&] { ++told; });
  EXPECT_FALSE(refiner.take());
  ASSERT_TRUE(refiner.start(car));
  EXPECT_TRUE(refiner.is_busy());
  EXPECT_FALSE(refiner.start(car)) << "one at a time";
  refiner.wait();
  const auto refined = refiner.take();
  ASSERT_TRUE(refined && *refined);
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(refiner.take());
  EXPECT_FALSE(refiner.is_busy());

  SweepPoints sweeps(scene);
  const auto expected = refined_track(car, sweeps.times(), sweeps.callback(car));
  ASSERT_TRUE(expected.has_value());
  EXPECT_GT(expected->keyframes.size(), 2U);
  const Track& got = (*refined)->track;
  ASSERT_EQ(got.keyframes.size(), expected->keyframes.size());
  for (std::size_t i = 0; i < expected->keyframes.size(); ++i) {
    EXPECT_EQ(got.keyframes[i].cuboid, expected->keyframes[i].cuboid) << i;
    EXPECT_EQ(got.keyframes[i].attributes, expected->keyframes[i].attributes) << i;
  }
}

TEST_F(TrackRefinerTest, FollowsAnObjectFromOneKeyframeAndSaysWhyItStopped) {
  car.keyframes.pop_back();
  TrackRefiner refiner(scene);
  ASSERT_TRUE(refiner.start_following(car, car.keyframes[0].timestamp));
  refiner.wait();
  const auto followed = refiner.take();
  ASSERT_TRUE(followed && *followed);
  SweepPoints sweeps(scene);
  const auto expected =
      propagate(car, car.keyframes[0].timestamp, Direction::forwards, sweeps.times(), sweeps.callback(car));
  ASSERT_TRUE(expected.has_value());
  EXPECT_EQ((*followed)->track.keyframes.size(), 1 + expected->frames.size());
  EXPECT_NE((*followed)->summary.find(stop_reason_name(expected->reason)), std::string::npos) << (*followed)->summary;
  EXPECT_NE((*followed)->summary.find("backwards 0 frames"), std::string::npos) << (*followed)->summary;

  ASSERT_TRUE(refiner.start_following(car, 1));
  refiner.wait();
  const auto nowhere = refiner.take();
  ASSERT_TRUE(nowhere.has_value());
  EXPECT_FALSE(*nowhere) << "no keyframe at that time";
}

TEST_F(TrackRefinerTest, ASweepThatCannotBeReadIsNamed) {
  const auto sweep = scene.sweeps[scene.frames[5].sweeps[0]].file;
  std::filesystem::resize_file(sweep, 33);
  TrackRefiner refiner(scene);
  ASSERT_TRUE(refiner.start(car));
  refiner.wait();
  const auto refined = refiner.take();
  ASSERT_TRUE(refined.has_value());
  ASSERT_FALSE(*refined);
  EXPECT_NE(refined->error().message.find(sweep.filename().string()), std::string::npos) << refined->error().message;
}

TEST_F(TrackRefinerTest, AsNothingIsThereItSaysSo) {
  for (const SweepRef& sweep : scene.sweeps) std::filesystem::remove(sweep.file);
  TrackRefiner refiner(scene);
  ASSERT_TRUE(refiner.start(car));
  refiner.wait();
  const auto refined = refiner.take();
  ASSERT_TRUE(refined.has_value());
  EXPECT_FALSE(*refined);
}

TEST_F(TrackRefinerTest, CanGoAtAnyTime) {
  for (int round = 0; round < 20; ++round) {
    TrackRefiner refiner(scene);
    ASSERT_TRUE(refiner.start(car));
  }
}

}  // namespace
}  // namespace sweepmark::editor
