// SPDX-License-Identifier: Apache-2.0
//
// Refinement and propagation against objects made of points: two sides and the roof, as a LiDAR at the origin sees
// them.
#include "tracking/refine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/propagate.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;
using Course = std::function<Cuboid(double time_s)>;

/// Points every 15 cm on the sides that face the origin and on the roof, with 2 cm of noise.
std::vector<Vec3d> surface(const Cuboid& c, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, 0.02);
  const Vec3d half = 0.5 * c.size, sensor = rotate(conjugate(c.rotation), Vec3d{} - c.center);
  const double side_x = sensor.x > 0 ? half.x : -half.x, side_y = sensor.y > 0 ? half.y : -half.y;
  std::vector<Vec3d> points;
  const auto add = [&](Vec3d p) {
    points.push_back(c.center + rotate(c.rotation, p + Vec3d{noise(random), noise(random), noise(random)}));
  };
  for (double z = -half.z + 0.3; z < half.z; z += 0.25) {
    for (double x = -half.x; x <= half.x; x += 0.15) add({x, side_y, z});
    for (double y = -half.y; y <= half.y; y += 0.15) add({side_x, y, z});
  }
  for (double x = -half.x / 2; x <= half.x / 2; x += 0.3)
    for (double y = -half.y; y <= half.y; y += 0.3) add({x, y, half.z});
  return points;
}

PointsNear points_of(
    const Course& course, std::function<bool(double)> is_seen = [](double) { return true; }) {
  return [=](TimestampNs time, const Cuboid&) {
    const double time_s = 1e-9 * static_cast<double>(time);
    return is_seen(time_s) ? surface(course(time_s), static_cast<unsigned>(time / step)) : std::vector<Vec3d>{};
  };
}

Track keyframes_at(const Course& course, std::vector<int> frames, const char* class_name = "car") {
  Track track;
  track.id = "t";
  track.class_name = class_name;
  for (const int f : frames)
    track.keyframes.push_back({.timestamp = f * step, .cuboid = course(0.1 * f), .stored_count = {}, .attributes = {}});
  return track;
}

std::vector<TimestampNs> frames(int count) {
  std::vector<TimestampNs> times;
  for (int i = 0; i < count; ++i) times.push_back(i * step);
  return times;
}

const Vec3d car{4.5, 1.9, 1.6};

Cuboid parked(double) { return {{8, 6, 0.8}, car, quat_from_yaw(0.4)}; }

/// 10 m/s, brakes at 1.5 s, stands from 3.5 s on.
Cuboid stopping(double t) {
  const double braking = std::clamp(t - 1.5, 0.0, 2.0),
               x = 10 * std::min(t, 1.5) + 10 * braking - 2.5 * braking * braking;
  return {{-10 + x, 7, 0.8}, car, quat_from_yaw(0)};
}

/// The front part of an articulated bus on a circle of 15 m.
Cuboid turning_bus(double t) {
  const double angle = 0.25 * t;
  const Vec3d axle{15 * std::sin(angle) - 5, 25 - 15 * std::cos(angle), 1.6};
  return {axle + 2.7 * Vec3d{std::cos(angle), std::sin(angle), 0}, {9, 2.6, 3.1}, quat_from_yaw(angle)};
}

double worst_error(const std::vector<RefinedFrame>& refined, const Course& course) {
  double worst = 0;
  for (const RefinedFrame& f : refined)
    worst = std::max(worst, norm(f.cuboid.center - course(1e-9 * static_cast<double>(f.timestamp)).center));
  return worst;
}

TEST(Refine, AStopThatInterpolationMissesIsFoundInThePoints) {
  const Track track = keyframes_at(stopping, {0, 50});
  const auto refined = refine(track, frames(51), points_of(stopping));
  ASSERT_TRUE(refined.has_value());
  ASSERT_EQ(refined->size(), 51U);
  EXPECT_GT(norm((*evaluate(track, 25 * step))->center - stopping(2.5).center), 2);
  EXPECT_LT(worst_error(*refined, stopping), 0.2);
  EXPECT_GT(std::ranges::count_if(*refined, &RefinedFrame::by_points), 45);
}

TEST(Refine, KeyframesAndSizesAreNotTouched) {
  const Track track = keyframes_at(stopping, {0, 20, 50});
  const auto refined = refine(track, frames(51), points_of(stopping));
  ASSERT_TRUE(refined.has_value());
  for (const int f : {0, 20, 50}) {
    EXPECT_EQ((*refined)[static_cast<std::size_t>(f)].cuboid, stopping(0.1 * f));
    EXPECT_EQ((*refined)[static_cast<std::size_t>(f)].confidence, 1);
  }
  for (const RefinedFrame& f : *refined) EXPECT_EQ(f.cuboid.size, car);
}

TEST(Refine, AParkedCarStaysWhereItIs) {
  const auto refined = refine(keyframes_at(parked, {0, 80}), frames(81), points_of(parked));
  ASSERT_TRUE(refined.has_value());
  EXPECT_LT(worst_error(*refined, parked), 0.03);
}

TEST(Refine, ATurningBusStaysOnItsCircle) {
  const auto refined = refine(keyframes_at(turning_bus, {0, 60}, "bus"), frames(61), points_of(turning_bus));
  ASSERT_TRUE(refined.has_value());
  EXPECT_LT(worst_error(*refined, turning_bus), 0.35);
}

TEST(Refine, WithoutPointsItIsInterpolation) {
  const Track track = keyframes_at(stopping, {0, 50});
  const auto unseen = refine(track, frames(51), points_of(stopping, [](double) { return false; }));
  ASSERT_TRUE(unseen.has_value());
  for (const RefinedFrame& f : *unseen) {
    EXPECT_FALSE(f.by_points);
    EXPECT_LT(norm(f.cuboid.center - (*evaluate(track, f.timestamp))->center), 1e-9);
  }
}

TEST(Refine, AnOcclusionOfTwoSecondsIsBridgedAndSaid) {
  const auto straight = [](double t) { return Cuboid{{-10 + 4 * t, 6, 0.8}, car, quat_from_yaw(0)}; };
  const auto is_seen = [](double t) { return t < 2.05 || t > 4.05; };
  const auto refined = refine(keyframes_at(straight, {0, 60}), frames(61), points_of(straight, is_seen));
  ASSERT_TRUE(refined.has_value());
  EXPECT_LT(worst_error(*refined, straight), 0.15);
  for (int f = 21; f <= 40; ++f) EXPECT_FALSE((*refined)[static_cast<std::size_t>(f)].by_points) << f;
}

/// A walker: an upright post of points that swings by 12 cm around the box as it goes.
std::vector<Vec3d> swinging(const Cuboid& c, double time_s) {
  std::vector<Vec3d> points;
  const Vec3d off{0.12 * std::sin(3 * time_s), 0.12 * std::cos(2.3 * time_s), 0};
  for (double z = -0.6; z < 0.8; z += 0.1)
    for (int a = 0; a < 12; ++a)
      points.push_back(c.center + off + Vec3d{0.2 * std::cos(0.52 * a), 0.2 * std::sin(0.52 * a), z});
  return points;
}

TEST(Refine, BodiesThatSwingInTheirBoxesAreTrustedLess) {
  const auto straight = [](double t) { return Cuboid{{-6 + 1.4 * t, 5, 0.9}, {0.7, 0.7, 1.8}, quat_from_yaw(0)}; };
  const PointsNear points = [&](TimestampNs time, const Cuboid&) {
    const double t = 1e-9 * static_cast<double>(time);
    return swinging(straight(t), t);
  };
  const auto refined = refine(keyframes_at(straight, {0, 20, 40, 60, 80}, "pedestrian"), frames(81), points);
  ASSERT_TRUE(refined.has_value());
  EXPECT_LT(worst_error(*refined, straight), 0.1);  // registration alone: the 0.17 m of the swing
}

TEST(Refine, AWalkerBehindAnotherForAWhileStaysNearItsWay) {
  const auto straight = [](double t) { return Cuboid{{-6 + 1.4 * t, 5, 0.9}, {0.7, 0.7, 1.8}, quat_from_yaw(0)}; };
  const auto post = [](Vec3d center) {
    std::vector<Vec3d> points;
    for (double z = -0.6; z < 0.8; z += 0.1)
      for (int a = 0; a < 12; ++a)
        points.push_back(center + Vec3d{0.2 * std::cos(0.52 * a), 0.2 * std::sin(0.52 * a), z});
    return points;
  };
  // Hidden for 1.5 s behind someone who stands by the way.
  const PointsNear points = [&](TimestampNs time, const Cuboid&) {
    const double t = 1e-9 * static_cast<double>(time);
    auto all = post({-1.2, 4.6, 0.9});
    if (t < 2.6 || t > 4.1) {
      const auto walker = post(straight(t).center);
      all.insert(all.end(), walker.begin(), walker.end());
    }
    return all;
  };
  const auto refined = refine(keyframes_at(straight, {0, 80}, "pedestrian"), frames(81), points);
  ASSERT_TRUE(refined.has_value());
  EXPECT_LT(worst_error(*refined, straight), 0.6);  // 0.76 where all frames are believed
}

TEST(Refine, FramesThatAreNamedTwiceAreRefinedOnce) {
  std::vector<TimestampNs> twice;
  for (const TimestampNs time : frames(51)) twice.insert(twice.end(), {time, time});
  const auto once = refine(keyframes_at(stopping, {0, 50}), frames(51), points_of(stopping));
  const auto refined = refine(keyframes_at(stopping, {0, 50}), twice, points_of(stopping));
  ASSERT_TRUE(once && refined);
  ASSERT_EQ(refined->size(), once->size());
  for (std::size_t i = 0; i < once->size(); ++i) EXPECT_EQ((*refined)[i].cuboid, (*once)[i].cuboid);
}

TEST(Refine, ConfidenceIsLowestWhereNeitherPointsNorKeyframesTell) {
  const auto is_seen = [](double t) { return t < 1.05 || t > 3.95; };
  const auto refined = refine(keyframes_at(stopping, {0, 50}), frames(51), points_of(stopping, is_seen));
  ASSERT_TRUE(refined.has_value());
  const auto least = std::ranges::min_element(*refined, {}, &RefinedFrame::confidence) - refined->begin();
  EXPECT_NEAR(static_cast<double>(least), 25, 5);
  EXPECT_GT((*refined)[5].confidence, (*refined)[25].confidence + 0.2);
}

TEST(Refine, ARefinedTrackKeepsAPersonsKeyframesAndReplacesAPrograms) {
  Track track = keyframes_at(stopping, {0, 20, 50});
  Keyframe computed = keyframes_at(parked, {10}).keyframes[0];
  set_provenance(computed.attributes, {"refined", {}, 0.5});
  track.keyframes.insert(track.keyframes.begin() + 1, computed);
  const auto refined = refined_track(track, frames(51), points_of(stopping));
  ASSERT_TRUE(refined.has_value());
  for (const int f : {0, 20, 50}) {
    const auto at = std::ranges::find(refined->keyframes, f * step, &Keyframe::timestamp);
    ASSERT_NE(at, refined->keyframes.end());
    EXPECT_TRUE(is_set_by_person(*at));
    EXPECT_EQ(at->cuboid, stopping(0.1 * f));
  }
  const auto tenth = std::ranges::find(refined->keyframes, 10 * step, &Keyframe::timestamp);
  ASSERT_NE(tenth, refined->keyframes.end());
  EXPECT_LT(norm(tenth->cuboid.center - stopping(1).center), 0.2);
  EXPECT_EQ(provenance_of(tenth->attributes).what, "refined");
  EXPECT_GT(provenance_of(tenth->attributes).score.value_or(0), 0.5);
}

TEST(Refine, TheSameInputGivesTheSameBits) {
  const Track track = keyframes_at(turning_bus, {0, 40}, "bus");
  const auto a = refine(track, frames(41), points_of(turning_bus)),
             b = refine(track, frames(41), points_of(turning_bus));
  ASSERT_TRUE(a && b);
  for (std::size_t i = 0; i < a->size(); ++i) EXPECT_EQ((*a)[i].cuboid, (*b)[i].cuboid);
}

TEST(Refine, WhatAProgramSetIsNotAPersons) {
  Track track = keyframes_at(stopping, {0, 10, 20, 50});
  track.keyframes[1].attributes["provenance"] = "refined";
  track.keyframes[2].attributes["provenance"] = "keyframe";
  const Track own = only_set_by_person(track);
  ASSERT_EQ(own.keyframes.size(), 3U);
  EXPECT_EQ(own.keyframes[1].timestamp, 20 * step);
}

TEST(Propagate, FollowsAMovingCarToTheLastFrame) {
  const Track track = keyframes_at(stopping, {0});
  const auto done = propagate(track, 0, Direction::forwards, frames(51), points_of(stopping));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->frames.size(), 50U);
  EXPECT_EQ(done->reason, StopReason::end_of_frames);
  EXPECT_LT(worst_error(done->frames, stopping), 0.35);
}

TEST(Propagate, StopsWhereNothingIsSeenAndAtAPersonsKeyframe) {
  const auto is_seen = [](double t) { return t < 3.05; };
  const auto lost =
      propagate(keyframes_at(stopping, {0}), 0, Direction::forwards, frames(61), points_of(stopping, is_seen));
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->reason, StopReason::no_points);
  ASSERT_FALSE(lost->frames.empty());
  EXPECT_EQ(lost->frames.back().timestamp, 30 * step);
  const auto met = propagate(keyframes_at(stopping, {0, 20}), 0, Direction::forwards, frames(61), points_of(stopping));
  ASSERT_TRUE(met.has_value());
  EXPECT_EQ(met->reason, StopReason::next_keyframe);
  EXPECT_EQ(met->stopped_at, 20 * step);
}

TEST(Propagate, BackwardsReachesTheFirstFrame) {
  const auto done =
      propagate(keyframes_at(stopping, {40}), 40 * step, Direction::backwards, frames(51), points_of(stopping));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->frames.size(), 40U);
  EXPECT_LT(worst_error(done->frames, stopping), 0.35);
}

TEST(Propagate, NeedsAKeyframeToStartFrom) {
  EXPECT_FALSE(propagate(keyframes_at(parked, {0}), 5, Direction::forwards, frames(9), points_of(parked)).has_value());
}

}  // namespace
}  // namespace sweepmark
