// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/keyframe_choice.h"

namespace sweepmark {
namespace {

Track track_of(std::size_t keyframes) {
  Track track;
  track.id = "t";
  for (std::size_t i = 0; i < keyframes; ++i) {
    track.keyframes.push_back({.timestamp = static_cast<TimestampNs>(100 * i),
                               .cuboid = {{static_cast<double>(i), 0, 0}, {4, 2, 1}, {}},
                               .stored_count = {},
                               .attributes = {}});
  }
  return track;
}

TEST(KeyframeChoice, EveryNthAndTheLastAreKept) {
  EXPECT_EQ(every_nth(track_of(8), 3), (std::vector<std::size_t>{0, 3, 6, 7}));
  EXPECT_EQ(every_nth(track_of(7), 3), (std::vector<std::size_t>{0, 3, 6}));
  EXPECT_EQ(every_nth(track_of(1), 5), (std::vector<std::size_t>{0}));
  EXPECT_TRUE(every_nth(track_of(0), 5).empty());
  EXPECT_EQ(keep_keyframes(track_of(8), {0, 7}).keyframes[1].timestamp, 700);
}

TEST(Evaluate, ATrackIsThereBetweenItsKeyframesOnly) {
  Track track = track_of(3);
  track.absences = {{120, 150}};
  EXPECT_EQ((*evaluate(track, 50))->center.x, 0.5);
  EXPECT_FALSE(evaluate(track, 130)->has_value());
  EXPECT_FALSE(evaluate(track, 201)->has_value());
}

TEST(Evaluate, AnErrorNamesTheTrack) {
  Track track = track_of(2);
  track.keyframes[1].timestamp = 0;
  const auto result = evaluate(track, 0);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("track t"), std::string::npos);
}

TEST(PoseTrack, PosesComeBackExactlyAndHalfWayInBetween) {
  const std::vector<TimedPose> poses = {{0, {quat_from_yaw(3.1), {1e6, 0, 0}}},
                                        {100, {quat_from_yaw(-3.1), {1e6 + 2, 0, 0}}}};
  EXPECT_EQ(pose_at(poses, 100), poses[1].world_from_ego);
  const auto middle = pose_at(poses, 50);
  ASSERT_TRUE(middle.has_value());
  EXPECT_EQ(middle->translation.x, 1e6 + 1);
  EXPECT_NEAR(std::abs(yaw_of(middle->rotation)), 3.14159265, 1e-6) << "the short way round";
  EXPECT_FALSE(pose_at(poses, -1).has_value());
  EXPECT_FALSE(pose_at(poses, 101).has_value());
  EXPECT_FALSE(pose_at({}, 0).has_value());
}

}  // namespace
}  // namespace sweepmark
