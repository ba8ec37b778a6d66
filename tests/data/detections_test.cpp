// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/detections/detection_file.h"
#include "data/formats/nuscenes.h"
#include "data/synth/write_dataset.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::string problem_of(const fs::path& path) {
  const auto read = DetectionFile::read(path);
  return read ? "" : read.error().message;
}

struct Street {
  TemporaryFolder folder;
  Scene scene;
  explicit Street(synth::DatasetFormat format) {
    synth::DatasetOptions options;
    options.street = {.seed = 4, .seconds = 1.2, .vehicles = 4, .pedestrians = 1, .cyclists = 0};
    options.lidar.rings = 32;
    options.lidar.columns = 90;
    options.format = format;
    EXPECT_TRUE(synth::write_dataset(options, folder.path(), {}).has_value());
    scene = scene_at(folder.path());
  }
};

/// Every label of a scene is among the detections of its frame, and nothing else is.
void expect_labels(const Scene& scene, const std::vector<DetectionFrame>& frames, double metres, double radians) {
  ASSERT_EQ(frames.size(), scene.frames.size());
  std::size_t labels = 0, detections = 0;
  for (const DetectionFrame& frame : frames) detections += frame.detections.size();
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      ++labels;
      const auto frame = std::ranges::find(frames, k.timestamp, &DetectionFrame::timestamp);
      ASSERT_NE(frame, frames.end());
      EXPECT_TRUE(std::ranges::any_of(frame->detections,
                                      [&](const Detection& d) {
                                        const Quat off = conjugate(d.cuboid.rotation) * k.cuboid.rotation;
                                        return d.class_name == track.class_name &&
                                               norm(d.cuboid.center - k.cuboid.center) < metres &&
                                               norm(d.cuboid.size - k.cuboid.size) < metres &&
                                               norm(Vec3d{off.x, off.y, off.z}) < radians;
                                      }))
          << track.id << " at " << k.timestamp;
    }
  }
  EXPECT_EQ(detections, labels);
  EXPECT_GT(labels, 4U);
}

std::string nuscenes_results(const Scene& scene) {
  const auto times = nuscenes::sample_times(scene);
  EXPECT_TRUE(times.has_value());
  std::string text = R"({"meta": {"use_lidar": true}, "results": {)";
  for (const auto& [token, time] : *times) {
    text += fmt::format("{}\"{}\": [", text.ends_with('{') ? "" : ", ", token);
    for (const Track& track : scene.labels.tracks) {
      for (const Keyframe& k : track.keyframes) {
        if (k.timestamp != time) continue;
        const Cuboid& c = k.cuboid;
        text += fmt::format(
            R"({}{{"sample_token": "{}", "translation": [{}, {}, {}], "size": [{}, {}, {}], "rotation": [{}, {}, {}, {}], "velocity": [0, 0], "detection_name": "{}", "detection_score": 0.75, "attribute_name": ""}})",
            text.ends_with('[') ? "" : ", ", token, c.center.x, c.center.y, c.center.z, c.size.y, c.size.x, c.size.z,
            c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z, track.class_name);
      }
    }
    text += "]";
  }
  return text + "}}";
}

TEST(Detections, NuscenesResultsAreCuboidsOfTheirSamples) {
  const Street street(synth::DatasetFormat::nuscenes);
  const fs::path file = street.folder.path() / "results.json";
  const std::string good = nuscenes_results(street.scene);
  write_content(file, good);
  const auto read = DetectionFile::read(file);
  ASSERT_TRUE(read) << read.error().message;
  const auto frames = read->frames_of(street.scene);
  ASSERT_TRUE(frames) << frames.error().message;
  expect_labels(street.scene, *frames, 1e-9, 1e-9);
  const auto problem = [&](std::string_view what, std::string_view with) {
    std::string text = good;
    replace(text, what, with);
    write_content(file, text);
    const auto damaged = DetectionFile::read(file);
    if (!damaged) return damaged.error().message;
    const auto damaged_frames = damaged->frames_of(street.scene);
    return damaged_frames ? std::string() : damaged_frames.error().message;
  };
  expect_words(problem("\"translation\": [", "\"translation\": [1, "),
               {"results.json", "/results/", "/0/translation", "3 finite", "got [1, "});
  expect_words(problem("\"size\": [", "\"size\": [-"), {"/0/size", "above 0", "got [-"});
  expect_words(problem("\"rotation\": [", "\"rotation\": [7"), {"/0/rotation", "unit quaternion", "got [7"});
  expect_words(problem("\"detection_score\": 0.75", "\"detection_score\": 1.75"), {"/0/detection_score", "got 1.75"});
  expect_words(problem("\"detection_score\": 0.75", "\"detection_score\": \"high\""),
               {"/0/detection_score", "a number", "got \"high\""});
  expect_words(problem("\"detection_name\": ", "\"detection\": "), {"/0/detection_name", "a text", "got nothing"});
  expect_words(problem("[{\"sample_token\"", "[7, {\"sample_token\""), {"/0", "an object", "results.json"});
  expect_words(problem("\"velocity\": [0, 0]", "\"velocity\": [0, 0"), {"results.json"});
  expect_words(problem("\"results\": {", "\"results\": {]"), {"results.json", "byte", "got \"]\""});
  const std::string token = street.scene.frames.empty() ? "" : nuscenes::sample_times(street.scene)->begin()->first;
  expect_words(problem("\"results\": {", "\"results\": {\"" + token + "\": [], "), {token, "once", "results.json"});
  // Damage inside the boxes of a scene that is not asked for is not looked at.
  EXPECT_EQ(problem("\"results\": {", "\"results\": {\"0123\": [{\"size\": -1}], "), "");
  // Results of other scenes alone.
  write_content(file, R"({"results": {"0123": []}})");
  const auto other = DetectionFile::read(file)->frames_of(street.scene);
  ASSERT_FALSE(other);
  expect_words(other.error().message, {"no frame of scene", street.scene.name, "results.json"});
}

TEST(Detections, KittiRowsWithScoresAreInTheWorldFrame) {
  const Street street(synth::DatasetFormat::kitti);
  // The label file of the sequence with a score behind every row.
  const std::string labels = content_of(street.folder.path() / "training/label_02/0000.txt");
  std::string rows;
  for (std::size_t at = 0; at < labels.size();) {
    const std::size_t end = labels.find('\n', at);
    rows += labels.substr(at, end - at) + " 0.5\n";
    at = end + 1;
  }
  const TemporaryFolder work;
  write_content(work.path() / "0000.txt", rows);
  for (const fs::path& path : {work.path(), work.path() / "0000.txt"}) {
    const auto read = DetectionFile::read(path);
    ASSERT_TRUE(read) << read.error().message;
    const auto frames = read->frames_of(street.scene);
    ASSERT_TRUE(frames) << frames.error().message;
    expect_labels(street.scene, *frames, 1e-6, 1e-6);
    EXPECT_EQ((*frames)[0].detections[0].score, 0.5);
  }
  // One file a frame, in the object benchmark's columns.
  const TemporaryFolder frames_folder;
  std::map<std::string, std::string> files;
  for (std::size_t at = 0; at < rows.size();) {
    const std::size_t end = rows.find('\n', at), first = rows.find(' ', at), second = rows.find(' ', first + 1);
    files[fmt::format("{:0>6}.txt", rows.substr(at, first - at))] += rows.substr(second + 1, end - second);
    at = end + 1;
  }
  for (const auto& [name, content] : files) write_content(frames_folder.path() / name, content);
  const auto by_frame = DetectionFile::read(frames_folder.path());
  ASSERT_TRUE(by_frame) << by_frame.error().message;
  const auto frames = by_frame->frames_of(street.scene);
  ASSERT_TRUE(frames) << frames.error().message;
  expect_labels(street.scene, *frames, 1e-6, 1e-6);
}

TEST(Detections, DamageOfKittiRowsIsNamedByItsLine) {
  const TemporaryFolder work;
  const fs::path file = work.path() / "0000.txt";
  const std::string row = "0 1 Car 0 0 -1 10 10 20 20 1.5 1.6 4 1 1.5 20 0.1";
  const auto problem = [&](const std::string& content) {
    write_content(file, content);
    return problem_of(file);
  };
  EXPECT_EQ(problem(row + " 0.9\n"), "");
  expect_words(problem(row + "\n"), {"0000.txt, line 1", "score in column 18", "17 columns"});
  expect_words(problem(row + " 0.9\n" + row + " 9\n"), {"line 2", "0 to 1", "\"9\""});
  expect_words(problem("0 1 Car 0 0 -1 10 10 20 20 1.5 1.6 0 1 1.5 20 0.1 0.9"), {"line 1", "above 0"});
  expect_words(problem("Car 0 0 -1 10 10 20 20 1.5 1.6 4 1 1.5 20 0.1 0.9"), {"line 1", "number of a frame"});
  write_content(work.path() / "0001.txt", "Car 0 0 -1 10 10 20 20 1.5 1.6 4 1 1.5 20 0.1 0.9");
  problem(row + " 0.9\n");
  expect_words(problem_of(work.path()), {"0001.txt, line 1", "number of a frame", "\"Car\""});
  fs::remove(work.path() / "0001.txt");
  fs::remove(file);
  expect_words(problem_of(work.path()), {".txt"});
  write_content(work.path() / "first.txt", "Car 0 0 -1 10 10 20 20 1.5 1.6 4 1 1.5 20 0.1 0.9");
  expect_words(problem_of(work.path()), {"first.txt", "number of a frame"});
}

TEST(Detections, KittiFramesAreFoundByTheirNumbers) {
  const TemporaryFolder work;
  const std::string row = "Car 0 0 -1 10 10 20 20 1.5 1.6 4 1 1.5 20 0.1 0.9\n";
  Scene scene;
  scene.name = "0000";
  scene.format = Format::kitti_tracking;
  const TemporaryFolder dataset;
  scene.root = dataset.path();
  for (const char* name : {"0000", "000008"}) {
    write_content(dataset.path() / fmt::format("calib/{}.txt", name),
                  "P2: 700 0 600 45 0 700 180 0 0 0 1 0\nR0_rect: 1 0 0 0 1 0 0 0 1\n"
                  "Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n");
  }
  for (const TimestampNs number : {3, 4, 7}) scene.frames.push_back({number * 100'000'000, {}, {}, {}});
  write_content(work.path() / "0000.txt", "4 -1 " + row);
  const auto frames = DetectionFile::read(work.path())->frames_of(scene);
  ASSERT_TRUE(frames) << frames.error().message;
  ASSERT_EQ((*frames)[1].detections.size(), 1U);
  // Rows are in the rectified frame of camera 0, not in that of the colour camera beside it: ahead is 20, left is -1.
  EXPECT_LT(norm((*frames)[1].detections[0].cuboid.center - Vec3d{20, -1, -1.5 + 0.75}), 1e-9);
  write_content(work.path() / "0000.txt", "5 -1 " + row);
  const auto none = DetectionFile::read(work.path())->frames_of(scene);
  ASSERT_FALSE(none);
  expect_words(none.error().message, {"0000", "got 5"});
  // Frames of the object dataset are scenes of their own, named by their numbers.
  const TemporaryFolder objects;
  write_content(objects.path() / "000008.txt", row + row);
  write_content(objects.path() / "000009.txt", row);
  scene.format = Format::kitti_object;
  scene.name = "000008";
  scene.frames = {{0, {}, {}, {}}};
  const auto single = DetectionFile::read(objects.path())->frames_of(scene);
  ASSERT_TRUE(single) << single.error().message;
  EXPECT_EQ((*single)[0].detections.size(), 2U);
}

TEST(Detections, OurOwnFileIsReadAndItsDamageIsNamed) {
  const TemporaryFolder work;
  const fs::path file = work.path() / "d.json";
  const std::string good =
      R"({"sweepmark_detections": 1, "by": "us", "frames": [{"timestamp_ns": 100, "detections": [{"class": "car", "score": 0.9, "center": [1, 2, 3], "size": [4, 2, 1.5], "rotation": [1, 0, 0, 0]}]}]})";
  const auto problem = [&](std::string_view what, std::string_view with) {
    std::string text = good;
    replace(text, what, with);
    write_content(file, text);
    return problem_of(file);
  };
  EXPECT_EQ(problem("us", "them"), "");
  Scene scene;
  scene.frames = {{0, {}, {}, {}}, {100, {}, {}, {}}};
  const auto frames = DetectionFile::read(file)->frames_of(scene);
  ASSERT_TRUE(frames) << frames.error().message;
  ASSERT_EQ((*frames)[1].detections.size(), 1U);
  EXPECT_EQ((*frames)[1].detections[0].cuboid, (Cuboid{{1, 2, 3}, {4, 2, 1.5}, {}}));
  EXPECT_TRUE((*frames)[0].detections.empty());
  scene.frames[1].timestamp = 101;
  expect_words(DetectionFile::read(file)->frames_of(scene).error().message, {"100 ns", "d.json"});
  expect_words(problem("\"sweepmark_detections\": 1", "\"sweepmark_detections\": 2"), {"version 1", "got 2"});
  expect_words(problem("\"score\": 0.9", "\"score\": -0.9"), {"/frames/0/detections/0/score", "got -0.9"});
  expect_words(problem("[4, 2, 1.5]", "[4, 2]"), {"/frames/0/detections/0/size", "3 numbers"});
  expect_words(problem("[4, 2, 1.5]", "[4, 0, 1.5]"), {"/size", "above 0"});
  expect_words(problem("[1, 0, 0, 0]", "[1, 1, 0, 0]"), {"/rotation", "unit"});
  expect_words(problem("\"class\"", "\"kind\""), {"/frames/0/detections/0", "class"});
  expect_words(problem("100", "\"100\""), {"/frames/0/timestamp_ns"});
}

}  // namespace
}  // namespace sweepmark::testing_support
