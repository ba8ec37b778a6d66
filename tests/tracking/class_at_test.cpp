// SPDX-License-Identifier: Apache-2.0
#include "tracking/class_at.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tracking/image_track.h"

namespace sweepmark {
namespace {

using Changes = std::vector<LaterClass>;

Track track_at(std::initializer_list<TimestampNs> times) {
  Track track;
  track.class_name = "Van";
  for (const TimestampNs time : times)
    track.keyframes.push_back({.timestamp = time,
                               .cuboid = {},
                               .stored_count = {},
                               .attributes = {},
                               .source_row = static_cast<std::uint32_t>(track.keyframes.size())});
  return track;
}

TEST(ClassAt, AClassHoldsFromItsTimeOnUntilTheNext) {
  Track track;
  track.class_name = "Van";
  EXPECT_EQ(class_at(track, 5), "Van");
  track.later_classes = {{10, "Truck"}, {20, "Bus"}};
  EXPECT_EQ(class_at(track, -100), "Van");
  EXPECT_EQ(class_at(track, 9), "Van");
  EXPECT_EQ(class_at(track, 10), "Truck");
  EXPECT_EQ(class_at(track, 19), "Truck");
  EXPECT_EQ(class_at(track, 1000), "Bus");
}

TEST(ClassAt, SettingFromATimeOnReplacesWhatComesLaterAndSaysNothingTwice) {
  Track track;
  track.class_name = "Van";
  set_class_from(track, 10, "Van");
  EXPECT_TRUE(track.later_classes.empty());
  set_class_from(track, 10, "Truck");
  set_class_from(track, 20, "Bus");
  set_class_from(track, 15, "Truck");
  EXPECT_EQ(track.later_classes, (Changes{{10, "Truck"}}));
  set_class_from(track, 10, "Van");
  EXPECT_TRUE(track.later_classes.empty());
  set_class_from(track, 10, "Truck");
  set_class(track, "Bus");
  EXPECT_EQ(track.class_name, "Bus");
  EXPECT_TRUE(track.later_classes.empty());
}

TEST(ClassAt, ClassesOfRowsAreTakenWhereTheyChange) {
  Track track = track_at({0, 10, 20, 30, 40});
  const std::vector<std::string> classes = {"Car", "Car", "Truck", "Truck", "Car"};
  set_classes_of_rows(track, classes, std::identity{});
  EXPECT_EQ(track.class_name, "Car");
  EXPECT_EQ(track.later_classes, (Changes{{20, "Truck"}, {40, "Car"}}));
  for (std::size_t i = 0; i < classes.size(); ++i)
    EXPECT_EQ(class_at(track, track.keyframes[i].timestamp), classes[i]) << i;
}

TEST(ClassAt, APartTakesTheClassesThatItsKeyframesHave) {
  Track whole = track_at({0, 10, 20, 30});
  whole.later_classes = {{5, "Truck"}, {25, "Bus"}, {50, "Tram"}};
  Track part = track_at({10, 20, 30});
  take_classes_of(whole, part);
  EXPECT_EQ(part.class_name, "Truck");
  EXPECT_EQ(part.later_classes, (Changes{{30, "Bus"}}));
  take_classes_of(whole, whole);
  EXPECT_EQ(whole.class_name, "Van");
  EXPECT_EQ(whole.later_classes, (Changes{{10, "Truck"}, {30, "Bus"}})) << "at keyframes, and only those that one has";
}

TEST(ClassAt, TracksInImagesHaveClassesInTheSameWay) {
  ImageTrack track{.class_name = "car"};
  set_class_from(track, 7, "bus");
  EXPECT_EQ(class_at(track, 7), "bus");
  std::set<std::string> classes;
  for_each_class(track, [&](const std::string& name) { classes.insert(name); });
  EXPECT_EQ(classes, (std::set<std::string>{"bus", "car"}));
}

}  // namespace
}  // namespace sweepmark
