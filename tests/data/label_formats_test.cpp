// SPDX-License-Identifier: Apache-2.0
//
// Hand-computed labels, and damage of each kind, for formats whose smallest examples are the fuzzers' corpora.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numbers>

#include "data/formats/record_stream.h"
#include "data/point_cloud.h"
#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/examples.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr const char* openlabel_example = "openlabel/two_frames.json";

TEST(Openlabel, CuboidsComeFromTheirCoordinateSystemIntoTheWorld) {
  const Scene scene = scene_of(openlabel_example, "x.json");
  EXPECT_EQ(scene.format, Format::openlabel);
  ASSERT_EQ(scene.labels.tracks.size(), 1U) << "DontCare is no object";
  const Track& track = scene.labels.tracks[0];
  EXPECT_EQ(track.id, "7");
  EXPECT_EQ(track.attributes, (Attributes{{"colour", "red"}}));
  ASSERT_EQ(track.keyframes.size(), 2U);
  for (const Keyframe& k : track.keyframes) {
    EXPECT_LT(norm(k.cuboid.center - Vec3d{15, 2, 2.3}), 1e-9);
    EXPECT_EQ(k.cuboid.size, (Vec3d{4.5, 1.9, 1.6}));
    EXPECT_NEAR(yaw_of(k.cuboid.rotation), 0.5, 1e-8);
  }
  EXPECT_EQ(track.keyframes[0].timestamp, 1'614'834'367'500'000'000) << "a date";
  EXPECT_EQ(track.keyframes[1].timestamp, 1'614'834'367'750'000'000) << "seconds";
  EXPECT_EQ(track.keyframes[0].stored_count, 12);
  EXPECT_EQ(track.keyframes[0].attributes, (Attributes{{"parked", "true"}}));
  EXPECT_EQ(scene.sensors.at(0).camera->fx, 500);
}

TEST(Openlabel, ACuboidThatIsHighAlongYStandsUp) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel100_kitti_tracking_0000.json");
  const Scene scene = scene_at(file);
  const auto van = std::ranges::find(scene.labels.tracks, "0", &Track::id);
  ASSERT_NE(van, scene.labels.tracks.end());
  EXPECT_EQ(van->keyframes[0].cuboid.size, (Vec3d{4.43, 1.82, 2.0})) << "the file says 4.43, 2.0 (down), 1.82";
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) EXPECT_GT(rotate(k.cuboid.rotation, {0, 0, 1}).z, 0.9) << track.id;
  }
  // Camera x right, y down, z forward; the van is 13.4 m ahead and 4.55 m to the left.
  const Vec3d in_ego = inverse(scene.frames[0].world_from_ego) * van->keyframes[0].cuboid.center;
  EXPECT_NEAR(in_ego.x, 13.41 + 0.27 + 0.76, 0.3);
  EXPECT_NEAR(in_ego.y, 4.55, 0.3);
}

TEST(Openlabel, OnlyWhatChangedIsWrittenAnew) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel100_kitti_tracking_0000.json");
  Scene scene = scene_at(file);
  Keyframe& moved = scene.labels.tracks[1].keyframes[3];
  moved.cuboid.center.x += 1;
  const Cuboid wanted = moved.cuboid;
  scene.labels.tracks.erase(scene.labels.tracks.begin());
  const TemporaryFolder out;
  const auto written = write_labels(scene, scene.labels, Format::openlabel, out.path() / "x.json");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const std::string text = content_of(out.path() / "x.json");
  expect_words(text, {"\"box2D_left\"", "\"truncated\"", "DontCare"});
  const Scene again = scene_at(out.path() / "x.json");
  ASSERT_EQ(again.labels.tracks.size(), scene.labels.tracks.size());
  EXPECT_LT(norm(again.labels.tracks[0].keyframes[3].cuboid.center - wanted.center), 1e-9);
  EXPECT_LT(norm(again.labels.tracks[0].keyframes[3].cuboid.size - wanted.size), 1e-12);
  EXPECT_EQ(again.labels.tracks[0].keyframes[2].cuboid, scene.labels.tracks[0].keyframes[2].cuboid);
}

TEST(Openlabel, WhatIsWrittenFollowsTheSchema) {
  SWEEPMARK_NEED_DATA(schema, "openlabel/openlabel_v1_schema.json");
  const fs::path python = fs::path(SWEEPMARK_SOURCE) / ".venv/bin/python";
  if (!fs::exists(python)) GTEST_SKIP() << "no .venv (scripts/setup.sh makes it)";
  const TemporaryFolder out;
  const auto is_valid = [&](const fs::path& file) {
    const std::string command =
        python.string() + " -W ignore -m jsonschema -i " + file.string() + " " + schema.string();
    return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe)
  };
  write_content(out.path() / "bad.json", R"({"openlabel": {}})");
  EXPECT_FALSE(is_valid(out.path() / "bad.json")) << "the validator sees what is wrong";
  for (unsigned seed = 0; seed < 4; ++seed) {
    Scene scene = RandomScene(seed).scene();
    take_out_for(scene, scene.labels, Format::openlabel);
    ASSERT_TRUE(write_scene(scene, scene.labels, Format::openlabel, out.path() / "made.json", Overwrite::yes));
    EXPECT_TRUE(is_valid(out.path() / "made.json")) << seed;
  }
  Scene real = scene_at(schema.parent_path() / "openlabel100_kitti_tracking_0000.json");
  real.labels.tracks[0].keyframes.erase(real.labels.tracks[0].keyframes.begin());
  real.labels.tracks[1].attributes["checked"] = "true";
  ASSERT_TRUE(write_scene(real, real.labels, Format::openlabel, out.path() / "changed.json"));
  EXPECT_TRUE(is_valid(out.path() / "changed.json"));
}

TEST(Openlabel, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(openlabel_example, "x.json", what, with);
  };
  expect_words(problem("\"schema_version\":\"1.0.0\"", "\"schema_version\":\"2.0\""),
               {"/openlabel/metadata/schema_version", "1.0.0", "2.0", "x.json"});
  expect_words(problem("\"parent\":\"world\"", "\"parent\":\"mars\""), {"/coordinate_systems/ego/parent", "mars"});
  expect_words(problem("\"parent\":\"\"", "\"parent\":\"top\""), {"parents that end at a root"});
  expect_words(problem("[10,2,0.5,0,0,0.5,4.5,1.9,1.6]", "[10,2]"),
               {"/frames/0/objects/7/object_data/cuboid/0/val", "9 or 10", "got 2"});
  expect_words(problem("4.5,1.9,1.6]", "4.5,-1,1.6]"), {"above 0"});
  expect_words(problem("[15,2,2.3,0,0,0.24", "[15,2,2.3,5,0,0.24"), {"/frames/1/objects/7", "unit quaternion"});
  expect_words(problem("\"coordinate_system\":\"top\"", "\"coordinate_system\":\"roof\""),
               {"coordinate system", "\"roof\""});
  expect_words(problem("2021-03-04T", "yesterday"), {"/frames/0/frame_properties/timestamp", "yesterday"});
  expect_words(problem("1614834367.75", "5"), {"/frames/1/frame_properties/timestamp", "ascending"});
  expect_words(problem("[1,0,0,5,0,1,0,0", "[3,0,0,5,0,1,0,0"), {"matrix4x4", "rotation"});
  expect_words(problem("\"type\":\"Car\"", "\"kind\":\"Car\""), {"/objects/7", "\"type\""});
  expect_words(problem("{\"0\":{\"frame_properties\"", "{\"first\":{\"frame_properties\""),
               {"/frames/first", "number of a frame"});
  expect_words(problem("\"objects\":{\"7\"", "\"objects\":{\"9\""),
               {"/frames/0/objects/7", "among /openlabel/objects"});
  expect_words(problem("\"val\":12}", "\"val\":12"), {"not valid JSON"});
  std::string deep(1000, '[');
  write_content(TemporaryFolder().path() / "x", "");
  EXPECT_NE(problem_at(Example("{\"openlabel\":" + deep, "x.json").path).find("nested deeper"), std::string::npos);
}

constexpr const char* no_frames_example = "openlabel/no_frames.json";

TEST(Openlabel, ObjectsWithoutFramesAreOneFrame) {
  const Scene scene = scene_of(no_frames_example, "x.json");
  ASSERT_EQ(scene.frames.size(), 1U);
  ASSERT_EQ(scene.labels.tracks.size(), 2U) << "a road without a cuboid is no label";
  const Track &car = scene.labels.tracks[0], &pole = scene.labels.tracks[1];
  EXPECT_EQ(car.attributes, (Attributes{{"colour", "red"}}));
  ASSERT_EQ(car.keyframes.size(), 1U);
  EXPECT_EQ(car.keyframes[0].attributes, (Attributes{{"parked", "true"}}));
  EXPECT_EQ(car.keyframes[0].cuboid.center, (Vec3d{9, 1.5, 1.5})) << "the sensor is at 1, 0, 2";
  EXPECT_EQ(car.keyframes[0].cuboid.size, (Vec3d{4.2, 1.8, 1.5}));
  EXPECT_NEAR(yaw_of(car.keyframes[0].cuboid.rotation), 0.3, 1e-12);
  EXPECT_EQ(pole.keyframes.at(0).cuboid, (Cuboid{{10, 2, 0.5}, {0.25, 0.25, 3}, {}}));
  ASSERT_EQ(scene.notes.size(), 1U);
  expect_words(scene.notes[0], {"no frames", "one"});
}

TEST(Openlabel, AHandMadeFileWithoutFramesIsRead) {
  SWEEPMARK_NEED_DATA(file, "cases/bring/openlabel_without_frames.json");
  const Scene scene = scene_at(file);
  const auto value =
      nlohmann::json::parse(content_of(file))["openlabel"]["objects"]["0"]["object_data"]["cuboid"][0]["val"];
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  const Cuboid& c = first_label(scene).cuboid;
  EXPECT_EQ(c.center, (Vec3d{value[0], value[1], value[2]}));
  EXPECT_EQ(c.size, (Vec3d{value[6], value[7], value[8]}));
  EXPECT_NEAR(yaw_of(c.rotation), value[5].get<double>(), 1e-12);
}

TEST(Openlabel, ObjectsWithoutFramesGoBackIntoTheirObjects) {
  const Example example(corpus(no_frames_example), "x.json");
  Scene scene = scene_at(example.path);
  const fs::path out = example.folder.path() / "out.json";
  const auto written = [&] {
    const auto done = write_labels(scene, scene.labels, Format::openlabel, out, Overwrite::yes);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
    return nlohmann::json::parse(content_of(out));
  };
  written();
  EXPECT_EQ(content_of(out), corpus(no_frames_example)) << "nobody changed anything";

  // One moves, and one is new: all else stays, value for value.
  scene.labels.tracks[1].keyframes[0].cuboid.center.x = 11;
  scene.labels.tracks.push_back(track_of_labels("new", "van", {label_at(0, {{1, 2, 3}, {4, 2, 1}, {}})}));
  nlohmann::json got = written(), wanted = nlohmann::json::parse(corpus(no_frames_example));
  wanted["openlabel"]["objects"]["1"]["object_data"]["cuboid"][0]["val"][0] = 11;
  nlohmann::json& objects = got["openlabel"]["objects"];
  objects["1"].erase("object_data_pointers");
  EXPECT_EQ(objects["0"], wanted["openlabel"]["objects"]["0"]);
  EXPECT_EQ(objects["1"], wanted["openlabel"]["objects"]["1"]);
  EXPECT_EQ(objects["2"], wanted["openlabel"]["objects"]["2"]) << "an object without labels stays";
  EXPECT_FALSE(got["openlabel"].contains("frames"));
  Scene again = scene_at(out);
  ASSERT_EQ(again.labels.tracks.size(), 3U);
  EXPECT_EQ(again.labels.tracks[2].keyframes.at(0).cuboid, (Cuboid{{1, 2, 3}, {4, 2, 1}, {}}));

  // What is deleted goes, with its object.
  scene.labels.tracks.erase(scene.labels.tracks.begin());
  got = written();
  EXPECT_FALSE(got["openlabel"]["objects"].contains("0"));
  EXPECT_EQ(scene_at(out).labels.tracks.size(), 2U);
}

TEST(Openlabel, DamageWithoutFramesIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(no_frames_example, "x.json", what, with);
  };
  expect_words(problem("4.2,1.8,1.5]", "4.2,0,1.5]"), {"/objects/0/object_data/cuboid/0/val", "above 0", "x.json"});
  expect_words(problem("0,0,0,1,0.25", "0,0,0,2,0.25"), {"/objects/1/object_data/cuboid/0", "unit quaternion"});
  expect_words(problem("\"coordinate_system\":\"top\"", "\"coordinate_system\":\"roof\""), {"\"roof\""});
}

constexpr const char* tracklets_example = "kitti_tracklets/one.xml";

TEST(KittiTracklets, TheBoxStandsOnItsBottomInTheLidarsFrame) {
  const Scene scene = scene_of(tracklets_example, "tracklet_labels.xml");
  EXPECT_EQ(scene.format, Format::kitti_raw);
  const Keyframe& k = first_label(scene);
  EXPECT_EQ(k.timestamp, 300'000'000) << "the first frame is 3";
  EXPECT_LT(norm(k.cuboid.center - Vec3d{10.25, -2.5, -1.7 + 0.75}), 1e-12);
  EXPECT_EQ(k.cuboid.size, (Vec3d{4.2, 1.6, 1.5}));
  EXPECT_NEAR(yaw_of(k.cuboid.rotation), 0.75, 1e-12);
  EXPECT_FALSE(k.attributes.contains("state")) << "2 is what is written where nothing is known";
}

TEST(KittiTracklets, ADriveHasItsLabelsInTheWorld) {
  const TemporaryFolder folder;
  const fs::path drive = folder.path() / "2011_09_26_drive_0001_sync";
  std::string times;
  for (int i = 0; i < 5; ++i) times += "2011-09-26 13:02:2" + std::to_string(i) + ".000000000\n";
  write_content(drive / "velodyne_points/timestamps.txt", times);
  for (int i = 0; i < 5; ++i)
    write_content(drive / ("velodyne_points/data/000000000" + std::to_string(i) + ".bin"), std::string(16, '\0'));
  write_content(drive / "tracklet_labels.xml", corpus(tracklets_example));
  const Scene scene = scene_at(drive / "tracklet_labels.xml");
  EXPECT_EQ(scene.sweeps.size(), 5U) << "the file stands for its drive";
  EXPECT_EQ(first_label(scene).timestamp, scene.sweeps[3].timestamp);
  write_content(drive / "velodyne_points/timestamps.txt", times.substr(0, 4 * 30));
  fs::remove(drive / "velodyne_points/data/0000000004.bin");
  expect_words(problem_at(drive), {"tracklet 0, pose 1", "from 0 to 3", "got 4", "tracklet_labels.xml"});
}

constexpr const char* datumaro_tracklets = "kitti_tracklets/datumaro.xml";

TEST(KittiTracklets, DatumarosHaveSizesByAxisAndCentres) {
  const Scene scene = scene_of(datumaro_tracklets, "tracklet_labels.xml");
  ASSERT_EQ(scene.labels.tracks.size(), 2U);
  const Track& car = scene.labels.tracks[0];
  EXPECT_EQ(car.keyframes[0].cuboid.center, (Vec3d{8, 1.5, -0.5}));
  EXPECT_EQ(car.keyframes[0].cuboid.size, (Vec3d{4.2, 1.8, 1.5}));
  // About y first, then about the turned z.
  const Vec3d heading = rotate(car.keyframes[0].cuboid.rotation, {1, 0, 0});
  EXPECT_NEAR(heading.y, std::sin(0.5), 1e-12);
  EXPECT_NEAR(heading.z, -std::sin(0.1) * std::cos(0.5), 1e-12);
  EXPECT_EQ(car.keyframes[0].attributes.at("of the fleet"), "true");
  ASSERT_EQ(car.keyframes.size(), 2U) << "in frame 1 it is out of the image: not there";
  EXPECT_EQ(car.keyframes[1].timestamp, 200'000'000);
  ASSERT_EQ(car.absences.size(), 1U);
  EXPECT_TRUE(std::ranges::any_of(scene.notes,
                                  [](const std::string& note) { return note.starts_with("tracklets as Datumaro"); }));
}

TEST(KittiTracklets, DatumarosGoBackAsTheyCame) {
  const Example example(corpus(datumaro_tracklets), "tracklet_labels.xml");
  Scene scene = scene_at(example.path);
  const fs::path out = example.folder.path() / "out.xml";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_raw, out));
  EXPECT_EQ(content_of(out), corpus(datumaro_tracklets));
  scene.labels.tracks[0].keyframes[1].cuboid.center.x = 11;
  scene.labels.tracks[0].keyframes[1].attributes["of the fleet"] = "false";
  for (Keyframe& k : scene.labels.tracks[0].keyframes) k.cuboid.size.z = 1.75;
  const auto written = write_labels(scene, scene.labels, Format::kitti_raw, out, Overwrite::yes);
  ASSERT_TRUE(written.has_value()) << written.error().message;
  // The same, as their reader takes it.
  const std::string text = content_of(out);
  expect_words(text, {"<h>1.8</h>", "<w>4.2</w>", "<l>1.75</l>", "<tx>11</tx>", "<tz>-0.5</tz>", "<ry>0.1</ry>",
                      "<truncation>2</truncation>"});
  const Scene again = scene_at(out);
  ASSERT_EQ(again.labels.tracks.size(), 2U);
  ASSERT_EQ(again.labels.tracks[0].keyframes.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Keyframe &want = scene.labels.tracks[0].keyframes[i], &have = again.labels.tracks[0].keyframes[i];
    EXPECT_EQ(have.timestamp, want.timestamp);
    EXPECT_LT(norm(have.cuboid.center - want.cuboid.center), 1e-9);
    EXPECT_EQ(have.cuboid.size, want.cuboid.size);
    EXPECT_LT(norm(rotate(have.cuboid.rotation, {1, 0, 0}) - rotate(want.cuboid.rotation, {1, 0, 0})), 1e-9);
    EXPECT_EQ(have.attributes, want.attributes);
  }
  EXPECT_EQ(again.labels.tracks[1].keyframes[0].cuboid, scene.labels.tracks[1].keyframes[0].cuboid);
}

TEST(KittiTracklets, DamageIsNamedByTrackletAndPose) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(tracklets_example, "tracklet_labels.xml", what, with);
  };
  expect_words(problem("<tx>10.25</tx>", "<tx>ten</tx>"), {"tracklet 0, pose 0", "<tx>", "\"ten\""});
  expect_words(problem("<h>1.5</h>", "<h>0</h>"), {"tracklet 0", "above 0"});
  expect_words(problem("<first_frame>3</first_frame>", "<first_frame>-1</first_frame>"),
               {"tracklet 0, pose 0", "got -1"});
  expect_words(problem("<first_frame>3</first_frame>", "<first_frame>2.5</first_frame>"), {"whole number"});
  expect_words(problem("<count>2</count>", "<count>3</count>"), {"poses", "3 items", "got 2"});
  expect_words(problem("<objectType>Car</objectType>", ""), {"<objectType>"});
  expect_words(problem("</tracklets>", ""), {"not valid XML", "byte"});
}

TEST(KittiTracklets, AGapOrASecondSizeIsRefused) {
  Scene scene = scene_of(tracklets_example, "tracklet_labels.xml");
  const TemporaryFolder out;
  scene.labels.tracks[0].keyframes[1].cuboid.size.x += 1;
  auto written = write_labels(scene, scene.labels, Format::kitti_raw, out.path() / "x.xml");
  ASSERT_FALSE(written.has_value());
  expect_words(written.error().message, {"one size", "track 0", "frame 4"});
  EXPECT_TRUE(fs::is_empty(out.path()));
}

TEST(SemanticKitti, TheRealSweepHasItsClassesAndInstances) {
  SWEEPMARK_NEED_DATA(root, "semantickitti");
  const Scene scene = scene_at(root);
  ASSERT_EQ(scene.labels.point_labels.size(), 1U);
  EXPECT_EQ(scene.labels.point_classes.at(252), "moving-car");
  const auto labels = read_point_labels(scene.labels.point_labels[0]);
  ASSERT_TRUE(labels.has_value()) << labels.error().message;
  ASSERT_EQ(labels->classes.size(), 124'668U);
  std::map<std::uint16_t, std::size_t> classes;
  std::map<std::uint32_t, std::size_t> instances;
  for (std::size_t i = 0; i < labels->classes.size(); ++i)
    ++classes[labels->classes[i]], ++instances[labels->instances[i]];
  EXPECT_EQ(classes.size(), 17U);
  EXPECT_EQ(instances.size(), 14U + 1);
  for (const auto& [number, count] : classes) EXPECT_TRUE(scene.labels.point_classes.contains(number)) << number;
}

TEST(SemanticKitti, ItsPointLabelsComeBackFromNuscenesAndScale) {
  SWEEPMARK_NEED_DATA(root, "semantickitti");
  const Scene scene = scene_at(root);
  const auto before = read_point_labels(scene.labels.point_labels[0]);
  for (const Format format : {Format::nuscenes, Format::scale}) {
    SCOPED_TRACE(std::string(format_name(format)));
    const TemporaryFolder folder;
    const auto written = write_scene(scene, scene.labels, format, folder.path() / "out");
    ASSERT_TRUE(written.has_value()) << written.error().message;
    const Scene again = scene_at(folder.path() / "out");
    ASSERT_EQ(again.labels.point_labels.size(), 1U);
    const auto after = read_point_labels(again.labels.point_labels[0]);
    ASSERT_TRUE(after.has_value()) << after.error().message;
    ASSERT_EQ(after->classes.size(), before->classes.size());
    EXPECT_EQ(after->instances, before->instances);
    std::size_t same = 0;
    for (std::size_t i = 0; i < before->classes.size(); ++i) {
      const std::uint16_t c = after->classes[i];
      const std::string name =
          c == 0 && !again.labels.point_classes.contains(0) ? "unlabeled" : again.labels.point_classes.at(c);
      same += name == scene.labels.point_classes.at(before->classes[i]);
    }
    EXPECT_EQ(same, before->classes.size());
  }
}

TEST(SemanticKitti, DamageIsNamedWithItsFile) {
  const Example good(corpus("semantic_kitti/one.txt"), "");
  ASSERT_EQ(problem_at(good.path), "");
  const auto problem = [&](const std::string& file, const std::string& content) {
    const fs::path path = good.path / "sequences/00" / file;
    const std::string before = content_of(path);
    write_content(path, content);
    std::string message = problem_at(good.path);
    write_content(path, before);
    return message;
  };
  expect_words(problem("times.txt", "soon\n"), {"times.txt, line 1", "soon"});
  expect_words(problem("times.txt", "2\n1\n"), {"line 2", "ascending"});
  expect_words(problem("poses.txt", "1 2 3\n"), {"poses.txt", "12 numbers"});
  expect_words(problem("calib.txt", "P0: 1\n"), {"calib.txt", "Tr"});
  write_content(good.path / "sequences/00/velodyne/000000.bin", std::string(48, '\0'));
  expect_words(problem_at(good.path), {"3 points", "got 2", "000000.label"});
  const auto labels = parse_point_labels("12345", PointLabelKind::semantic_kitti, "x.label");
  ASSERT_FALSE(labels.has_value());
  expect_words(labels.error().message, {"x.label", "multiple of 4", "got 5"});
  const auto npz = parse_point_labels("PK", PointLabelKind::nuscenes_panoptic, "x.npz");
  ASSERT_FALSE(npz.has_value());
  expect_words(npz.error().message, {"x.npz", "not an .npz archive"});
}

TEST(PointLabels, NumpysArchiveIsRead) {
  const auto labels =
      parse_point_labels(corpus("point_labels/panoptic.npz"), PointLabelKind::nuscenes_panoptic, "x.npz");
  ASSERT_TRUE(labels.has_value()) << labels.error().message;
  EXPECT_EQ(labels->classes, (std::vector<std::uint16_t>{1, 2, 0, 17}));
  EXPECT_EQ(labels->instances, (std::vector<std::uint32_t>{1, 2, 0, 0}));
}

TEST(PointLabels, WhatAKindCannotHoldIsAnErrorThatNamesThePoint) {
  const auto bytes = point_label_bytes({{1, 300}, {}}, PointLabelKind::class_bytes);
  ASSERT_FALSE(bytes.has_value());
  expect_words(bytes.error().message, {"point 1", "255", "300"});
}

constexpr const char* scale_example = "scale/task.txt";

TEST(Scale, ACuboidIsLongAlongItsSecondDimensionAndHeadsAlongIt) {
  const Scene scene = scene_of(scale_example, "");
  EXPECT_EQ(scene.format, Format::scale);
  const Keyframe& k = first_label(scene);
  EXPECT_EQ(k.cuboid.size, (Vec3d{4, 2, 1.5}));
  EXPECT_NEAR(yaw_of(k.cuboid.rotation), 0.5 + std::numbers::pi / 2, 1e-12);
  EXPECT_EQ(k.stored_count, 2);
  EXPECT_EQ(k.attributes, (Attributes{{"stationary", "true"}, {"camera_used", "0"}, {"colour", "red"}}));
  EXPECT_EQ(k.timestamp, 1'557'539'956'500'000'000);
  ASSERT_EQ(scene.labels.point_labels.size(), 2U);
  EXPECT_EQ(read_point_labels(scene.labels.point_labels[0])->classes, (std::vector<std::uint16_t>{1, 0}));
  EXPECT_EQ(scene.labels.point_classes.at(2), "Road");
}

TEST(Scale, TheFrameHoldsThePoints) {
  const Example example(corpus(scale_example), "");
  const Scene scene = scene_at(example.path);
  ASSERT_EQ(scene.sweeps.size(), 2U);
  const auto cloud = read_points(scene.sweeps[0].file, scene.sweeps[0].kind);
  ASSERT_TRUE(cloud.has_value()) << cloud.error().message;
  EXPECT_EQ(cloud->points, (std::vector<Point>{{1, 2, 3, 0.5F}, {1, 2, 3, 0}}));
}

TEST(Scale, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(scale_example, "", what, with);
  };
  expect_words(problem("\"uuid\":\"a\"", "\"uuid\":7"), {"/0/cuboids/0/uuid", "text", "got 7", "annotations.json"});
  expect_words(problem("{\"x\":2,\"y\":4,\"z\":1.5}", "{\"x\":2,\"y\":0,\"z\":1.5}"),
               {"/0/cuboids/0/dimensions", "above 0"});
  expect_words(problem("\"yaw\":0.5", "\"turn\":0.5"), {"/0/cuboids/0", "\"yaw\""});
  expect_words(problem("{\"cuboids\":[]}]", "{\"cuboids\":[]},{\"cuboids\":[]}]"), {"2 frames", "got 3"});
  expect_words(problem("\"timestamp\":1557539956.6", "\"timestamp\":5"), {"1.json", "ascending"});
  expect_words(problem("\"device_heading\":{\"w\":1", "\"device_heading\":{\"w\":2"),
               {"0.json", "/device_heading", "unit quaternion"});
  expect_words(problem("\"point_objects\":[[1,0]", "\"point_objects\":[[1,9]"),
               {"/point_objects/0/1", "got 9", "segmentation.json"});
  expect_words(problem("\"index\":2", "\"index\":1"), {"/objects/1/index", "got 1"});
}

constexpr const char* segments_example = "segments_ai/two_frames.json";

TEST(SegmentsAi, LabelsComeFromTheEgoFrameAndKnowTheirKeyframes) {
  const Scene scene = scene_of(segments_example, "release.json");
  EXPECT_EQ(scene.format, Format::segments_ai);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  EXPECT_EQ(scene.labels.tracks[0].class_name, "car");
  ASSERT_EQ(scene.labels.tracks[0].keyframes.size(), 2U);
  EXPECT_EQ(first_label(scene).cuboid.center, (Vec3d{2, 2, 3})) << "the vehicle is at x = 1";
  EXPECT_EQ(first_label(scene).timestamp, 100'000'000);
  EXPECT_EQ(scene.labels.tracks[0].keyframes[1].attributes,
            (Attributes{{"colour", "red"}, {"provenance", "interpolated"}}));
}

/// A release file of a scene's labels.
nlohmann::json segments_file(const Scene& scene, const fs::path& out) {
  const auto written = write_scene(scene, scene.labels, Format::segments_ai, out, Overwrite::yes);
  EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().message);
  return nlohmann::json::parse(content_of(out))["dataset"]["samples"][0];
}

TEST(SegmentsAi, TracksGetNumbersAndKeepTheirIds) {
  Scene scene;
  for (int i = 0; i < 2; ++i) scene.frames.push_back({i * 100'000'000, {}, {}, {}});
  for (const char* id : {"car-1", "2", "007"})
    scene.labels.tracks.push_back(track_of_labels(id, "car",
                                                  {label_at(0, {{1, 2, 3}, {4, 2, 1}, {}}, {{"colour", "red"}}),
                                                   label_at(100'000'000, {{2, 2, 3}, {4, 2, 1}, {}})}));
  const auto made = inventions_for(scene, Format::segments_ai);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].need, Need::track_numbers);
  EXPECT_EQ(made[0].count, 2U);
  const TemporaryFolder folder;
  const nlohmann::json sample = segments_file(scene, folder.path() / "x.json");
  std::map<int, nlohmann::json> ids;
  for (const nlohmann::json& frame : sample["labels"]["ground-truth"]["attributes"]["frames"]) {
    for (const nlohmann::json& annotation : frame["annotations"])
      ids[annotation["track_id"].get<int>()] =
          annotation.value("attributes", nlohmann::json::object()).value("track_id", "");
  }
  EXPECT_EQ(ids, (std::map<int, nlohmann::json>{{1, "car-1"}, {2, ""}, {3, "007"}}));
  const Scene again = scene_at(folder.path() / "x.json");
  ASSERT_EQ(again.labels.tracks.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again.labels.tracks[i].id, scene.labels.tracks[i].id);
    EXPECT_EQ(again.labels.tracks[i].keyframes[0].attributes, (Attributes{{"colour", "red"}}));
  }
  EXPECT_TRUE(inventions_for(again, Format::segments_ai).empty()) << "in its own format";
}

TEST(SegmentsAi, AnAttributeOfTheSameNameThatIsNoIdStaysOne) {
  std::string text = corpus(segments_example);
  replace(text, "\"index\":0", "\"attributes\":{\"track_id\":\"a\"}");
  replace(text, "{\"colour\":\"red\"}", "{\"track_id\":\"b\"}");
  const Scene scene = scene_at(Example(text, "x.json").path);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  EXPECT_EQ(scene.labels.tracks[0].id, "1") << "number 1 is a in one frame and b in the other";
  EXPECT_EQ(first_label(scene).attributes, (Attributes{{"track_id", "a"}}));
  text = corpus(segments_example);
  replace(text, "{\"colour\":\"red\"}", "{\"track_id\":\"b\"}");
  EXPECT_EQ(scene_at(Example(text, "x.json").path).labels.tracks.at(0).id, "b") << "said once is enough";
}

TEST(SegmentsAi, NewTracksGetTheNextNumbers) {
  const Example example(corpus(segments_example), "x.json");
  Scene scene = scene_at(example.path);
  scene.labels.tracks.push_back(track_of_labels("van", "van", {label_at(100'000'000, {{1, 2, 3}, {4, 2, 1}, {}})}));
  const nlohmann::json sample = segments_file(scene, example.folder.path() / "out.json");
  const nlohmann::json& annotations = sample["labels"]["ground-truth"]["attributes"]["frames"][0]["annotations"];
  ASSERT_EQ(annotations.size(), 2U);
  EXPECT_EQ(annotations[0],
            nlohmann::json::parse(corpus(segments_example))["dataset"]["samples"][0]["labels"]["ground-truth"]
                                                           ["attributes"]["frames"][0]["annotations"][0]);
  EXPECT_EQ(annotations[1]["track_id"], 2);
  EXPECT_EQ(annotations[1]["attributes"]["track_id"], "van");
}

TEST(SegmentsAi, FramesNameTheirClouds) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  const Scene scene = scene_at(root, "0000");
  const TemporaryFolder folder;
  const nlohmann::json sample = segments_file(scene, folder.path() / "x.json");
  const auto& frames = sample["attributes"]["frames"];
  ASSERT_EQ(frames.size(), scene.frames.size());
  for (const auto& frame : frames) EXPECT_TRUE(frame["pcd"]["url"].is_string() && frame["pcd"]["type"].is_string());
  const Scene again = scene_at(folder.path() / "x.json");
  ASSERT_FALSE(scene.sweeps.empty());
  ASSERT_EQ(again.sweeps.size(), scene.sweeps.size()) << "by their paths from the file";
  for (std::size_t i = 0; i < scene.sweeps.size(); ++i) {
    EXPECT_TRUE(fs::equivalent(again.sweeps[i].file, scene.sweeps[i].file));
    EXPECT_EQ(again.sweeps[i].kind, scene.sweeps[i].kind);
    const Vec3d p{10, 5, 1};
    EXPECT_LT(norm(again.sweeps[i].world_from_points * p - scene.sweeps[i].world_from_points * p), 1e-9);
  }
}

TEST(SegmentsAi, CloudsThatHaveToBeConvertedAreNamedAsSuch) {
  SWEEPMARK_NEED_DATA(root, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const Scene scene = scene_at(root);
  const TemporaryFolder folder;
  const nlohmann::json sample = segments_file(scene, folder.path() / "x.json");
  std::size_t named = 0;
  for (std::size_t i = 0; i < scene.frames.size(); ++i) {
    const auto& cloud = sample["attributes"]["frames"][i]["pcd"];
    EXPECT_EQ(cloud["type"], "pcd");
    if (scene.frames[i].sweeps.empty()) continue;
    ++named;
    EXPECT_EQ(cloud["url"], scene.sweeps[scene.frames[i].sweeps[0]].file.stem().string() + ".pcd");
  }
  EXPECT_EQ(named, scene.sweeps.size());
}

TEST(SegmentsAi, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(segments_example, "release.json", what, with);
  };
  expect_words(problem("\"timestamp\":\"200000000\"", "\"timestamp\":\"1\""),
               {"/dataset/samples/0/attributes/frames/1/timestamp", "ascending"});
  expect_words(problem("\"dimensions\":{\"x\":4", "\"dimensions\":{\"x\":0"), {"annotations/0/dimensions", "above 0"});
  expect_words(problem("\"category_id\":1", "\"category_id\":\"car\""), {"category_id", "whole number", "car"});
  expect_words(problem("\"heading\":{\"qx\":0", "\"heading\":{\"qx\":9"), {"ego_pose/heading", "unit quaternion"});
  expect_words(problem("\"is_keyframe\":false", "\"is_keyframe\":0"), {"is_keyframe", "true or false"});
}

constexpr const char* supervisely_example = "supervisely/episode.txt";

TEST(Supervisely, FiguresBelongToTheirObjects) {
  const Scene scene = scene_of(supervisely_example, "");
  EXPECT_EQ(scene.format, Format::supervisely);
  EXPECT_EQ(scene.frames.size(), 3U);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  EXPECT_EQ(scene.labels.tracks[0].attributes, (Attributes{{"colour", "red"}}));
  const Cuboid& c = first_label(scene).cuboid;
  EXPECT_EQ(c.size, (Vec3d{4, 2, 1.5}));
  // About y first, then about the turned z: the heading rises and falls with the pitch.
  const Vec3d heading = rotate(c.rotation, {1, 0, 0});
  EXPECT_NEAR(heading.y, std::sin(0.5), 1e-12);
  EXPECT_NEAR(heading.z, -std::sin(0.1) * std::cos(0.5), 1e-12);
}

TEST(Supervisely, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(supervisely_example, "", what, with);
  };
  expect_words(problem("\"objectKey\":\"0f0e\"", "\"objectKey\":\"x\""),
               {"/frames/0/figures/0/objectKey", "\"x\"", "annotation.json"});
  expect_words(problem("\"dimensions\":{\"x\":4", "\"dimensions\":{\"x\":-4"), {"/geometry/dimensions", "above 0"});
  expect_words(problem("\"index\":2", "\"index\":0"), {"/frames/1/index", "got 0"});
  expect_words(problem("\"framesCount\":3", "\"framesCount\":-3"), {"/framesCount", "got -3"});
  expect_words(problem("{\"0\":\"a.pcd\"", "{\"zero\":\"a.pcd\""), {"frame_pointcloud_map.json", "/zero"});
}

constexpr const char* sustech_example = "sustechpoints/two_frames.txt";

TEST(SustechPoints, AnObjectWithoutAnIdIsOneOfItsOwn) {
  const Scene scene = scene_of(sustech_example, "");
  EXPECT_EQ(scene.format, Format::sustechpoints);
  ASSERT_EQ(scene.labels.tracks.size(), 2U);
  EXPECT_EQ(scene.labels.tracks[0].id, "1");
  EXPECT_EQ(first_label(scene).attributes, (Attributes{{"obj_attr", "static"}}));
  ASSERT_EQ(scene.sensors.size(), 2U);
  EXPECT_LT(norm(rotate(scene.sensors[1].ego_from_sensor.rotation, {0, 0, 1}) - Vec3d{1, 0, 0}), 1e-12)
      << "the camera looks ahead";
}

TEST(SustechPoints, DamageIsNamedByItsPlace) {
  const auto problem = [](std::string_view what, std::string_view with) {
    return problem_after(sustech_example, "", what, with);
  };
  expect_words(problem("\"obj_type\":\"Car\"", "\"kind\":\"Car\""), {"000000.json", "/0", "obj_type"});
  expect_words(problem("\"rotation\":{\"x\":0,", "\"rotation\":{\"x\":\"a\","),
               {"/0/psr/rotation/x", "number", "\"a\""});
  expect_words(problem("\"scale\":{\"x\":4", "\"scale\":{\"x\":0"), {"/0/psr/scale", "above 0"});
  expect_words(problem("\"intrinsic\":[500,", "\"intrinsic\":["), {"front.json", "/intrinsic", "9 numbers"});
}

TEST(RecordStream, RecordsThatCrossBlocksAreWhole) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "table.json";
  std::string text = "\n [";
  for (int i = 0; i < 3; ++i)
    text += (i == 0 ? "" : " , ") + std::string("{\"a\": {\"b\\\"}\": \"") + std::string(700'000, 'x') + "{\"}}";
  text += "]\n";
  write_content(file, text);
  std::size_t seen = 0;
  const auto read = each_record(file, [&](const RecordText& record) {
    EXPECT_EQ(record.number, seen++);
    EXPECT_EQ(record.text.size(), 700'000U + 20);
    EXPECT_TRUE(record.text.starts_with('{') && record.text.ends_with("{\"}}"));
    EXPECT_EQ(text.substr(record.offset, record.text.size()), record.text);
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(seen, 3U);
}

TEST(RecordStream, ArraysByTheirKeysAreFoundWhereTheyLie) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "results.json";
  const std::string longest = "[\"]\\\"\", {\"a\": [1, " + std::string(2'500'000, ' ') + "2]}]";
  const std::string text =
      "{ \"meta\": {\"results\": [5]}, \"n\" : -1.5e3, \"t\":\"]}\", \"results\": {\"a\":[] ,\"b\": " + longest +
      "}, \"more\": null}\n";
  write_content(file, text);
  std::vector<std::string> keys;
  const auto read = each_array_of(file, "results", [&](const MemberText& member) {
    keys.emplace_back(member.key);
    EXPECT_EQ(member.text, keys.size() == 1 ? "[]" : longest);
    EXPECT_EQ(text.substr(member.offset, member.text.size()), member.text);
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "b"}));
}

TEST(RecordStream, DamageAroundArraysIsNamedByItsByte) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "results.json";
  const auto problem = [&](const std::string& text) {
    write_content(file, text);
    const auto read = each_array_of(file, "r", [](const MemberText&) {});
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(problem("{\"r\": {}}"), "");
  expect_words(problem("[]"), {"byte 0", "an object", "\"[\"", "results.json"});
  expect_words(problem("{\"m\": 1}"), {"a member \"r\"", "results.json"});
  expect_words(problem("{\"r\" {}}"), {"byte 5", "a colon", "\"{\""});
  expect_words(problem("{\"r\": {\"a\": 5}}"), {"byte 12", "an array for a", "\"5\""});
  expect_words(problem("{\"r\": {\"a\": [] \"b\": []}}"), {"byte 15", "a comma"});
  expect_words(problem("{\"r\": {\"a\": [], }}"), {"byte 16", "a member's name", "\"}\""});
  expect_words(problem("{\"r\": {\"a\": [1"), {"the end of the value", "got the end of the file"});
  expect_words(problem("{\"r\": {\"a"), {"the end of the text", "got the end of the file"});
  expect_words(problem("{\"r\": {}} x"), {"nothing behind", "\"x\""});
}

TEST(RecordStream, DamageIsNamedByItsRecord) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "table.json";
  const auto problem = [&](const std::string& text) {
    write_content(file, text);
    const auto read = each_record(file, [](const RecordText&) {});
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(problem("[]"), "");
  expect_words(problem("{}"), {"record 0", "array", "table.json"});
  expect_words(problem("[{} {}]"), {"record 1", "comma", "{"});
  expect_words(problem("[{},5]"), {"record 1", "braces", "5"});
  expect_words(problem("[{\"a\": 1"), {"record 0", "end of the record", "end of the file"});
  expect_words(problem("[{}] x"), {"nothing behind", "x"});
  expect_words(problem("[{},"), {"record 1", "end of the file"});
}

}  // namespace
}  // namespace sweepmark::testing_support
