// SPDX-License-Identifier: Apache-2.0
#include "data/formats/sweepmark_json.h"

#include "data/write_labels.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"

namespace sweepmark::testing_support {
namespace {

constexpr std::string_view scene_text = R"({"sweepmark_scene": 1, "name": "s", "customer": {"job": [1, 2.50]},
 "sensors": [{"name": "top", "kind": "lidar", "ego_from_sensor": {"translation": [0, 0, 1.8], "rotation": [1, 0, 0, 0]}}],
 "sweeps": [{"sensor": 0, "timestamp_ns": 5, "file": "a.bin", "kind": "kitti_bin", "world_from_points": {"translation": [0, 0, 0], "rotation": [1, 0, 0, 0]}}],
 "frames": [{"timestamp_ns": 5, "world_from_ego": {"translation": [0, 0, 0], "rotation": [1, 0, 0, 0]}, "sweeps": [0], "images": []}],
 "tracks": [{"id": "a", "class": "car", "color": "red", "absences": [[6, 7]], "keyframes": [
   {"timestamp_ns": 1532402927647951001, "center": [691608.123456789, 0.1, 1e-07], "size": [4, 2, 1.5], "rotation": [1, 0, 0, 0], "points": 3, "note": "check"}]}]})";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(scene_text);
  replace(text, what, with);
  const auto scene = sweepmark_json::parse(text, "f.sweepmark.json");
  return first_problem(scene);
}

TEST(SweepmarkJson, UnknownMembersAndEveryDigitSurviveARoundTrip) {
  const auto scene = sweepmark_json::parse(scene_text, "/x/s.sweepmark.json");
  ASSERT_TRUE(scene.has_value()) << scene.error().message;
  const std::string text = sweepmark_json::to_text(*scene, scene->labels, "/x");
  expect_words(text, {"\"customer\": {\"job\":[1,2.5]}", "\"color\": \"red\"", "\"note\":\"check\"",
                      "1532402927647951001", "691608.123456789", "1e-07", "\"file\":\"a.bin\"", "[[6,7]]"});
  const auto again = sweepmark_json::parse(text, "/x/s.sweepmark.json");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(sweepmark_json::to_text(*again, again->labels, "/x"), text);
  EXPECT_EQ(again->labels.tracks[0].keyframes[0].cuboid, scene->labels.tracks[0].keyframes[0].cuboid);
}

TEST(SweepmarkJson, SweepsAreNamedRelativeToTheFile) {
  const auto scene = sweepmark_json::parse(scene_text, "/x/s.sweepmark.json");
  ASSERT_TRUE(scene.has_value());
  EXPECT_EQ(scene->sweeps[0].file, "/x/a.bin");
  expect_words(sweepmark_json::to_text(*scene, scene->labels, "/y/z"), {"\"file\":\"../../x/a.bin\""});
}

TEST(SweepmarkJson, DamageIsNamedByItsPlace) {
  expect_words(problem_of("\"sweepmark_scene\": 1", "\"sweepmark_scene\": 2"),
               {"/sweepmark_scene", "version 1", "f.sweepmark.json"});
  expect_words(problem_of("\"points\": 3", "\"points\": 3.5"), {"/tracks/0/keyframes/0/points", "whole number"});
  expect_words(problem_of("[4, 2, 1.5]", "[4, 0, 1.5]"), {"/tracks/0/keyframes/0/size", "above 0"});
  expect_words(problem_of("[4, 2, 1.5]", "[4, 2]"), {"array of 3 numbers"});
  expect_words(problem_of("\"rotation\": [1, 0, 0, 0], \"points\"", "\"rotation\": [2, 0, 0, 0], \"points\""),
               {"unit quaternion"});
  expect_words(problem_of("\"sensor\": 0", "\"sensor\": 1"), {"/sweeps/0/sensor", "below 1", "got 1"});
  expect_words(problem_of("\"id\": \"a\", ", ""), {"/tracks/0", "\"id\""});
  expect_words(problem_of("{\"sweepmark_scene\"", "{{"), {"not valid JSON"});
  const auto later = [](const char* changes) {
    return problem_of("\"color\": \"red\"", std::string("\"later_classes\": ") + changes);
  };
  EXPECT_EQ(later("[[6, \"bus\"], [8, \"car\"]]"), "");
  expect_words(later("[[6, \"bus\"], [6, \"car\"]]"), {"/tracks/0/later_classes/1", "ascending"});
  expect_words(later("[[6, \"car\"]]"), {"/tracks/0/later_classes/0", "another class", "\"car\""});
  expect_words(later("[[6]]"), {"/tracks/0/later_classes/0", "a timestamp and a class"});
}

}  // namespace
}  // namespace sweepmark::testing_support
