// SPDX-License-Identifier: Apache-2.0
#include "data/formats/bdd100k.h"

#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view frames_text = R"([{"name": "v-0001.jpg", "videoName": "v", "frameIndex": 0, "labels": [
  {"id": "7", "category": "car", "attributes": {"occluded": false, "truncated": true}, "box2d": {"x1": 0, "x2": 75.5, "y1": 346.25, "y2": 407.5}},
  {"id": "8", "category": "person", "score": 0.75, "rle": {"counts": "024", "size": [2, 3]}, "box3d": null},
  {"id": "9", "category": "scene", "attributes": {"weather": "rain"}}]},
 {"name": "v-0002.jpg", "videoName": "v", "frameIndex": 1, "timestamp": null, "labels": []},
 {"name": "v-0003.jpg", "videoName": "v", "frameIndex": 2, "labels": [
  {"id": "7", "category": "car", "poly2d": [{"vertices": [[0, 0], [4, 0], [6, 2], [6, 4], [4, 6]], "types": "LLCCL", "closed": true}, {"vertices": [[1, 1], [2, 2]], "types": "LL", "closed": false}]},
  {"id": "8", "category": "person", "graph": {"nodes": [{"location": [5, 6], "category": "head", "visibility": "V", "id": "a"}, {"location": [5, 9], "category": "hip", "visibility": "N", "id": "b"}], "edges": [{"source": "a", "target": "b", "type": "body"}], "type": "Pose2D"}}]}])";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(frames_text);
  replace(text, what, with);
  const auto scene = bdd100k::parse(text, "f.json");
  return first_problem(scene);
}

TEST(Bdd100k, LabelsOfAVideoAreTracksOfEveryKindOfShape) {
  const auto scene = bdd100k::parse(frames_text, "/d/f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  EXPECT_EQ(scene->images[2].file, "/d/v-0003.jpg");
  ASSERT_EQ(scene->labels.image_tracks.size(), 2U);
  const ImageTrack& car = scene->labels.image_tracks[0];
  EXPECT_EQ(car.id, "7");
  EXPECT_EQ(*car.keyframes[0].value.box, (ImageBox{0, 346.25, 75.5, 407.5}));
  EXPECT_EQ(car.keyframes[0].attributes.at("truncated"), "true");
  EXPECT_EQ(car.absences, (std::vector<AbsenceSpan>{{200'000'000, 200'000'000}})) << "not in the second frame";
  const Polygon& polygon = *car.keyframes[1].value.polygon;
  EXPECT_EQ(polygon.rings[0].vertices.size(), 3U + 7U) << "a curve becomes short lines";
  EXPECT_EQ(polygon.rings[0].vertices[5], (Vec2d{5.5, 3})) << "half way along the curve";
  EXPECT_EQ(polygon.rings[1].kind, RingKind::line);
  const ImageTrack& person = scene->labels.image_tracks[1];
  EXPECT_EQ(area(*person.keyframes[0].value.mask), 2U);
  EXPECT_EQ(person.keyframes[0].attributes.at("score"), "0.75");
  EXPECT_EQ(person.keyframes[1].value.skeleton->points[1], (Keypoint{{5, 9}, Visibility::hidden}));
  EXPECT_EQ(scene->labels.ontology.skeletons[0].points, (std::vector<std::string>{"head", "hip"}));
}

TEST(Bdd100k, WhatNobodyChangedKeepsItsContentAndAChangedLabelTheRest) {
  auto scene = bdd100k::parse(frames_text, "f.json");
  ASSERT_TRUE(scene);
  const Json before = Json::parse(frames_text);
  EXPECT_EQ(Json::parse(*bdd100k::to_text(*scene, scene->labels, "f.json")), before);
  scene->labels.image_tracks[0].keyframes[0].value.box->right = 80;
  Json expected = before;
  expected[0]["labels"][0]["box2d"]["x2"] = 80.0;
  EXPECT_EQ(Json::parse(*bdd100k::to_text(*scene, scene->labels, "f.json")), expected);
}

TEST(Bdd100k, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(51);
  for (int i = 0; i < 100; ++i) {
    Scene scene = image_scene_of(Format::bdd100k, [](int frame) { return TimestampNs{200'000'000} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] {
      ImageValue value{.mask = random.mask(64, 48)};
      if (random.chance(2)) value.box = random.box(64, 48);
      if (random.chance(2)) value.polygon = random.polygon(64, 48);
      if (value.polygon) {
        for (Ring& ring : value.polygon->rings) ring.kind = random.chance(3) ? RingKind::line : RingKind::area;
      }
      return value;
    });
    for (ImageTrack& track : scene.labels.image_tracks) {
      for (ImageKeyframe& k : track.keyframes) k.attributes = random.attributes();
    }
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    const auto text = bdd100k::to_text(scene, scene.labels, "f.json");
    ASSERT_TRUE(text) << text.error().message;
    const auto again = bdd100k::parse(*text, "f.json");
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(first_difference(scene.labels, again->labels), "") << *text;
    ASSERT_EQ(*bdd100k::to_text(*again, again->labels, "f.json"), *text);
  }
}

TEST(Bdd100k, DamageIsNamedByItsPlace) {
  expect_words(problem_of("\"x2\": 75.5", "\"x2\": -75.5"), {"/0/labels/0/box2d", "got width -75.5", "f.json"});
  expect_words(problem_of("\"LLCCL\"", "\"LLCC\""), {"/2/labels/0/poly2d/0/types", "5 vertices"});
  expect_words(problem_of("\"size\": [2, 3]", "\"size\": [2, 4]"), {"/0/labels/1/rle/counts", "8 pixels"});
  expect_words(problem_of("\"id\": \"8\", \"category\": \"person\", \"score\"", "\"id\": \"7\", \"score\""),
               {"/0/labels/1/id", "another row of 7"});
  expect_words(problem_of("\"name\": \"v-0002.jpg\", ", ""), {"/1", "name"});
  expect_words(problem_of("[5, 6]", "[5]"), {"/2/labels/1/graph/nodes/0/location", "2 numbers"});
}

TEST(Bdd100k, RealFilesAreRecognisedAndKeepTheirContent) {
  std::size_t labels = 0;
  for (const char* name : {"box_track/track_sample_anns", "box_track/track_predictions", "seg_track/seg_track_sample",
                           "seg_track/seg_track_preds", "ins_seg/ins_seg_rle_sample", "pan_seg/pan_seg_sample",
                           "pose/pose_sample", "sem_seg/sem_seg_sample"}) {
    SWEEPMARK_NEED_DATA(file, std::string("bdd100k/") + name + ".json");
    const Scene scene = scene_at(file);
    ASSERT_EQ(scene.format, Format::bdd100k) << name;
    for (const ImageTrack& track : scene.labels.image_tracks) labels += track.keyframes.size();
    const auto text = bdd100k::to_text(scene, scene.labels, file);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_TRUE(Json::parse(*text) == Json::parse(content_of(file))) << name;
  }
  EXPECT_EQ(labels, 3241U + 2301U + 1768U + 1567U + 8U + 51U + 4U + 60U);
}

}  // namespace
}  // namespace sweepmark::testing_support
