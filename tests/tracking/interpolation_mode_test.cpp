// SPDX-License-Identifier: Apache-2.0
#include "tracking/interpolation_mode.h"

#include <gtest/gtest.h>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"

namespace sweepmark {
namespace {

TEST(InterpolationMode, WheeledClassesOfEveryDatasetMoveWhereTheyHead) {
  for (const char* name : {"Car", "Van", "vehicle.car", "vehicle.bus.rigid", "REGULAR_VEHICLE", "BOX_TRUCK", "Cyclist",
                           "motorcycle", "TYPE_VEHICLE", "Pickup Truck", "VEHICLE"})
    EXPECT_EQ(mode_of_class(name), InterpolationMode::motion) << name;
  for (const char* name : {"Pedestrian", "human.pedestrian.adult", "Person_sitting", "BOLLARD",
                           "movable_object.barrier", "VEHICULAR_TRAILER", "shopping cart", "cargo", ""})
    EXPECT_EQ(mode_of_class(name), InterpolationMode::smooth) << name;
}

TEST(InterpolationMode, NamesComeBack) {
  for (const auto mode :
       {InterpolationMode::linear, InterpolationMode::smooth, InterpolationMode::motion, InterpolationMode::still})
    EXPECT_EQ(mode_from_name(mode_name(mode)), mode);
  EXPECT_FALSE(mode_from_name("quick").has_value());
}

Track speeding_up() {
  Track track;
  track.id = "t";
  track.class_name = "car";
  for (const TimestampNs second : {0, 1, 2, 3})
    track.keyframes.push_back({.timestamp = second * 1'000'000'000,
                               .cuboid = {{static_cast<double>(second * second), 0, 0}, {4, 2, 1}, {}},
                               .stored_count = {},
                               .attributes = {}});
  return track;
}

TEST(InterpolationMode, ATracksAttributeWinsOverItsClassAndAnArgumentOverBoth) {
  Track track = speeding_up();
  const TimestampNs between = 1'500'000'000;
  EXPECT_NEAR((*evaluate(track, between))->center.x, 2.25, 0.06);
  track.attributes["interpolation"] = "linear";
  EXPECT_EQ((*evaluate(track, between))->center.x, 2.5);
  EXPECT_EQ((*evaluate(track, between, {}, InterpolationMode::still))->center.x, 1);
}

TEST(InterpolationMode, AnAttributeThatNamesNoModeIsAnErrorThatNamesTheTrack) {
  Track track = speeding_up();
  track.attributes["interpolation"] = "cubic";
  const auto result = evaluate(track, 5);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("track t"), std::string::npos);
  EXPECT_NE(result.error().message.find("cubic"), std::string::npos);
}

}  // namespace
}  // namespace sweepmark
