// SPDX-License-Identifier: Apache-2.0
#include "tracking/thin.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;

Keyframe label(TimestampNs time, double x, double y, double yaw) {
  return {.timestamp = time,
          .cuboid = {{x, y, 0.8}, {4.5, 1.9, 1.6}, {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)}},
          .stored_count = {},
          .attributes = {}};
}

Track dense(std::size_t count, auto&& place) {
  Track track;
  track.id = "t";
  for (std::size_t i = 0; i < count; ++i)
    track.keyframes.push_back(place(static_cast<TimestampNs>(i) * step, static_cast<double>(i)));
  return track;
}

std::vector<TimestampNs> frames(std::size_t count) {
  std::vector<TimestampNs> times(count);
  for (std::size_t i = 0; i < count; ++i) times[i] = static_cast<TimestampNs>(i) * step;
  return times;
}

Track random_walk(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> change(0, 1);
  double x = 0, y = 0, yaw = 0, speed = 0.5, turn = 0;
  return dense(count, [&](TimestampNs time, double) {
    speed += 0.05 * change(random);
    turn += 0.01 * change(random);
    yaw += turn;
    x += speed * std::cos(yaw);
    y += speed * std::sin(yaw);
    return label(time, x, y, yaw);
  });
}

TEST(Thin, AParkedCarNeedsItsFirstAndLastKeyframe) {
  const Track track = dense(200, [](TimestampNs t, double) { return label(t, 3, 4, 0.5); });
  EXPECT_EQ(*thin_positions(track, {}), (std::vector<std::size_t>{0, 199}));
}

TEST(Thin, ACornerIsAKeyframe) {
  const Track track =
      dense(101, [](TimestampNs t, double i) { return i <= 40 ? label(t, i, 0, 0) : label(t, 40, i - 40, 0); });
  EXPECT_EQ(*thin_positions(track, {.min_iou = 0.999}), (std::vector<std::size_t>{0, 40, 100}));
}

TEST(Thin, EveryLabelStaysWithinTheTolerance) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Track track = random_walk(300, seed);
    const ThinTolerance tolerance{.min_iou = 0.7, .max_center_error_m = 0.4, .max_yaw_error_rad = 0.1};
    const auto thinned = thin(track, frames(300), tolerance);
    ASSERT_TRUE(thinned);
    EXPECT_LT(thinned->keyframes.size(), track.keyframes.size() / 2) << seed;
    for (const Keyframe& k : track.keyframes) {
      const auto got = evaluate(*thinned, k.timestamp);
      ASSERT_TRUE(got && *got);
      EXPECT_GE(box_iou(**got, k.cuboid), 0.7);
      EXPECT_LE(norm((*got)->center - k.cuboid.center), 0.4);
      EXPECT_LE(std::abs(std::remainder(yaw_of((*got)->rotation) - yaw_of(k.cuboid.rotation), 2 * std::numbers::pi)),
                0.1);
    }
  }
}

TEST(Thin, FewerThanEvenlySpacedOnes) {
  std::size_t thinned = 0, even = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Track track = random_walk(300, seed);
    thinned += thin_positions(track, {.min_iou = 0.7})->size();
    even += evenly_spaced_positions(track, {.min_iou = 0.7})->size();
  }
  EXPECT_LT(thinned, even);
}

TEST(Thin, FramesWithoutALabelStayWithoutOne) {
  Track track = random_walk(100, 3);
  std::erase_if(track.keyframes, [](const Keyframe& k) {
    const auto i = k.timestamp / step;
    return i == 17 || (i >= 40 && i < 60);
  });
  const auto thinned = thin(track, frames(100), {});
  ASSERT_TRUE(thinned);
  for (std::size_t i = 0; i < 100; ++i) {
    const bool expected = i != 17 && (i < 40 || i >= 60);
    EXPECT_EQ(evaluate(*thinned, static_cast<TimestampNs>(i) * step)->has_value(), expected) << i;
  }
}

TEST(Thin, ALoneLabelStaysAndBadTolerancesAreNamed) {
  const Track track = random_walk(1, 1);
  EXPECT_EQ(thin_positions(track, {})->size(), 1U);
  EXPECT_EQ(evenly_spaced_positions(track, {})->size(), 1U);
  for (const double iou : {0.0, 1.5, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_NE(thin_positions(track, {.min_iou = iou}).error().message.find("IoU"), std::string::npos);
  EXPECT_FALSE(thin_positions(Track{}, {}));
}

TEST(Thin, ATrackInImagesKeepsTheFramesInWhichItTurns) {
  // Right for 20 images, hidden for 5, then down; boxes of 10 pixels.
  ImageTrack track{.camera = "front", .id = "a", .class_name = "car"};
  std::vector<TimestampNs> images;
  for (int i = 0; i < 45; ++i) {
    images.push_back(i * 100);
    if (i >= 20 && i < 25) continue;
    const double x = std::min(i, 19), y = std::max(0, i - 25);
    track.keyframes.push_back({.timestamp = i * 100, .value = {.box = ImageBox{x, y, x + 10, y + 10}}});
  }
  const auto thinned = thin(track, images, {.min_iou = 0.95});
  ASSERT_TRUE(thinned);
  EXPECT_LE(thinned->keyframes.size(), 5U);
  EXPECT_EQ(thinned->absences, (std::vector<AbsenceSpan>{{2000, 2400}}));
  for (const ImageKeyframe& k : track.keyframes) {
    const auto state = evaluate(*thinned, k.timestamp);
    ASSERT_TRUE(state) << k.timestamp;
    EXPECT_GE(iou(*state->value.box, *k.value.box), 0.95) << k.timestamp;
  }
  EXPECT_FALSE(evaluate(*thinned, 2200));
  EXPECT_FALSE(thin(track, images, {.min_iou = 0}));
}

}  // namespace
}  // namespace sweepmark
