// SPDX-License-Identifier: Apache-2.0
#include "data/store/match_tracks.h"

#include <gtest/gtest.h>

#include "data/store/changes.h"

namespace sweepmark::testing_support {
namespace {

Track car(const std::string& id, double x, double jitter = 0) {
  Track track{.id = id, .class_name = "Car", .attributes = {}, .keyframes = {}, .absences = {}};
  for (TimestampNs time = 0; time <= 10; time += 5)
    track.keyframes.push_back({.timestamp = time,
                               .cuboid = {{x + static_cast<double>(time) + jitter, 0, 0}, {4, 2, 1.5}, {}},
                               .stored_count = {},
                               .attributes = {}});
  return track;
}
ImageTrack seen(const std::string& id, double left) {
  ImageTrack track{.camera = "front", .id = id, .class_name = "Car"};
  for (TimestampNs time = 0; time <= 10; time += 10)
    track.keyframes.push_back({.timestamp = time, .value = {.box = ImageBox{left, 0, left + 40, 30}}});
  return track;
}

TEST(MatchTracks, ObjectsThatTwoPeopleAddedAreFoundByTheirOverlap) {
  LabelSet base, a, b;
  base.tracks = {car("1", -50)};
  a = base;
  b = base;
  a.tracks.push_back(car("2", 0));
  a.tracks.push_back(car("3", 20));
  a.image_tracks = {seen("2", 100)};
  // The other way round, a little off, and one more under an id that `a` has for something else.
  b.tracks.push_back(car("2", 20, 0.3));
  b.tracks.push_back(car("3", 0, -0.3));
  b.tracks.push_back(car("4", 40));
  b.image_tracks = {seen("7", 105), seen("2", 500)};
  b.events = {{.id = "e", .class_name = "turn", .begin = 0, .end = 5, .tracks = {"2", "4"}}};
  const auto matches = match_tracks(base, a, b);
  ASSERT_EQ(matches.size(), 3U);
  EXPECT_EQ(matches[0].id_in_a, "2");
  EXPECT_EQ(matches[0].id_in_b, "3");
  EXPECT_GT(matches[0].overlap, 0.8);
  EXPECT_EQ(matches[1].id_in_b, "2");
  EXPECT_EQ(matches[2].camera, "front");
  EXPECT_EQ(matches[2].id_in_b, "7");

  const LabelSet renamed = with_ids_of(base, a, b);
  EXPECT_EQ(renamed.tracks[1].id, "3");
  EXPECT_EQ(renamed.tracks[2].id, "2");
  EXPECT_EQ(renamed.tracks[3].id, "4");
  EXPECT_EQ(renamed.image_tracks[0].id, "2");
  EXPECT_EQ(renamed.image_tracks[1].id, "2-2") << "`a` has another object of this id in that camera";
  EXPECT_EQ(renamed.events[0].tracks, (std::vector<std::string>{"3", "4"}));
  // By id alone the merge would mix two objects into one track; so it lists what differs, object by object.
  const Merge merged = merge(base, a, renamed);
  EXPECT_FALSE(merged.conflicts.empty());
  for (const auto& [x, y] : merged.conflicts) EXPECT_EQ(row_of(x), row_of(y));
  LabelSet labels = base;
  ASSERT_TRUE(apply_changes(labels, merged.changes));
  EXPECT_EQ(labels.tracks.size(), 4U);
}

TEST(MatchTracks, WhatDoesNotOverlapOrIsAnotherClassOrWasThereBeforeIsNotMatched) {
  LabelSet base, a, b;
  a.tracks = {car("1", 0)};
  b.tracks = {car("2", 3)};
  EXPECT_TRUE(match_tracks(base, a, b).empty()) << "less than half";
  b.tracks = {car("2", 0)};
  b.tracks[0].class_name = "Van";
  EXPECT_TRUE(match_tracks(base, a, b).empty());
  b.tracks = {car("2", 0)};
  base.tracks = {car("2", 0)};
  EXPECT_TRUE(match_tracks(base, a, b).empty()) << "an object of the base keeps its name";
  base.tracks.clear();
  for (Keyframe& k : b.tracks[0].keyframes) k.timestamp += 100;
  EXPECT_TRUE(match_tracks(base, a, b).empty()) << "at another time";
  EXPECT_TRUE(match_tracks({}, {}, {}).empty());
}

TEST(MatchTracks, OnlyTheBestPairOfSeveralIsTaken) {
  LabelSet a, b;
  a.tracks = {car("1", 0), car("2", 0.5)};
  b.tracks = {car("x", 0.4)};
  const auto matches = match_tracks({}, a, b);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].id_in_a, "2");
}

}  // namespace
}  // namespace sweepmark::testing_support
