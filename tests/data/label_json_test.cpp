// SPDX-License-Identifier: Apache-2.0
#include "data/formats/label_json.h"

#include "data/formats/sweepmark_json.h"
#include "data/store/changes.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"
#include "tests/data/random_labels.h"

namespace sweepmark::testing_support {
namespace {

TEST(LabelJson, EveryKindOfLabelComesBackFromASceneFile) {
  RandomLabels random(21);
  for (int i = 0; i < 200; ++i) {
    Scene scene;
    scene.name = "s";
    scene.labels = random.labels(5);
    scene.labels.point_labels.clear();  // not in this format
    scene.labels.point_classes.clear();
    const std::string text = sweepmark_json::to_text(scene, scene.labels, "");
    const auto again = sweepmark_json::parse(text, "s.sweepmark.json");
    ASSERT_TRUE(again) << again.error().message << "\n" << text;
    const auto changes = difference(scene.labels, again->labels);
    ASSERT_TRUE(changes.empty()) << name_of_row(changes.front()) << "\n" << text;
    ASSERT_EQ(sweepmark_json::to_text(*again, again->labels, ""), text);
  }
}

constexpr std::string_view image_scene = R"({"sweepmark_scene": 1, "name": "s",
 "ontology": {"project": 7, "classes": [{"name": "person", "number": 1, "skeleton": "body"}],
  "skeletons": [{"name": "body", "points": ["head", "hip"], "edges": [[0, 1]]}]},
 "events": [{"id": "e", "class": "turn", "begin_ns": 3, "end_ns": 9, "weather": "rain"}],
 "comments": [{"id": "c", "written_ns": 5, "text": "too wide", "about_ns": 3}],
 "image_tracks": [{"camera": "front", "id": "a", "class": "person", "hue": 3, "keyframes": [
  {"timestamp_ns": 3, "box": [0.5, 1, 7.25, 9], "rotation": 0.5, "mask": {"size": [2, 3], "counts": "024"}, "seen": true,
   "polygon": [{"kind": "area", "vertices": [[0, 0], [4, 0], [4, 4]]}], "keypoints": [[1, 2, 2], [0, 0, 0]]}]}]})";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(image_scene);
  replace(text, what, with);
  const auto scene = sweepmark_json::parse(text, "f.sweepmark.json");
  return first_problem(scene);
}

TEST(LabelJson, UnknownMembersOfImageLabelsSurvive) {
  const auto scene = sweepmark_json::parse(image_scene, "f.sweepmark.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const ImageValue& value = scene->labels.image_tracks[0].keyframes[0].value;
  EXPECT_EQ(*value.box, (ImageBox{0.5, 1, 7.25, 9, 0.5}));
  EXPECT_EQ(area(*value.mask), 2U);
  EXPECT_EQ(value.skeleton->points[0].visibility, Visibility::visible);
  const std::string text = sweepmark_json::to_text(*scene, scene->labels, "");
  expect_words(text, {"\"project\": 7", "\"weather\":\"rain\"", "\"hue\": 3", "\"seen\":true", "\"rotation\":0.5"});
}

TEST(LabelJson, DamageOfImageLabelsIsNamedByItsPlace) {
  EXPECT_EQ(problem_of("\"e\"", "\"e\""), "");
  expect_words(problem_of("[0.5, 1, 7.25, 9]", "[0.5, 1, 0.25, 9]"),
               {"/image_tracks/0/keyframes/0/box", "got width -0.25"});
  expect_words(problem_of("[2, 3], \"counts\"", "[2, 4], \"counts\""),
               {"keyframes/0/mask/counts", "8 pixels", "got 6"});
  expect_words(problem_of("[1, 2, 2]", "[1, 2, 3]"), {"keypoints/0", "0 (absent)"});
  expect_words(problem_of("\"kind\": \"area\"", "\"kind\": \"disk\""), {"polygon/0/kind", "area, hole, line"});
  expect_words(problem_of("[[0, 1]]", "[[0, 2]]"), {"/ontology/skeletons/0/edges/0", "below 2"});
  expect_words(problem_of("\"skeleton\": \"body\"", "\"skeleton\": \"hand\""),
               {"/ontology/classes/0/skeleton", "hand"});
  expect_words(problem_of("\"end_ns\": 9", "\"end_ns\": 2"), {"/events/0/end_ns", "before the begin"});
  expect_words(problem_of("\"written_ns\": 5", "\"written_ns\": \"5\""), {"/comments/0/written_ns", "whole number"});
  expect_words(problem_of("\"camera\": \"front\", ", ""), {"/image_tracks/0", "\"camera\""});
}

TEST(LabelJson, AnOntologyFileComesBack) {
  RandomLabels random(22);
  for (int i = 0; i < 100; ++i) {
    const Ontology ontology = random.labels(1).ontology;
    const auto again = label_json::parse_ontology(label_json::ontology_text(ontology), "o.json");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(*again, ontology);
  }
  const auto wrong =
      label_json::parse_ontology(R"({"sweepmark_ontology": 1, "classes": [{"name": "a"}, {"name": "a"}]})", "o.json");
  ASSERT_FALSE(wrong);
  expect_words(wrong.error().message, {"/classes/1/name", "\"a\" again", "o.json"});
}

}  // namespace
}  // namespace sweepmark::testing_support
