// SPDX-License-Identifier: Apache-2.0
//
// Supervisely's projects: episodes, and clouds that are none.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/examples.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* project_example = "supervisely/project.txt";
constexpr const char* clouds_example = "supervisely/clouds.txt";
/// The keys of the example's car, and of its other object.
const std::string car_key = "0494b6d2-ec70-38c9-08fb-09a0970216fc";

json json_at(const fs::path& file) { return json::parse(content_of(file)); }

/// Writes labels into a folder of the example, and says where.
fs::path written(const Example& example, const Scene& scene) {
  const fs::path out = example.folder.path() / "out";
  const auto done = write_labels(scene, scene.labels, Format::supervisely, out, Overwrite::yes);
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
  return out;
}

const Track& track_of(const Scene& scene, const std::string& id) {
  const auto found = std::ranges::find(scene.labels.tracks, id, &Track::id);
  EXPECT_NE(found, scene.labels.tracks.end()) << id;
  return *found;
}

TEST(SuperviselyClouds, FramesThatAreNoEpisodeAreRead) {
  SWEEPMARK_NEED_DATA(project, "cases/bring/supervisely_clouds");
  const Scene scene = scene_at(project);
  EXPECT_EQ(scene.name, "ds0");
  ASSERT_EQ(scene.sweeps.size(), 2U);
  ASSERT_EQ(scene.labels.tracks.size(), 1U) << "one object in two clouds";
  const Track& car = scene.labels.tracks[0];
  EXPECT_EQ(car.class_name, "car");
  EXPECT_EQ(car.attributes, (Attributes{{"parked", ""}})) << "the tag is on it in both";
  ASSERT_EQ(car.keyframes.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const json figure =
        json_at(project / ("ds0/ann/frame" + std::to_string(i) + ".pcd.json"))["figures"][0]["geometry"];
    const Cuboid& c = car.keyframes[i].cuboid;
    EXPECT_EQ(c.center, (Vec3d{figure["position"]["x"], figure["position"]["y"], figure["position"]["z"]}));
    EXPECT_EQ(c.size, (Vec3d{figure["dimensions"]["x"], figure["dimensions"]["y"], figure["dimensions"]["z"]}));
    EXPECT_NEAR(yaw_of(c.rotation), figure["rotation"]["z"].get<double>(), 1e-12);
    EXPECT_TRUE(car.keyframes[i].attributes.empty());
  }
  const TemporaryFolder folder;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::supervisely, folder.path() / "out"));
  for (const auto& [name, content] : files_at(folder.path() / "out"))
    EXPECT_EQ(content, content_of(project / name)) << name;
  EXPECT_EQ(files_at(folder.path() / "out").size(), 3U);
}

TEST(SuperviselyClouds, CloudsAreFramesInTheOrderOfTheirNames) {
  const Scene scene = scene_of(clouds_example, "");
  ASSERT_EQ(scene.frames.size(), 2U);
  EXPECT_EQ(scene.frames[1].timestamp, 800'000'000) << "frame 10 is eight after frame 2";
  EXPECT_EQ(scene.sweeps.size(), 1U) << "the other cloud is not there";
  const Track& car = track_of(scene, car_key);
  EXPECT_EQ(car.attributes, (Attributes{{"colour", "red"}})) << "in both clouds";
  EXPECT_EQ(car.keyframes.at(0).attributes, (Attributes{{"occluded", "false"}}));
  EXPECT_EQ(car.keyframes.at(1).attributes, (Attributes{{"occluded", "true"}}));
  // About y first, then about the turned z.
  EXPECT_NEAR(rotate(car.keyframes[0].cuboid.rotation, {1, 0, 0}).z, -std::sin(0.1) * std::cos(0.5), 1e-12);
  EXPECT_TRUE(std::ranges::any_of(scene.notes, [](const std::string& n) { return n.starts_with("1 figures"); }));
}

TEST(SuperviselyClouds, RelatedImagesHaveTheirCameras) {
  const Scene scene = scene_of(clouds_example, "");
  ASSERT_EQ(scene.images.size(), 2U);
  const Sensor& left = scene.sensors.at(scene.images[0].sensor);
  EXPECT_EQ(left.name, "LEFT");
  ASSERT_TRUE(left.camera.has_value());
  EXPECT_EQ(left.camera->fy, 710);
  // By hand: the matrix takes (2, 0.5, 1) of the cloud to (-0.5 + 0.5, -1 + 2, 2) of the camera.
  const Vec3d in_camera = inverse(scene.images[0].world_from_sensor) * Vec3d{2, 0.5, 1};
  EXPECT_LT(norm(in_camera - Vec3d{0, 1, 2}), 1e-12);
  EXPECT_EQ(scene.sensors.at(scene.images[1].sensor).name, "camera_1");
  EXPECT_FALSE(scene.sensors.at(scene.images[1].sensor).camera.has_value()) << "CVAT's zeros";
  EXPECT_TRUE(std::ranges::any_of(
      scene.notes, [](const std::string& n) { return n.starts_with("1 related images have no calibration"); }));
}

TEST(SuperviselyClouds, WhatNobodyChangedGoesBackByteForByte) {
  const Example example(corpus(clouds_example), "");
  const fs::path out = written(example, scene_at(example.path));
  const auto files = files_at(out);
  EXPECT_EQ(files.size(), 4U);
  for (const auto& [name, content] : files) EXPECT_EQ(content, content_of(example.path / name)) << name;
}

TEST(SuperviselyClouds, OnlyWhatChangedIsWrittenAnew) {
  const Example example(corpus(clouds_example), "");
  Scene scene = scene_at(example.path);
  Keyframe& moved = scene.labels.tracks[0].keyframes[1];
  moved.cuboid.center.x = 9.5;
  moved.attributes["occluded"] = "partly";
  const fs::path out = written(example, scene);
  EXPECT_EQ(content_of(out / "ds/ann/frame_2.pcd.json"), content_of(example.path / "ds/ann/frame_2.pcd.json"));
  json got = json_at(out / "ds/ann/frame_10.pcd.json"), wanted = json_at(example.path / "ds/ann/frame_10.pcd.json");
  wanted["figures"][0]["geometry"]["position"]["x"] = 9.5;
  EXPECT_EQ(got["figures"], wanted["figures"]) << "what CVAT keeps there stays";
  const json& tags = got["objects"][0]["tags"];
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0], wanted["objects"][0]["tags"][1]) << "the colour is as it was";
  EXPECT_EQ(tags[1]["name"], "occluded");
  EXPECT_EQ(tags[1]["value"], "partly");
}

TEST(SuperviselyClouds, NewAndDeletedObjectsAreTheirCloudsAlone) {
  const Example example(corpus(clouds_example), "");
  Scene scene = scene_at(example.path);
  Track added = track_of_labels(
      "12", "van",
      {label_at(0, {{1, 2, 3}, {5, 2, 2}, {}}), label_at(800'000'000, {{2, 2, 3}, {5, 2, 2}, {}}, {{"lights", "on"}})});
  added.attributes = {{"seats", "7"}};
  scene.labels.tracks.push_back(added);
  scene.labels.tracks[0].keyframes.erase(scene.labels.tracks[0].keyframes.begin());  // the car in the first cloud
  const fs::path out = written(example, scene);
  const json first = json_at(out / "ds/ann/frame_2.pcd.json");
  ASSERT_EQ(first["objects"].size(), 2U);
  EXPECT_EQ(first["objects"][0]["key"], "p") << "an object of points stays";
  EXPECT_EQ(first["objects"][1]["classTitle"], "van");
  EXPECT_EQ(first["figures"].size(), 2U);
  EXPECT_EQ(first["tags"], json_at(example.path / "ds/ann/frame_2.pcd.json")["tags"]);
  const json second = json_at(out / "ds/ann/frame_10.pcd.json");
  EXPECT_EQ(second["objects"][1]["key"], first["objects"][1]["key"]) << "one object";
  const json meta = json_at(out / "meta.json"), ids = json_at(out / "key_id_map.json");
  EXPECT_EQ(meta["classes"][0], json_at(example.path / "meta.json")["classes"][0]);
  ASSERT_EQ(meta["classes"].size(), 2U);
  EXPECT_EQ(meta["classes"][1]["title"], "van");
  EXPECT_EQ(meta["classes"][1]["shape"], "cuboid_3d");
  std::map<std::string, std::string> types;
  for (const json& tag : meta["tags"]) types[tag["name"]] = tag["value_type"];
  EXPECT_EQ(types, (std::map<std::string, std::string>{{"occluded", "any_string"},
                                                       {"colour", "any_string"},
                                                       {"seats", "any_number"},
                                                       {"lights", "any_string"},
                                                       {"track_id", "any_number"}}));
  EXPECT_EQ(ids["objects"][first["objects"][1]["key"].get<std::string>()], 5) << "the next number";
  EXPECT_EQ(ids["objects"][car_key], 3);
  for (const json& cloud : {first, second}) {
    for (const json& figure : cloud["figures"]) EXPECT_TRUE(ids["figures"].contains(figure["key"].get<std::string>()));
  }
  // What we read again is what we had.
  const Scene again = scene_at(out);
  EXPECT_EQ(track_of(again, car_key).keyframes.size(), 1U);
  const Track& van = track_of(again, "12");
  ASSERT_EQ(van.keyframes.size(), 2U);
  EXPECT_EQ(van.attributes, added.attributes);
  EXPECT_EQ(van.keyframes[1].attributes, added.keyframes[1].attributes);
  EXPECT_EQ(van.keyframes[1].cuboid, added.keyframes[1].cuboid);
}

TEST(SuperviselyClouds, RandomLabelsComeBack) {
  const Example example(corpus(clouds_example), "");
  const auto source = scene_at(example.path).labels.source;
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    // Labels of another scene, at the times of these two clouds.
    Scene scene = scene_at(example.path);
    Scene other = RandomScene(seed).scene();
    other.labels.point_labels.clear();
    take_out_for(other, other.labels, Format::supervisely);
    scene.labels.tracks.clear();
    for (Track track : other.labels.tracks) {
      track.absences.clear();
      if (track.keyframes.size() > 2) track.keyframes.resize(2);
      for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
        track.keyframes[i].timestamp = scene.frames[i].timestamp;
        track.keyframes[i].source_row = Keyframe::no_source_row;
      }
      scene.labels.tracks.push_back(std::move(track));
    }
    scene.labels.source = source;
    const Scene again = scene_at(written(example, scene));
    ASSERT_EQ(again.labels.tracks.size(), scene.labels.tracks.size());
    for (const Track& track : scene.labels.tracks) {
      const Track& same = track_of(again, track.id);
      EXPECT_EQ(same.class_name, track.class_name);
      ASSERT_EQ(same.keyframes.size(), track.keyframes.size());
      for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
        EXPECT_LT(norm(same.keyframes[i].cuboid.center - track.keyframes[i].cuboid.center), 1e-9);
        EXPECT_EQ(same.keyframes[i].cuboid.size, track.keyframes[i].cuboid.size);
        Attributes all = track.attributes, have = same.attributes;
        for (const auto& [name, value] : track.keyframes[i].attributes) all[name] = value;
        for (const auto& [name, value] : same.keyframes[i].attributes) have[name] = value;
        EXPECT_EQ(have, all);
      }
    }
  }
}

TEST(SuperviselyClouds, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(clouds_example, "", what, with);
  };
  expect_words(problem("\"objectKey\":\"0494", "\"objectKey\":\"9494"),
               {"frame_2.pcd.json", "/figures/0/objectKey", "9494"});
  expect_words(problem("\"x\":4.2,", "\"x\":-4.2,"), {"/figures/0/geometry/dimensions", "above 0"});
  expect_words(problem("\"key\":\"p\"", "\"key\":7"), {"/objects/1/key", "a text", "got 7"});
  expect_words(problem("[0,-1,0,0.5,", "[0,-2,0,0.5,"),
               {"left.png.json", "/meta/sensorsData/extrinsicMatrix", "rotation"});
  expect_words(problem("[700,0,600,", "[700,0,"), {"left.png.json", "intrinsicMatrix", "9 numbers"});
  expect_words(problem("\"title\":\"car\"", "\"name\":\"car\""), {"meta.json", "/classes/0", "\"title\""});
  expect_words(problem("\"f0\":11", "\"f0\":11,,"), {"key_id_map.json", "not valid JSON"});
}

TEST(SuperviselyEpisode, TagsOfSomeFramesAreThoseLabels) {
  const Scene scene = scene_of(project_example, "");
  EXPECT_EQ(scene.name, "ep");
  const Track& car = track_of(scene, "car 7");
  EXPECT_EQ(car.attributes, (Attributes{{"colour", "red"}}));
  ASSERT_EQ(car.keyframes.size(), 2U);
  EXPECT_EQ(car.keyframes[0].attributes, (Attributes{{"parked", ""}}));
  EXPECT_EQ(car.keyframes[1].attributes, Attributes()) << "frame 2 is behind the tag's frames";
}

TEST(SuperviselyEpisode, AProjectGoesBackWithItsMetaAndTags) {
  const Example example(corpus(project_example), "");
  Scene scene = scene_at(example.path);
  fs::path out = written(example, scene);
  EXPECT_EQ(content_of(out / "ep/annotation.json"), content_of(example.path / "ep/annotation.json"));
  EXPECT_EQ(content_of(out / "meta.json"), content_of(example.path / "meta.json"));
  EXPECT_TRUE(fs::is_directory(out / "ep/pointcloud"));
  scene.labels.tracks[0].attributes["colour"] = "blue";
  scene.labels.tracks[0].keyframes[1].attributes = {{"parked", ""}, {"gap", "1.5"}};
  scene.labels.tracks[0].class_name = "Taxi";
  out = written(example, scene);
  const json before = json_at(example.path / "ep/annotation.json"), after = json_at(out / "ep/annotation.json");
  EXPECT_EQ(after["frames"][0]["figures"], before["frames"][0]["figures"]);
  EXPECT_EQ(after["objects"][0]["classTitle"], "Taxi");
  std::vector<std::string> tags;
  for (const json& tag : after["objects"][0]["tags"]) {
    json said = tag;
    said.erase("key");
    tags.push_back(said.dump());
  }
  EXPECT_EQ(tags, (std::vector<std::string>{
                      R"({"name":"track_id","value":"car 7"})", R"({"name":"colour","value":"blue"})",
                      R"({"frameRange":[0,2],"name":"parked"})", R"({"frameRange":[2,2],"name":"gap","value":1.5})"}));
  const json meta = json_at(out / "meta.json");
  EXPECT_EQ(meta["tags"][0]["values"], (json{"red", "blue"})) << "a choice more";
  EXPECT_EQ(meta["classes"].size(), 2U);
  const Scene again = scene_at(out);
  EXPECT_EQ(again.labels.tracks[0].attributes, scene.labels.tracks[0].attributes);
  EXPECT_EQ(again.labels.tracks[0].keyframes[1].attributes, scene.labels.tracks[0].keyframes[1].attributes);
}

TEST(SuperviselyEpisode, TheCloudsOfAConversionAreNamed) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  const Scene scene = scene_at(root, "0000");
  LabelSet labels = scene.labels;
  take_out_for(scene, labels, Format::supervisely);
  const TemporaryFolder folder;
  const auto written = write_scene(scene, labels, Format::supervisely, folder.path() / "out");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const json clouds = json_at(folder.path() / "out/0000/frame_pointcloud_map.json");
  EXPECT_EQ(clouds.size(), scene.frames.size());
  EXPECT_EQ(clouds["0"], "000000.pcd");
  const json meta = json_at(folder.path() / "out/meta.json");
  std::set<std::string> classes;
  for (const json& c : meta["classes"]) classes.insert(c["title"]);
  for (const Track& track : labels.tracks) EXPECT_TRUE(classes.contains(track.class_name)) << track.class_name;
}

TEST(SuperviselyProject, DatasetsLieInEachOther) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "project";
  const Example clouds(corpus(clouds_example), ""), episodes(corpus(project_example), "");
  write_content(root / "meta.json", content_of(clouds.path / "meta.json"));
  fs::create_directories(root / "a");
  fs::copy(clouds.path / "ds", root / "a", fs::copy_options::recursive);
  fs::create_directories(root / "a/datasets/b");
  fs::copy(episodes.path / "ep", root / "a/datasets/b", fs::copy_options::recursive);
  const auto handles = find_scenes(root);
  ASSERT_TRUE(handles.has_value()) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  EXPECT_EQ((*handles)[0].name, "a");
  EXPECT_EQ((*handles)[1].name, "a/datasets/b");
  const auto scene = open_scene((*handles)[1]);
  ASSERT_TRUE(scene.has_value()) << scene.error().message;
  ASSERT_TRUE(write_labels(*scene, scene->labels, Format::supervisely, folder.path() / "out"));
  EXPECT_TRUE(fs::exists(folder.path() / "out/a/datasets/b/annotation.json"));
  EXPECT_EQ(content_of(folder.path() / "out/meta.json").find("any_string") != std::string::npos, true);
}

}  // namespace
}  // namespace sweepmark::testing_support
