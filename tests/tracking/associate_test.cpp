// SPDX-License-Identifier: Apache-2.0
#include "tracking/associate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "kernels/math/rigid.h"
#include "tracking/assignment.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;

Detection car(double x, double y, double yaw = 0, double score = 0.9) {
  return {{{x, y, 0.8}, {4.5, 1.9, 1.6}, quat_from_yaw(yaw)}, "car", score};
}

/// Least cost by trying every assignment.
double least_by_trying(const std::vector<std::vector<double>>& cost, std::size_t row, std::vector<bool>& used,
                       double leave_out) {
  if (row == cost.size()) return 0;
  double best = leave_out + least_by_trying(cost, row + 1, used, leave_out);
  for (std::size_t c = 0; c < used.size(); ++c) {
    if (used[c] || cost[row][c] < 0) continue;
    used[c] = true;
    best = std::min(best, cost[row][c] + least_by_trying(cost, row + 1, used, leave_out));
    used[c] = false;
  }
  return best;
}

TEST(Assignment, CostsAsLittleAsTheBestOfAllAssignments) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> value(0, 10);
  for (int round = 0; round < 300; ++round) {
    const std::size_t rows = 1 + round % 6, columns = 1 + (round / 6) % 5;
    std::vector<std::vector<double>> cost(rows, std::vector<double>(columns, -1));
    std::vector<PairCost> pairs;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) {
        if (value(random) < 3) continue;
        cost[r][c] = value(random);
        pairs.push_back({r, c, cost[r][c]});
      }
    const auto got = assign(rows, columns, pairs, 7);
    double sum = 0;
    std::vector<bool> taken(columns, false);
    for (std::size_t r = 0; r < rows; ++r) {
      if (got[r] == unassigned) {
        sum += 7;
        continue;
      }
      ASSERT_FALSE(taken[got[r]]) << "a column twice";
      taken[got[r]] = true;
      ASSERT_GE(cost[r][got[r]], 0) << "an impossible pair";
      sum += cost[r][got[r]];
    }
    std::vector<bool> used(columns, false);
    EXPECT_NEAR(sum, least_by_trying(cost, 0, used, 7), 1e-9) << round;
  }
}

TEST(Associate, CrossingPedestriansKeepTheirTracks) {
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 60; ++i) {
    const double along = 0.14 * i - 4.2;
    DetectionFrame frame{i * step, {}};
    for (const double direction : {1.0, -1.0}) {
      frame.detections.push_back(
          {{{direction * along, 0.3 * direction, 0.9}, {0.7, 0.7, 1.75}, {}}, "pedestrian", 0.8});
    }
    if (i % 2 == 1) std::swap(frame.detections[0], frame.detections[1]);
    frames.push_back(frame);
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 2U);
  for (const AssociatedTrack& t : *tracks) {
    EXPECT_EQ(t.track.keyframes.size(), 60U);
    EXPECT_GT(std::abs(t.track.keyframes.back().cuboid.center.x - t.track.keyframes.front().cuboid.center.x), 7.5);
    EXPECT_EQ(t.begins, TrackEnd::first_frame);
    EXPECT_EQ(t.ends, TrackEnd::last_frame);
    EXPECT_TRUE(t.gaps.empty());
  }
}

TEST(Associate, AnOcclusionOfUnderTwoSecondsIsAGapOfOneTrack) {
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 80; ++i) {
    frames.push_back({i * step, {}});
    if (i < 30 || i >= 49) frames.back().detections.push_back(car(1.2 * i, 0));
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  ASSERT_EQ((*tracks)[0].gaps.size(), 1U);
  EXPECT_EQ((*tracks)[0].gaps[0].begin, 29 * step);
  EXPECT_EQ((*tracks)[0].gaps[0].end, 49 * step);
}

TEST(Associate, SmoothingBringsNoisyDetectionsNearerToTheTruth) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 0.3);
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 100; ++i) {
    Detection d = car(i + noise(random), noise(random), i % 7 == 3 ? std::numbers::pi : 0.02 * noise(random));
    d.cuboid.size.x += noise(random);
    frames.push_back({i * step, {d}});
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  double before = 0, after = 0;
  const auto& keyframes = (*tracks)[0].track.keyframes;
  for (std::size_t i = 0; i < 100; ++i) {
    const Vec3d truth{static_cast<double>(i), 0, 0.8};
    before += norm(frames[i].detections[0].cuboid.center - truth);
    after += norm(keyframes[i].cuboid.center - truth);
    EXPECT_LT(std::abs(wrap_angle(yaw_of(keyframes[i].cuboid.rotation))), 0.1) << "turned over at " << i;
    EXPECT_EQ(keyframes[i].cuboid.size, keyframes[0].cuboid.size);
  }
  EXPECT_LT(after, 0.6 * before);
}

TEST(Associate, FalseAlarmsAreDroppedAndEndsAreExplained) {
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 50; ++i) {
    frames.push_back({i * step, {}});
    if (i >= 10 && i < 30) frames.back().detections.push_back(car(5, 0.1 * i));
    if (i == 20) frames.back().detections.push_back(car(50, 50));
    if (i % 2 == 0) frames.back().detections.push_back(car(-20, 3, 0, 0.05));
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  EXPECT_EQ((*tracks)[0].begins, TrackEnd::appeared);
  EXPECT_EQ((*tracks)[0].ends, TrackEnd::disappeared);
  EXPECT_EQ((*tracks)[0].track.id, "1");
}

TEST(Associate, AParkedCarIsOneTrackThatStaysWhereItIs) {
  std::mt19937 random(8);
  std::normal_distribution<double> noise(0, 0.2);
  std::bernoulli_distribution is_missed(0.2);
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 150; ++i) {
    frames.push_back({i * step, {}});
    if (i > 0 && i < 149 && is_missed(random)) continue;
    frames.back().detections.push_back(car(12 + noise(random), -3 + noise(random), 1.2));
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  double off = 0;
  const auto& keyframes = (*tracks)[0].track.keyframes;
  for (const Keyframe& k : keyframes) {
    off += norm(k.cuboid.center - Vec3d{12, -3, 0.8}) / static_cast<double>(keyframes.size());
    EXPECT_NEAR(yaw_of(k.cuboid.rotation), 1.2, 1e-9);
  }
  EXPECT_LT(off, 0.15) << "the detections are 0.25 m off";
}

TEST(Associate, AFalseAlarmOfTwoFramesIsDroppedAndOneOfThreeIsNot) {
  for (const int length : {1, 2, 3}) {
    std::vector<DetectionFrame> frames;
    for (int i = 0; i < 30; ++i) {
      frames.push_back({i * step, {}});
      if (i >= 10 && i < 10 + length) frames.back().detections.push_back(car(4, 4));
    }
    EXPECT_EQ(associate(frames)->size(), length < 3 ? 0U : 1U) << length;
  }
}

TEST(Associate, AChainOfFarApartFalseAlarmsIsNoTrack) {
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 60; ++i) {
    frames.push_back({i * step, {}});
    if (i % 8 == 0) frames.back().detections.push_back(car(5 + 0.1 * i, 3));      // seen in an eighth of the frames
    if (i % 5 == 0) frames.back().detections.push_back(car(-30, 3));              // in a fifth
    if (i < 10 || i > 28) frames.back().detections.push_back(car(30, 0.05 * i));  // hidden for 1.9 s
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  EXPECT_NEAR((*tracks)[0].track.keyframes.front().cuboid.center.x, 30, 0.5);
  AssociateOptions all;
  all.least_share = 0;
  EXPECT_EQ(associate(frames, all)->size(), 3U);
}

TEST(Associate, ADetectorThatRunsAtAQuarterOfTheRateLosesNoTrack) {
  std::vector<DetectionFrame> frames;
  for (int i = 0; i < 60; ++i) {
    frames.push_back({i * step, {}});
    if (i % 4 == 0) frames.back().detections.push_back(car(5 + 0.1 * i, 3));
  }
  const auto tracks = associate(frames);
  ASSERT_TRUE(tracks.has_value());
  ASSERT_EQ(tracks->size(), 1U);
  EXPECT_EQ((*tracks)[0].track.keyframes.size(), 15U);
}

TEST(Associate, BadDetectionsAreNamed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(associate(std::vector<DetectionFrame>{{5, {}}, {5, {}}}).has_value());
  EXPECT_FALSE(associate(std::vector<DetectionFrame>{{5, {car(nan, 0)}}}).has_value());
  EXPECT_FALSE(associate(std::vector<DetectionFrame>{{5, {car(0, 0, 0, 1.5)}}}).has_value());
  Detection flat = car(0, 0);
  flat.cuboid.size.z = 0;
  const auto result = associate(std::vector<DetectionFrame>{{7, {car(0, 0), flat}}});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("7 ns, number 1"), std::string::npos);
  EXPECT_TRUE(associate({})->empty());
}

TEST(Route, ThresholdsByClassAndASampleOfTheAccepted) {
  AssociatedTrack track;
  track.track.class_name = "car";
  track.track.id = "1";
  RouteOptions options;
  options.sample = 0;
  for (const auto& [score, expected] :
       {std::pair{0.85, Route::accept}, {0.84, Route::review}, {0.5, Route::review}, {0.49, Route::label}}) {
    track.score = score;
    EXPECT_EQ(route(track, options).to, expected) << score;
  }
  options.by_class["car"] = {0.95, 0.9};
  track.score = 0.88;
  EXPECT_EQ(route(track, options).to, Route::label);
  options.by_class.clear();
  options.sample = 0.2;
  track.score = 0.99;
  const auto sample = [&](std::uint64_t seed, const std::string& scene) {
    options.seed = seed;
    options.scene = scene;
    std::vector<int> ids;
    for (int i = 0; i < 1000; ++i) {
      track.track.id = std::to_string(i);
      const Routing routing = route(track, options);
      EXPECT_EQ(routing.to, routing.is_sample ? Route::review : Route::accept);
      if (routing.is_sample) ids.push_back(i);
    }
    EXPECT_NEAR(static_cast<double>(ids.size()), 200, 50);
    return ids;
  };
  EXPECT_EQ(sample(1, "a"), sample(1, "a"));
  EXPECT_NE(sample(1, "a"), sample(2, "a"));
  EXPECT_NE(sample(1, "a"), sample(1, "b")) << "every scene would have the same ids reviewed";
  track.score = 0.8;
  EXPECT_FALSE(route(track, options).is_sample) << "reviewed for its score";
}

}  // namespace
}  // namespace sweepmark
