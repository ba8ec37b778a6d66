// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/playback.h"

#include <gtest/gtest.h>

namespace sweepmark::editor {
namespace {

std::vector<Frame> frames_at(const std::vector<double>& seconds) {
  std::vector<Frame> frames;
  for (const double s : seconds) frames.push_back({static_cast<TimestampNs>(s * 1e9), {}, {}, {}});
  return frames;
}
bool always(std::size_t) { return true; }

TEST(Playback, FramesFollowAsTheirTimesDoAtEverySpeed) {
  const auto frames = frames_at({0, 0.1, 0.15, 0.3, 0.4});
  for (const double speed : {0.25, 1.0, 4.0}) {
    Playback playback;
    playback.speed = speed;
    playback.start();
    std::size_t now = 0;
    double time = 0;
    std::vector<double> shown_at = {0};
    while (now + 1 < frames.size() && time < 10) {
      constexpr double step = 1.0 / 1024;
      time += step;
      const std::size_t next = playback.advance(step, now, frames, always);
      for (; now < next; ++now) shown_at.push_back(time);
    }
    ASSERT_EQ(shown_at.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
      EXPECT_NEAR(shown_at[i] * speed, static_cast<double>(frames[i].timestamp) * 1e-9, 0.005 * speed) << i;
    EXPECT_EQ(playback.passed_over(), 0U);
  }
}

TEST(Playback, WhatTheDisplayIsTooSlowForIsPassedOverAndCounted) {
  std::vector<double> times;
  for (int i = 0; i < 101; ++i) times.push_back(0.01 * i + 1e-6 * i);
  const auto frames = frames_at(times);
  Playback playback;
  playback.speed = 4;
  playback.start();
  std::size_t now = 0, shown = 0, steps = 0;
  for (; now + 1 < frames.size() && steps < 1000; ++steps) {
    const std::size_t next = playback.advance(1.0 / 60, now, frames, always);
    shown += next != now ? 1 : 0;
    now = next;
  }
  EXPECT_NEAR(static_cast<double>(steps), 1.0 / 4 * 60, 2);
  EXPECT_EQ(shown + playback.passed_over(), 100U);
  EXPECT_GT(playback.passed_over(), 80U);
}

TEST(Playback, AFrameThatIsNotLoadedIsWaitedForAndNotPassedOver) {
  const auto frames = frames_at({0, 0.1, 0.2, 0.3});
  Playback playback;
  playback.start();
  const auto not_yet = [](std::size_t frame) { return frame < 2; };
  std::size_t now = playback.advance(0.15, 0, frames, not_yet);
  EXPECT_EQ(now, 1U);
  for (int i = 0; i < 50; ++i) now = playback.advance(0.1, now, frames, not_yet);
  EXPECT_EQ(now, 1U);
  now = playback.advance(0.01, now, frames, always);
  EXPECT_EQ(now, 2U) << "at once when it is there, and not more";
  EXPECT_EQ(playback.passed_over(), 0U);
}

TEST(Playback, ALongGapIsPlayedAsHalfASecondAndTheLastFrameIsTheEnd) {
  const auto frames = frames_at({0, 100});
  Playback playback;
  playback.start();
  EXPECT_EQ(playback.advance(0.4, 0, frames, always), 0U);
  EXPECT_EQ(playback.advance(0.2, 0, frames, always), 1U);
  EXPECT_EQ(playback.advance(10, 1, frames, always), 1U);
}

}  // namespace
}  // namespace sweepmark::editor
