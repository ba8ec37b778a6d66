// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_images.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "data/formats/openlabel.h"
#include "data/write_labels.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view openlabel_text = R"({"openlabel": {"metadata": {"schema_version": "1.0.0"},
 "objects": {"1": {"name": "a", "type": "car"}, "2": {"name": "b", "type": "road"}},
 "frames": {"0": {"objects": {
   "1": {"object_data": {
     "bbox": [{"name": "box", "coordinate_system": "FRONT", "val": [20, 10, 8, 4], "by": "ann", "attributes": {"boolean": [{"name": "hidden", "val": true}]}},
              {"name": "second", "coordinate_system": "FRONT", "val": [1, 1, 2, 2]},
              {"name": "rear", "coordinate_system": "REAR", "val": [5, 5, 2, 2]}],
     "num": [{"name": "speed", "val": 3.5}]}},
   "2": {"object_data": {"poly2d": [
     {"name": "outer", "coordinate_system": "FRONT", "mode": "MODE_POLY2D_ABSOLUTE", "closed": true, "val": [0, 0, 10, 0, 10, 10, 0, 10]},
     {"name": "inner", "coordinate_system": "FRONT", "mode": "MODE_POLY2D_RELATIVE", "closed": true, "val": [2, 2, 3, 0, 3, 3], "hierarchy": [-1, -1, -1, 0]},
     {"name": "kerb", "coordinate_system": "FRONT", "mode": "MODE_POLY2D_ABSOLUTE", "closed": false, "val": [0, 0, 9, 9]},
     {"name": "chain", "coordinate_system": "FRONT", "mode": "MODE_POLY2D_SRF6DCC", "closed": true, "val": ["1", "2", "0", "AB"]}]}}}},
  "1": {"objects": {"1": {"object_data": {"bbox": [{"name": "box", "coordinate_system": "FRONT", "val": [22, 10, 8, 4]}]}}}}}}})";

std::string problem_of(std::string_view what, std::string_view with) {
  std::string text(openlabel_text);
  replace(text, what, with);
  const auto scene = openlabel::parse(text, "f.json");
  return scene ? "" : scene.error().message;
}

TEST(OpenLabelImages, BoxesAreGivenByTheirCentreAndPolygonsByContours) {
  const auto scene = openlabel::parse(openlabel_text, "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const auto& tracks = scene->labels.image_tracks;
  ASSERT_EQ(tracks.size(), 3U);
  EXPECT_EQ(tracks[0].camera, "FRONT");
  ASSERT_EQ(tracks[0].keyframes.size(), 2U);
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{16, 8, 24, 12, 0}));
  EXPECT_EQ(tracks[0].keyframes[0].attributes, (Attributes{{"hidden", "true"}}));
  EXPECT_EQ(tracks[1].camera, "REAR");
  EXPECT_EQ(tracks[1].id, tracks[0].id) << "one object in two cameras";
  const Polygon& road = *tracks[2].keyframes[0].value.polygon;
  ASSERT_EQ(road.rings.size(), 3U) << "not the chain code";
  EXPECT_EQ(road.rings[1].kind, RingKind::hole);
  EXPECT_EQ(road.rings[1].vertices[2], (Vec2d{5, 5})) << "relative to the first";
  EXPECT_EQ(road.rings[2].kind, RingKind::line);
}

TEST(OpenLabelImages, WhatNobodyChangedKeepsItsBytesAndAChangedLabelLeavesTheOthersAlone) {
  auto scene = openlabel::parse(openlabel_text, "f.json");
  ASSERT_TRUE(scene) << scene.error().message;
  const TemporaryFolder work;
  const fs::path out = work.path() / "o.json";
  ASSERT_TRUE(write_labels(*scene, scene->labels, Format::openlabel, out));
  EXPECT_EQ(content_of(out), openlabel_text);
  scene->labels.image_tracks[0].keyframes[0].value.box->left = 14;
  ASSERT_TRUE(write_labels(*scene, scene->labels, Format::openlabel, out));
  const Json frames = Json::parse(content_of(out))["openlabel"]["frames"],
             before = Json::parse(openlabel_text)["openlabel"]["frames"];
  EXPECT_EQ(frames["0"]["objects"]["2"], before["0"]["objects"]["2"]) << "the chain code too";
  EXPECT_EQ(frames["1"], before["1"]);
  const Json& boxes = frames["0"]["objects"]["1"]["object_data"]["bbox"];
  ASSERT_EQ(boxes.size(), 3U);
  EXPECT_EQ(boxes[0]["name"], "second");
  EXPECT_EQ(boxes[2]["val"], (Json{19.0, 10.0, 10.0, 4.0}));
  EXPECT_EQ(frames["0"]["objects"]["1"]["object_data"]["num"], before["0"]["objects"]["1"]["object_data"]["num"]);
  // Taken out: the object stays where it has other data.
  std::erase_if(scene->labels.image_tracks, [](const ImageTrack& t) { return t.camera == "FRONT"; });
  ASSERT_TRUE(write_labels(*scene, scene->labels, Format::openlabel, out));
  const Json after = Json::parse(content_of(out))["openlabel"]["frames"];
  EXPECT_FALSE(after["1"]["objects"].contains("1"));
  EXPECT_EQ(after["0"]["objects"]["2"]["object_data"]["poly2d"].size(), 1U) << "the chain code stays";
}

TEST(OpenLabelImages, RandomLabelsOfSeveralCamerasComeBack) {
  RandomLabels random(111);
  const TemporaryFolder work;
  for (int i = 0; i < 20; ++i) {
    Scene scene;
    scene.format = Format::bdd100k;
    for (const char* camera : {"front", "rear"}) scene.sensors.push_back({camera, SensorKind::camera, {}, {}});
    for (int f = 0; f < 6; ++f) {
      scene.frames.push_back({f * TimestampNs{100'000'000}, {}, {}, {}});
      for (std::uint32_t camera = 0; camera < 2; ++camera)
        scene.images.push_back({camera, f * TimestampNs{100'000'000}, {}, {}});
    }
    for (const char* camera : {"front", "rear"}) {
      for (ImageTrack& track : dense_tracks(random, scene, 3, [&] {
             ImageValue value;
             if (random.chance(2)) value.box = random.box(64, 48);
             if (!value.box || random.chance(2))
               value.polygon =
                   Polygon{{Ring{{{0, 0}, {9, 0.25}, {9, 9}}, RingKind::area},
                            Ring{{{2, 2}, {3, 2}, {3, 3}}, RingKind::hole}, Ring{{{0, 0}, {5, 5}}, RingKind::line}}};
             return value;
           })) {
        track.camera = camera;
        track.class_name = "car";  // an object has one class in all cameras
        scene.labels.image_tracks.push_back(std::move(track));
      }
    }
    LabelSet labels = scene.labels;
    take_out_for(scene, labels, Format::openlabel);
    ASSERT_EQ(first_difference(scene.labels, labels), "") << "all of it can be held";
    const fs::path out = work.path() / (std::to_string(i) + ".json");
    const auto written = write_labels(scene, labels, Format::openlabel, out);
    ASSERT_TRUE(written) << written.error().message;
    auto again = openlabel::parse(content_of(out), out);
    ASSERT_TRUE(again) << again.error().message;
    // A centre and a size cannot hold the last bit of every edge.
    for (ImageTrack& track : again->labels.image_tracks) {
      const auto same = std::ranges::find_if(
          labels.image_tracks, [&](const ImageTrack& t) { return t.camera == track.camera && t.id == track.id; });
      ASSERT_NE(same, labels.image_tracks.end());
      for (std::size_t k = 0; k < std::min(track.keyframes.size(), same->keyframes.size()); ++k) {
        auto &have = track.keyframes[k].value.box, &want = same->keyframes[k].value.box;
        if (have && want &&
            std::abs(have->left - want->left) + std::abs(have->right - want->right) + std::abs(have->top - want->top) +
                    std::abs(have->bottom - want->bottom) <
                1e-12)
          have = want;
      }
    }
    ASSERT_EQ(first_difference(labels, again->labels), "") << content_of(out).substr(0, 2000);
  }
}

TEST(OpenLabelImages, RealBoxesOfKittiAreThoseOfItsLabels) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel100_kitti_tracking_0000.json");
  SWEEPMARK_NEED_DATA(kitti, "kitti_tracking/training/label_02/0000.txt");
  const Scene scene = scene_at(file);
  // Frame and box of each row that is an object.
  std::size_t rows = 0, found = 0;
  std::istringstream in(content_of(kitti));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::int64_t frame = 0;
    std::string id, type;
    double skip = 0, left = 0, top = 0, right = 0, bottom = 0;
    words >> frame >> id >> type >> skip >> skip >> skip >> left >> top >> right >> bottom;
    if (type == "DontCare") continue;
    ++rows;
    for (const ImageTrack& track : scene.labels.image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        if (k.timestamp != scene.frames[static_cast<std::size_t>(frame)].timestamp || !k.value.box) continue;
        const ImageBox& b = *k.value.box;
        // The file was made by another converter, which dropped the second decimal here and there.
        const bool is_same = std::max({std::abs(b.left - left), std::abs(b.top - top), std::abs(b.right - right),
                                       std::abs(b.bottom - bottom)}) < 0.021;
        found += is_same ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(rows, 711U);
  EXPECT_EQ(found, rows);
}

TEST(OpenLabelImages, DamageIsNamedByItsPlace) {
  EXPECT_EQ(problem_of("3.5", "4.5"), "");
  const std::string box = "/openlabel/frames/0/objects/1/object_data/bbox/0";
  expect_words(problem_of("[20, 10, 8, 4]", "[20, 10, 8]"), {box + "/val", "4 numbers", "f.json"});
  expect_words(problem_of("[20, 10, 8, 4]", "[20, 10, -8, 4]"), {box + "/val", "not below 0"});
  expect_words(problem_of("[0, 0, 9, 9]", "[0, 0, 9]"), {"/poly2d/2/val", "pairs of x and y"});
  expect_words(problem_of("\"closed\": false", "\"closed\": 0"), {"/poly2d/2/closed"});
  expect_words(problem_of("\"mode\": \"MODE_POLY2D_RELATIVE\"", "\"mode\": 7"), {"/poly2d/1/mode", "text"});
}

}  // namespace
}  // namespace sweepmark::testing_support
