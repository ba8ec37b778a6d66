// SPDX-License-Identifier: Apache-2.0
#include "data/formats/datumaro.h"

#include <cmath>
#include <functional>
#include <set>

#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view datumaro_text = R"({"dm_format_version": "1.0", "media_type": 2, "infos": {"author": "us"},
 "categories": {
  "label": {"labels": [{"name": "car", "parent": "vehicle", "attributes": ["make"]}, {"name": "person", "parent": "", "attributes": []}], "label_groups": [], "attributes": ["occluded"]},
  "mask": {"colormap": [{"label_id": 1, "r": 255, "g": 0, "b": 16}]},
  "points": {"items": [{"label_id": 1, "labels": ["head", "hip"], "joints": [[1, 2]], "positions": []}]}},
 "items": [
  {"id": "a", "attr": {"frame": 0}, "image": {"path": "a.jpg", "size": [48, 64]}, "annotations": [
   {"id": 1, "type": "bbox", "attributes": {"occluded": true, "track_id": 7}, "group": 0, "label_id": 0, "bbox": [1.5, 2.0, 10.0, 4.25], "z_order": 3, "by": "ann"},
   {"id": 2, "type": "caption", "attributes": {}, "group": 0, "caption": "a street"},
   {"id": 3, "type": "points", "attributes": {}, "group": 5, "label_id": 1, "points": [3.0, 4.0, 0.0, 0.0], "visibility": [2, 0], "z_order": 0},
   {"id": 4, "type": "bbox", "attributes": {}, "group": 5, "label_id": 1, "bbox": [0.0, 0.0, 5.0, 6.0], "z_order": 0},
   {"id": 5, "type": "mask", "attributes": {}, "group": 0, "label_id": 1, "rle": {"counts": [0, 2, 46, 2, 46, 2, 2974], "size": [48, 64]}, "z_order": 0}]},
  {"id": "b", "attr": {"frame": 2}, "image": {"path": "b.jpg", "size": [48, 64]}, "annotations": [
   {"id": 6, "type": "bbox", "attributes": {"track_id": 7}, "group": 0, "label_id": 0, "bbox": [2.5, 2.0, 10.0, 4.25], "z_order": 0},
   {"id": 7, "type": "polygon", "attributes": {}, "group": 0, "label_id": 0, "points": [0.0, 0.0, 4.0, 0.0, 4.0, 4.0], "z_order": 0}]}]})";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(datumaro_text);
  replace(text, what, with);
  const auto scene = datumaro::parse(text, "f.json");
  return first_problem(scene);
}

TEST(Datumaro, AnnotationsOfATrackOrAGroupAreOneLabel) {
  const auto scene = datumaro::parse(datumaro_text, "/d/annotations/f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->images.size(), 2U);
  EXPECT_EQ(scene->images[0].file, "/d/images/f/a.jpg");
  EXPECT_EQ(scene->images[0].height, 48U);
  EXPECT_EQ(scene->images[1].timestamp, 200'000'000);
  const auto& tracks = scene->labels.image_tracks;
  ASSERT_EQ(tracks.size(), 4U);
  EXPECT_EQ(tracks[0].id, "7");
  ASSERT_EQ(tracks[0].keyframes.size(), 2U);
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{1.5, 2, 11.5, 6.25}));
  EXPECT_EQ(tracks[0].keyframes[0].attributes, (Attributes{{"occluded", "true"}}));
  EXPECT_TRUE(tracks[1].keyframes[0].value.skeleton && tracks[1].keyframes[0].value.box) << "one group";
  EXPECT_EQ(tracks[1].keyframes[0].value.skeleton->points[1].visibility, Visibility::absent);
  EXPECT_EQ(bounds(*tracks[2].keyframes[0].value.mask), (ImageBox{0, 0, 3, 2}));
  EXPECT_EQ(scene->labels.ontology.classes[1].color, "#ff0010");
  EXPECT_EQ(scene->labels.ontology.skeletons[0].points, (std::vector<std::string>{"head", "hip"}));
}

TEST(Datumaro, ACuboidOfAPointCloudIsTurnedAboutXThenYThenZ) {
  const auto scene = datumaro::parse(
      R"({"categories": {"label": {"labels": [{"name": "car"}]}}, "items": [{"id": "0", "point_cloud": {"path": ""}, "annotations": [
         {"id": 1, "type": "cuboid_3d", "attributes": {"track_id": 3}, "group": 0, "label_id": 0, "position": [1, 2, 3], "rotation": [0, 0, 0.5], "scale": [4, 2, 1.5]}]}]})",
      "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->labels.tracks.size(), 1U);
  EXPECT_EQ(scene->labels.tracks[0].id, "3");
  const Cuboid& c = scene->labels.tracks[0].keyframes[0].cuboid;
  EXPECT_EQ(c.center, (Vec3d{1, 2, 3}));
  EXPECT_EQ(c.size, (Vec3d{4, 2, 1.5})) << "length along its own x";
  EXPECT_NEAR(2 * std::atan2(c.rotation.z, c.rotation.w), 0.5, 1e-12);
}

TEST(Datumaro, WhatNobodyChangedKeepsItsBytesAndOneShapeChangesAlone) {
  const TemporaryFolder work;
  const fs::path file = work.path() / "annotations/f.json", out = work.path() / "g.json";
  fs::create_directories(file.parent_path());
  write_content(file, datumaro_text);
  Scene scene = scene_at(work.path());
  EXPECT_EQ(scene.format, Format::datumaro);
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::datumaro, out));
  EXPECT_EQ(content_of(out), datumaro_text);
  scene.labels.image_tracks[0].keyframes[0].value.box->left = 2;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::datumaro, out, Overwrite::yes));
  Json expected = Json::parse(datumaro_text);
  expected["items"][0]["annotations"][0]["bbox"] = {2.0, 2.0, 9.5, 4.25};
  EXPECT_EQ(Json::parse(content_of(out)), expected);
}

TEST(Datumaro, RandomLabelsInImagesComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(101);
  const TemporaryFolder work;
  for (int i = 0; i < 40; ++i) {
    Scene scene = image_scene_of(Format::bdd100k, [](int frame) { return TimestampNs{123'456'789} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] {
      ImageValue value;
      if (random.chance(2)) value.box = random.box(64, 48);
      if (random.chance(3)) value.mask = random.mask(64, 48);
      if (value.is_empty() || random.chance(3))
        value.polygon = Polygon{{Ring{{{1, 2}, {random.box(64, 48).left, 3}, {5, 7}}, RingKind::area}}};
      return value;
    });
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    LabelSet labels = scene.labels;
    take_out_for(scene, labels, Format::datumaro);
    ASSERT_EQ(first_difference(scene.labels, labels), "") << "all of it can be held";
    const fs::path first = work.path() / (std::to_string(i) + ".json"),
                   second = work.path() / (std::to_string(i) + "-again.json");
    const auto written = write_labels(scene, labels, Format::datumaro, first);
    ASSERT_TRUE(written) << written.error().message;
    const auto again = datumaro::parse(content_of(first), first);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(labels, again->labels), "") << content_of(first);
    LabelSet bare = again->labels;
    bare.source.reset();
    ASSERT_TRUE(write_labels(*again, bare, Format::datumaro, second));
    const auto twice = datumaro::parse(content_of(second), second);
    ASSERT_TRUE(twice) << twice.error().message;
    ASSERT_EQ(first_difference(again->labels, twice->labels), "");
  }
}

TEST(Datumaro, NewClassesComeBehindThoseOfTheFileWithTheirColoursAndSkeletons) {
  auto scene = datumaro::parse(
      R"({"categories": {"label": {"labels": [{"name": "car"}]}}, "items": [{"id": "0", "annotations": [
         {"id": 1, "type": "bbox", "attributes": {}, "group": 0, "label_id": 0, "bbox": [1, 2, 3, 4]}]}]})",
      "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  LabelSet& labels = scene->labels;
  for (const char* name : {"dog", "cat", "cow", "pig"}) {  // the file has no colours and no points yet
    labels.ontology.classes.push_back({.name = name, .color = "#102030", .skeleton = name});
    labels.ontology.skeletons.push_back({.name = name, .points = {"nose", "tail"}, .edges = {{0, 1}}});
  }
  const TemporaryFolder work;
  ASSERT_TRUE(write_labels(*scene, labels, Format::datumaro, work.path() / "o.json"));
  const auto again = datumaro::parse(content_of(work.path() / "o.json"), "o.json");
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->labels.ontology.classes.size(), 5U);
  EXPECT_EQ(again->labels.ontology.classes[0].name, "car");
  EXPECT_EQ(again->labels.ontology.classes[4].name, "pig");
  EXPECT_EQ(again->labels.ontology.classes[2].color, "#102030");
  ASSERT_EQ(again->labels.ontology.skeletons.size(), 4U);
  EXPECT_EQ(again->labels.ontology.skeletons[3].points, (std::vector<std::string>{"nose", "tail"}));
}

constexpr std::string_view skeletons_text = R"({"categories": {
  "label": {"labels": [{"name": "person", "parent": ""}, {"name": "nose", "parent": "person"}, {"name": "hand", "parent": "person"},
                       {"name": "dog", "parent": ""}, {"name": "nose", "parent": "dog"}]},
  "points": {"items": [{"label_id": 0, "labels": ["nose", "hand"], "joints": [[1, 2]]}, {"label_id": 3, "labels": ["nose"], "joints": []}]}},
 "items": [{"id": "a", "image": {"path": "a.jpg", "size": [80, 100]}, "annotations": [
   {"id": 1, "type": "skeleton", "attributes": {}, "group": 0, "label_id": 0, "elements": [
     {"id": 2, "type": "points", "attributes": {"by": "ann"}, "group": 0, "label_id": 2, "points": [45.0, 42.0], "visibility": [1], "z_order": 0},
     {"id": 3, "type": "points", "attributes": {}, "group": 0, "label_id": 1, "points": [30.5, 15.25], "visibility": [2], "z_order": 0}]},
   {"id": 4, "type": "skeleton", "attributes": {}, "group": 0, "label_id": 3, "points": [7.0, 8.0, 2]},
   {"id": 5, "type": "ellipse", "attributes": {}, "group": 0, "label_id": 3, "points": [10.0, 20.0, 50.0, 40.0], "z_order": 2},
   {"id": 6, "type": "points", "attributes": {}, "group": 0, "label_id": 2, "points": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "visibility": [2, 2, 2], "z_order": 0},
   {"id": 7, "type": "label", "attributes": {}, "group": 0, "label_id": 3},
   {"id": 8, "type": "label", "attributes": {}, "group": 0, "label_id": 0},
   {"id": 9, "type": "cuboid_2d", "attributes": {}, "group": 0, "label_id": 0, "points": [[1, 2]], "z_order": 0}]}]})";

TEST(Datumaro, ASkeletonIsReadFromOneListOrFromElementsByTheirNames) {
  const auto scene = datumaro::parse(skeletons_text, "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const auto& tracks = scene->labels.image_tracks;
  ASSERT_EQ(tracks.size(), 4U);
  const Skeleton person{{{{30.5, 15.25}, Visibility::visible}, {{45, 42}, Visibility::hidden}}};
  EXPECT_EQ(*tracks[0].keyframes[0].value.skeleton, person) << "in the order of the class's skeleton";
  EXPECT_EQ(*tracks[1].keyframes[0].value.skeleton, (Skeleton{{{{7, 8}, Visibility::visible}}}));
  EXPECT_EQ(tracks[3].keyframes[0].value.skeleton->points.size(), 3U) << "points of a class without a skeleton";
  EXPECT_EQ(scene->labels.ontology.classes[4].name, "dog/nose") << "two points of one name";
}

TEST(Datumaro, TheSkeletonOfTheSampleIsShown) {
  SWEEPMARK_NEED_DATA(file, "cases/bring/datumaro_skeleton.json");
  const Scene scene = scene_at(file);
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  EXPECT_EQ(scene.labels.image_tracks[0].class_name, "person");
  const Skeleton expected{{{{30.5, 15.25}, Visibility::visible}, {{45, 42}, Visibility::hidden}}};
  EXPECT_EQ(*scene.labels.image_tracks[0].keyframes[0].value.skeleton, expected);
}

TEST(Datumaro, AnEllipseIsThePolygonAroundIt) {
  const auto scene = datumaro::parse(skeletons_text, "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const Polygon& polygon = *scene->labels.image_tracks[2].keyframes[0].value.polygon;
  EXPECT_EQ(bounds(polygon), (ImageBox{10, 20, 50, 40}));
  EXPECT_NEAR(area(polygon), 3.14159265 * 20 * 10, 0.0017 * 3.14159265 * 20 * 10);
  for (const Vec2d& v : polygon.rings[0].vertices)
    EXPECT_NEAR(std::pow((v.x - 30) / 20, 2) + std::pow((v.y - 30) / 10, 2), 1, 1e-12) << "on the ellipse";
}

/// Each annotation is a label, or is counted by its kind.
void expect_all_accounted(std::string_view text, const Scene& scene) {
  std::size_t annotations = 0, shown = 0, counted = 0;
  const Json root = Json::parse(text);
  for (const Json& item : root["items"]) annotations += item["annotations"].size();
  const auto count_values = [&](const ImageValue& v) {
    shown += (v.box ? 1 : 0) + (v.mask ? 1 : 0) + (v.skeleton ? 1 : 0) + (v.polygon ? v.polygon->rings.size() : 0);
  };
  for (const ImageTrack& track : scene.labels.image_tracks) {
    for (const ImageKeyframe& k : track.keyframes) count_values(k.value);
  }
  for (const std::string& note : scene.notes) {
    if (note.find("kept in the file") != std::string::npos) counted += std::stoul(note);
  }
  EXPECT_EQ(annotations, shown + counted);
}

TEST(Datumaro, EveryAnnotationIsShownOrCountedByItsKind) {
  for (const std::string_view text : {skeletons_text, datumaro_text}) {
    const auto scene = datumaro::parse(text, "f.json");
    ASSERT_TRUE(scene) << scene.error().message;
    expect_all_accounted(text, *scene);
  }
  const auto scene = datumaro::parse(skeletons_text, "f.json");
  const std::set<std::string> notes(scene->notes.begin(), scene->notes.end());
  EXPECT_TRUE(notes.contains("2 annotations of type label are kept in the file but not shown"));
  EXPECT_TRUE(notes.contains("1 annotation of type cuboid_2d is kept in the file but not shown"));
  EXPECT_TRUE(notes.contains("1 ellipse is shown as a polygon of 64 corners"));
}

TEST(Datumaro, ASkeletonAndAnEllipseStayWhatTheyAreInTheFile) {
  auto scene = datumaro::parse(skeletons_text, "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const TemporaryFolder work;
  const auto written = [&](const std::string& name) {
    EXPECT_TRUE(write_labels(*scene, scene->labels, Format::datumaro, work.path() / name));
    return content_of(work.path() / name);
  };
  EXPECT_EQ(written("same.json"), skeletons_text);
  auto& tracks = scene->labels.image_tracks;
  tracks[0].keyframes[0].value.skeleton->points[1] = {{46, 43}, Visibility::visible};
  tracks[1].keyframes[0].value.skeleton->points[0].position = {9, 8};
  tracks[2].class_name = "person";
  Json expected = Json::parse(skeletons_text);
  Json& annotations = expected["items"][0]["annotations"];
  annotations[0]["elements"][0]["points"] = {46.0, 43.0};
  annotations[0]["elements"][0]["visibility"] = {2};
  annotations[1]["points"] = {9.0, 8.0, 2};
  annotations[2]["label_id"] = 0;
  for (Json& a : {std::ref(annotations[0]), std::ref(annotations[1])}) a["z_order"] = 0;
  EXPECT_EQ(Json::parse(written("moved.json")), expected);
  tracks[2].keyframes[0].value.polygon->rings[0].vertices[0].x = 60;
  const Json changed = Json::parse(written("changed.json"))["items"][0]["annotations"][2];
  EXPECT_EQ(changed["type"], "polygon") << "no ellipse any more";
  EXPECT_EQ(changed["id"], 5);
  EXPECT_EQ(changed["z_order"], 2);
  EXPECT_EQ(changed["points"].size(), 128U);
}

TEST(Datumaro, DamageInSkeletonsAndEllipsesIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    std::string text(skeletons_text);
    replace(text, what, with);
    const auto scene = datumaro::parse(text, "f.json");
    return first_problem(scene);
  };
  expect_words(problem("\"label_id\": 2, \"points\": [45.0", "\"label_id\": 0, \"points\": [45.0"),
               {"/items/0/annotations/0/elements/0/label_id", "skeleton person", "\"person\"", "f.json"});
  expect_words(problem("\"label_id\": 2, \"points\": [45.0", "\"label_id\": 1, \"points\": [45.0"),
               {"/items/0/annotations/0/elements/1", "once", "\"nose\""});
  expect_words(problem("[45.0, 42.0]", "[45.0, 42.0, 1.0, 1.0]"), {"/elements/0/", "2 points"});
  expect_words(problem("[7.0, 8.0, 2]", "[7.0, 8.0, 2, 7.0, 8.0, 2]"),
               {"/items/0/annotations/1/points", "1 points of dog", "got 6"});
  expect_words(problem("[7.0, 8.0, 2]", "[7.0, 8.0, 3]"), {"/items/0/annotations/1/points", "0, 1 or 2, got 3"});
  expect_words(problem("[7.0, 8.0, 2]", "[7.0, 8.0]"), {"/items/0/annotations/1/points", "visibility of each"});
  expect_words(problem("[10.0, 20.0, 50.0, 40.0]", "[10.0, 20.0, 5.0, 40.0]"),
               {"/items/0/annotations/2/points", "got width -5"});
  expect_words(problem("[10.0, 20.0, 50.0, 40.0]", "[10.0, 20.0]"), {"/items/0/annotations/2/points", "4 numbers"});
  expect_words(problem("\"name\": \"hand\", \"parent\": \"person\"", "\"name\": \"person\", \"parent\": \"\""),
               {"/categories/label/labels/2/name", "\"person\" again"});
}

TEST(Datumaro, DamageIsNamedByItsPlace) {
  EXPECT_EQ(problem_of("a street", "a road"), "");
  expect_words(problem_of("\"label_id\": 0, \"bbox\": [1.5", "\"label_id\": 9, \"bbox\": [1.5"),
               {"/items/0/annotations/0/label_id", "below 2", "got 9", "f.json"});
  expect_words(problem_of("10.0, 4.25], \"z_order\": 3", "-10.0, 4.25], \"z_order\": 3"),
               {"/items/0/annotations/0/bbox", "not below 0"});
  expect_words(problem_of("\"visibility\": [2, 0]", "\"visibility\": [2]"), {"/visibility", "2 points"});
  expect_words(problem_of("\"visibility\": [2, 0]", "\"visibility\": [2, 7]"), {"/visibility", "got 7"});
  expect_words(problem_of("[0, 2, 46, 2, 46, 2, 2974]", "[0, 2, 46]"), {"/items/0/annotations/4/rle/counts"});
  expect_words(problem_of("[0.0, 0.0, 4.0, 0.0, 4.0, 4.0]", "[0.0, 0.0, 4.0]"), {"/points", "pairs of x and y"});
  expect_words(problem_of("\"joints\": [[1, 2]]", "\"joints\": [[1, 3]]"),
               {"/categories/points/items/0/joints/0", "1 to 2"});
  expect_words(problem_of("\"name\": \"person\"", "\"name\": \"car\""), {"/categories/label/labels/1/name", "\"car\""});
  expect_words(problem_of("{\"id\": 4, \"type\": \"bbox\"", "{\"id\": 4, \"type\": \"points\""),
               {"/items/0/annotations/3"});
  expect_words(problem_of("\"type\": \"mask\"", "\"type\": 5"), {"/items/0/annotations/4/type", "text"});
}

}  // namespace
}  // namespace sweepmark::testing_support
