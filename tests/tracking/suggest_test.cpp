// SPDX-License-Identifier: Apache-2.0
#include "tracking/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;

std::vector<TimestampNs> frames(std::size_t count) {
  std::vector<TimestampNs> times(count);
  for (std::size_t i = 0; i < count; ++i) times[i] = static_cast<TimestampNs>(i) * step;
  return times;
}

Keyframe label(std::size_t frame, double x, double y, double yaw) {
  return {.timestamp = static_cast<TimestampNs>(frame) * step,
          .cuboid = {{x, y, 0.8}, {4.5, 1.9, 1.6}, quat_from_yaw(yaw)},
          .stored_count = {},
          .attributes = {}};
}

Track track_of(std::vector<Keyframe> keyframes) {
  Track track;
  track.id = "t";
  track.class_name = "car";
  track.keyframes = std::move(keyframes);
  return track;
}

TEST(Suggest, ExpectationsAreOneAtKeyframesAndLowestWithinTheLongestGap) {
  const Track track = track_of({label(0, 0, 0, 0), label(20, 10, 0, 0), label(80, 40, 0, 0), label(100, 50, 0, 0)});
  const auto expected = expected_ious(track, frames(120));
  ASSERT_TRUE(expected.has_value());
  for (const std::size_t i : {0U, 20U, 80U, 100U, 110U}) EXPECT_EQ((*expected)[i], 1) << i;
  const auto worst = std::ranges::min_element(*expected) - expected->begin();
  EXPECT_NEAR(static_cast<double>(worst), 50, 8);
  EXPECT_LT((*expected)[50], (*expected)[10]);
}

TEST(Suggest, TheGapWhereTheTrackIsRestlessIsAskedForFirst) {
  // Still for ten seconds, then weaving; keyframes evenly spaced.
  std::vector<Keyframe> keyframes;
  for (std::size_t i = 0; i <= 200; i += 10)
    keyframes.push_back(label(i, i < 100 ? 0 : 0.8 * static_cast<double>(i - 100), i < 100 ? 0 : 2 * std::sin(i), 0));
  const auto asked = suggest_keyframe(track_of(keyframes), frames(201), 0.7);
  ASSERT_TRUE(asked && *asked);
  EXPECT_GT((*asked)->timestamp, 100 * step);
}

TEST(Suggest, AnOpenFrameIsAlwaysAskedForUntilNoneIsLeft) {
  Track track = track_of({label(0, 0, 0, 0), label(30, 9, 3, 0.4)});
  const auto times = frames(31);
  for (std::size_t asked = 0; asked < 29; ++asked) {
    const auto next = suggest_keyframe(track, times, 0.9);
    ASSERT_TRUE(next && *next) << asked;
    const auto at = std::ranges::lower_bound(track.keyframes, (*next)->timestamp, {}, &Keyframe::timestamp);
    ASSERT_NE(at->timestamp, (*next)->timestamp) << "asked twice";
    ASSERT_TRUE(std::ranges::binary_search(times, (*next)->timestamp));
    Keyframe set = label(0, 0.3 * static_cast<double>((*next)->timestamp / step), 1, 0.1);
    set.timestamp = (*next)->timestamp;
    track.keyframes.insert(at, set);
  }
  EXPECT_FALSE(suggest_keyframe(track, times, 0.9)->has_value());
}

TEST(Suggest, OfKeyframesThatAProgramSetTheLeastSureIsAskedForAndAPersonsNever) {
  Track track = track_of({label(0, 0, 0, 0)});
  for (std::size_t i = 1; i < 30; ++i) {
    track.keyframes.push_back(label(i, static_cast<double>(i), 0, 0));
    set_provenance(track.keyframes.back().attributes, {"refined", {}, i == 17 ? 0.3 : 0.9});
  }
  track.keyframes.push_back(label(30, 30, 0, 0));
  const auto asked = suggest_keyframe(track, frames(31), 0.9);
  ASSERT_TRUE(asked && *asked);
  EXPECT_EQ((*asked)->timestamp, 17 * step);
  EXPECT_NEAR((*asked)->expected_iou, 0.3, 1e-12);
  for (Keyframe& k : track.keyframes) set_provenance(k.attributes, {});
  EXPECT_FALSE(suggest_keyframe(track, frames(31), 0.9)->has_value());
}

TEST(Suggest, BetweenKeyframesThatAProgramSetNothingIsSurerThanThey) {
  Track track = track_of({label(0, 0, 0, 0), label(10, 10, 0, 0), label(20, 20, 0, 0), label(30, 30, 0, 0)});
  for (const std::size_t i : {1U, 2U}) set_provenance(track.keyframes[i].attributes, {"refined", {}, 0.6});
  const auto expected = expected_ious(track, frames(31));
  ASSERT_TRUE(expected.has_value());
  EXPECT_NEAR((*expected)[10], 0.6, 1e-12);
  for (std::size_t i = 11; i < 20; ++i) EXPECT_LT((*expected)[i], 0.6) << i;
  EXPECT_EQ((*expected)[30], 1);
}

TEST(Suggest, AScoreThatIsNoNumberDoesNoHarm) {
  for (const char* score : {"nan", "inf", "-3", "7", "much"}) {
    Track track = track_of({label(0, 0, 0, 0), label(10, 10, 0, 0), label(30, 30, 0, 0)});
    track.keyframes[1].attributes = {{"provenance", "refined"}, {"score", score}};
    const auto asked = suggest_keyframe(track, frames(31), 0.9);
    ASSERT_TRUE(asked && *asked) << score;
    EXPECT_TRUE(std::ranges::binary_search(frames(31), (*asked)->timestamp)) << score;
  }
}

TEST(Suggest, FramesInAnAbsenceAreNotAskedFor) {
  Track track = track_of({label(0, 0, 0, 0), label(60, 30, 0, 0)});
  track.absences = {{10 * step, 50 * step}};
  const auto asked = suggest_keyframe(track, frames(61), 0.9);
  ASSERT_TRUE(asked && *asked);
  EXPECT_TRUE((*asked)->timestamp < 10 * step || (*asked)->timestamp > 50 * step);
}

TEST(Suggest, OneKeyframeOrABadThresholdAsksForNothing) {
  EXPECT_FALSE(suggest_keyframe(track_of({label(5, 0, 0, 0)}), frames(10), 0.9)->has_value());
  EXPECT_FALSE(suggest_keyframe(track_of({label(0, 0, 0, 0), label(9, 1, 0, 0)}), frames(10), 1.0).has_value());
  EXPECT_FALSE(suggest_keyframe(track_of({}), frames(10), 0.9).has_value());
  EXPECT_FALSE(suggest_keyframe(track_of({label(0, 0, 0, 0), label(9, 1, 0, 0)}), {}, 0.9)->has_value());
}

/// Keyframes that suggestions take until all labels reach the IoU.
std::size_t keyframes_until_right(const Track& truth, double min_iou) {
  std::vector<TimestampNs> times;
  for (const Keyframe& k : truth.keyframes) times.push_back(k.timestamp);
  Track track = track_of({truth.keyframes.front(), truth.keyframes.back()});
  for (;;) {
    const bool right = std::ranges::all_of(truth.keyframes, [&](const Keyframe& k) {
      return box_iou(**evaluate(track, k.timestamp), k.cuboid) >= min_iou;
    });
    if (right) return track.keyframes.size();
    const auto asked = suggest_keyframe(track, times, min_iou);
    const auto i = static_cast<std::size_t>((*asked)->timestamp / step);
    track.keyframes.insert(std::ranges::lower_bound(track.keyframes, times[i], {}, &Keyframe::timestamp),
                           truth.keyframes[i]);
  }
}

TEST(Suggest, HandMadeTracksTakeFewKeyframes) {
  std::vector<Keyframe> parked, u_turn, stop_and_go, crossing;
  double x = 0, speed = 8;
  for (std::size_t i = 0; i <= 150; ++i) {
    const double t = 0.1 * static_cast<double>(i);
    parked.push_back(label(i, 3, 4, 0.5));
    const double angle = std::clamp((t - 3) / 6, 0.0, 1.0) * 3.0;
    const double before = 4 * std::min(t, 3.0), after = 4 * std::max(t - 9, 0.0);
    u_turn.push_back(label(i, before + 8 * std::sin(angle) + after * std::cos(3.0),
                           8 - 8 * std::cos(angle) + after * std::sin(3.0), angle));
    const double wanted = t < 4 ? 8 : t < 9 ? 0 : 8;
    speed += std::clamp(wanted - speed, -0.3, 0.25);
    x += 0.1 * speed;
    stop_and_go.push_back(label(i, x, 0, 0));
    crossing.push_back(label(i, 0.2 * std::sin(t), 1.4 * t, 1.57));
    crossing.back().cuboid.size = {0.7, 0.7, 1.75};
  }
  EXPECT_EQ(keyframes_until_right(track_of(parked), 0.9), 2U);
  EXPECT_LE(keyframes_until_right(track_of(u_turn), 0.7), 8U);
  EXPECT_LE(keyframes_until_right(track_of(stop_and_go), 0.7), 8U);
  EXPECT_LE(keyframes_until_right(track_of(crossing), 0.7), 9U);
}

}  // namespace
}  // namespace sweepmark
