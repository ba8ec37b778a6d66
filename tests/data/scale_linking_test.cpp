// SPDX-License-Identifier: Apache-2.0
#include "data/formats/scale_linking.h"

#include "data/formats/scale.h"
#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view links = R"([
 {"camera_responses": [
   {"camera_used": 2, "link": "x", "annotations": [
     {"cuboid_uuid": "a", "label": "Car", "type": "box", "left": 10.5, "top": 20, "width": 30, "height": 10, "by": "ann"},
     {"cuboid_uuid": "b", "label": "Person", "type": "box", "left": 1, "top": 2, "width": 3, "height": 4, "not_in_lidar": true}]},
   {"camera_used": 0, "annotations": []}]},
 {"camera_responses": []},
 {"camera_responses": [{"camera_used": 2, "annotations": [
     {"cuboid_uuid": "a", "label": "Car", "type": "box", "left": 11, "top": 20, "width": 30, "height": 10}]}]}])";

struct Files {
  TemporaryFolder folder;
  fs::path root = folder.path() / "task";
  explicit Files(std::string_view text = links) {
    fs::create_directories(root);
    write_content(root / "linking.json", text);
  }
};

std::string problem_after(std::string_view what, std::string_view with) {
  std::string text(links);
  replace(text, what, with);
  const Files files(text);
  return first_problem_at(files.root);
}

TEST(ScaleLinking, LinksAreBoxesInTheImagesOfTheirCamera) {
  const Files files;
  const Scene scene = scene_at(files.root);
  EXPECT_EQ(scene.format, Format::scale);
  EXPECT_EQ(scene.frames.size(), 3U);
  ASSERT_EQ(scene.labels.image_tracks.size(), 2U);
  const ImageTrack& car = scene.labels.image_tracks[0];
  EXPECT_EQ(car.id, "a");
  EXPECT_EQ(car.camera, "camera_2");
  ASSERT_EQ(car.keyframes.size(), 2U);
  EXPECT_EQ(*car.keyframes[0].value.box, (ImageBox{10.5, 20, 40.5, 30, 0}));
  EXPECT_EQ(car.absences.size(), 1U);
  EXPECT_EQ(scene.labels.image_tracks[1].keyframes[0].attributes, (Attributes{{"not_in_lidar", "true"}}));
}

TEST(ScaleLinking, WhatNobodyChangedKeepsItsBytesAndOneBoxChangesAlone) {
  const Files files;
  Scene scene = scene_at(files.root);
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::scale, files.folder.path() / "out"));
  EXPECT_EQ(content_of(files.folder.path() / "out/linking.json"), links);
  scene.labels.image_tracks[0].keyframes[0].value.box->left = 12;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::scale, files.folder.path() / "out", Overwrite::yes));
  Json expected = Json::parse(links);
  Json& box = expected[0]["camera_responses"][0]["annotations"][0];
  box["left"] = 12.0, box["width"] = 28.5;
  EXPECT_EQ(Json::parse(content_of(files.folder.path() / "out/linking.json")), expected) << "unknown members are kept";
}

TEST(ScaleLinking, RandomBoxesOfSeveralCamerasComeBackBitForBit) {
  RandomLabels random(91);
  const TemporaryFolder work;
  for (int i = 0; i < 10; ++i) {
    Scene scene;
    scene.format = Format::bdd100k;
    for (const char* camera : {"front", "camera_3", "rear"})
      scene.sensors.push_back({camera, SensorKind::camera, {}, {}});
    for (int f = 0; f < 6; ++f) {
      scene.frames.push_back({f * TimestampNs{100'000'000}, {}, {}, {}});
      for (std::uint32_t camera = 0; camera < 3; ++camera)
        scene.images.push_back({camera, f * TimestampNs{100'000'000}, {}, {}});
    }
    for (const char* camera : {"front", "camera_3", "rear"}) {
      for (ImageTrack& track : dense_tracks(random, scene, 3, [&] { return ImageValue{.box = random.box(64, 48)}; })) {
        track.camera = camera;
        scene.labels.image_tracks.push_back(std::move(track));
      }
    }
    scene.labels.image_tracks = with_changing_classes(std::move(scene.labels.image_tracks));
    const fs::path out = work.path() / std::to_string(i);
    const auto written = write_labels(scene, scene.labels, Format::scale, out);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(out);
    ASSERT_EQ(first_difference(scene.labels, again.labels), "") << content_of(out / "linking.json");
  }
}

TEST(ScaleLinking, WrongLinksGoBackAsTheyWere) {
  std::string text(links);
  replace(text, "\"cuboid_uuid\": \"b\"", "\"cuboid_uuid\": \"a\"");
  const Files files(text);
  Scene scene = scene_at(files.root);
  ASSERT_EQ(scene.labels.bad_rows.size(), 1U);
  const fs::path out = files.folder.path() / "out", changed = files.folder.path() / "changed";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::scale, out));
  EXPECT_EQ(content_of(out / "linking.json"), text);
  scene.labels.image_tracks[0].keyframes[0].value.box->right += 1;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::scale, changed));
  const Json before = Json::parse(text)[0]["camera_responses"][0]["annotations"],
             after = Json::parse(content_of(changed / "linking.json"))[0]["camera_responses"][0]["annotations"];
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[1], before[1]) << "in its place";
}

TEST(ScaleLinking, DamageIsNamedByItsPlace) {
  EXPECT_EQ(problem_after("10.5", "10.25"), "");
  const std::string first = "/0/camera_responses/0/annotations/0";
  expect_words(problem_after("\"left\": 10.5", "\"left\": \"x\""), {first + "/left", "linking.json"});
  expect_words(problem_after("\"type\": \"box\", \"left\": 10.5", "\"type\": \"line\", \"left\": 10.5"),
               {first + "/type", "\"box\"", "\"line\""});
  expect_words(problem_after("\"width\": 30, \"height\": 10, \"by\"", "\"width\": -30, \"height\": 10, \"by\""),
               {first, "not below 0"});
  expect_words(problem_after("\"cuboid_uuid\": \"b\"", "\"cuboid_uuid\": \"a\""), {"another row of a"});
  expect_words(problem_after("\"camera_used\": 2, \"link\"", "\"camera_used\": -2, \"link\""),
               {"/0/camera_responses/0/camera_used", "got -2"});
  expect_words(problem_after("\"camera_used\": 0, \"annotations\"", "\"camera_used\": 0, \"boxes\""),
               {"/0/camera_responses/1", "annotations"});
}

}  // namespace
}  // namespace sweepmark::testing_support
