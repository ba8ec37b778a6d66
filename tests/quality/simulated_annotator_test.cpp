// SPDX-License-Identifier: Apache-2.0
#include "quality/simulated_annotator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr TimestampNs step = 100'000'000;

/// 10 m/s, brakes at 1.5 s, stands from 3.5 s on.
Cuboid stopping(double t) {
  const double braking = std::clamp(t - 1.5, 0.0, 2.0);
  const double x = 10 * std::min(t, 1.5) + 10 * braking - 2.5 * braking * braking;
  return {{-10 + x, 7, 0.8}, {4.5, 1.9, 1.6}, quat_from_yaw(0)};
}

Track labels_of(int count) {
  Track truth;
  truth.id = "t";
  truth.class_name = "car";
  for (int i = 0; i < count; ++i)
    truth.keyframes.push_back(
        {.timestamp = i * step, .cuboid = stopping(0.1 * i), .stored_count = {}, .attributes = {}});
  return truth;
}

/// The two sides that a sensor at the origin sees, every 15 cm.
std::vector<Vec3d> seen(TimestampNs time, const Cuboid&) {
  const Cuboid c = stopping(1e-9 * static_cast<double>(time));
  const double side_x = c.center.x > 0 ? -2.25 : 2.25;
  std::vector<Vec3d> points;
  for (double z = -0.5; z < 0.8; z += 0.25) {
    for (double x = -2.25; x <= 2.25; x += 0.15) points.push_back(c.center + Vec3d{x, -0.95, z});
    for (double y = -0.95; y <= 0.95; y += 0.15) points.push_back(c.center + Vec3d{side_x, y, z});
  }
  return points;
}

TEST(SimulatedAnnotator, SetsFewerKeyframesWherePointsTellTheRest) {
  const Track truth = labels_of(51);
  for (const double min_iou : {0.7, 0.9}) {
    const auto alone = simulate_annotator(truth, min_iou), helped = simulate_annotator(truth, min_iou, seen);
    ASSERT_TRUE(alone && helped);
    EXPECT_LT(helped->keyframes, alone->keyframes) << min_iou;
    EXPECT_LE(helped->keyframes, 3U) << min_iou;
  }
}

TEST(SimulatedAnnotator, ATrackThatInterpolationExplainsTakesTwo) {
  Track truth = labels_of(15);
  const auto annotated = simulate_annotator(truth, 0.9);
  ASSERT_TRUE(annotated.has_value());
  EXPECT_EQ(annotated->keyframes, 2U);
  EXPECT_EQ(annotated->confirmed, 0U);
}

TEST(SimulatedAnnotator, PointsThatAreNotThereChangeNothing) {
  const Track truth = labels_of(51);
  const PointsNear none = [](TimestampNs, const Cuboid&) { return std::vector<Vec3d>{}; };
  const auto alone = simulate_annotator(truth, 0.7), blind = simulate_annotator(truth, 0.7, none);
  ASSERT_TRUE(alone && blind);
  EXPECT_EQ(alone->keyframes, blind->keyframes);
}

TEST(SimulatedAnnotator, AHeadingThatIsTurnedForOneFrameIsAJumpAndABendIsNot) {
  Track truth = labels_of(51);
  truth.keyframes[30].cuboid.rotation = quat_from_yaw(1.5);
  const auto [rest, jumps] = without_jumps(truth, 0.7);
  EXPECT_EQ(jumps, 1U);
  ASSERT_EQ(rest.keyframes.size(), 50U);
  EXPECT_EQ(rest.keyframes[30].timestamp, 31 * step);
}

TEST(SimulatedAnnotator, SetAtItsWorstFramesATrackComesOutRight) {
  const Track truth = labels_of(51);
  const auto few = keyframes_at_worst_frames(truth, 0.5), many = keyframes_at_worst_frames(truth, 0.95);
  ASSERT_TRUE(few && many);
  EXPECT_GE(*few, 3U);
  EXPECT_GT(*many, *few);
  EXPECT_LT(*many, 20U);
}

TEST(SimulatedAnnotator, ASceneWithoutSweepsCannotBeRefined) {
  Scene scene;
  scene.labels.tracks.push_back(labels_of(5));
  EXPECT_TRUE(annotation_report(scene, 0.7).has_value());
  const auto refined = annotation_report(scene, 0.7, {.refined = true});
  ASSERT_FALSE(refined.has_value());
  EXPECT_NE(refined.error().message.find("no sweep"), std::string::npos);
}

}  // namespace
}  // namespace sweepmark
