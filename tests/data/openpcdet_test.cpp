// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "data/conversion.h"
#include "data/formats/npy.h"
#include "data/point_cloud.h"
#include "data/point_file_info.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"
#include "tests/data/random_scene.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

void write_sample(const fs::path& root, const std::string& name, const std::string& labels) {
  write_content(root / "points" / (name + ".npy"),
                npy_bytes("<f4", "(2, 4)", floats({1, 2, 3, 0.5F, -4, 5, 6, 0.25F})));
  write_content(root / "labels" / (name + ".txt"), labels);
}

/// The example of OpenPCDet's tutorial.
constexpr const char* example =
    "1.50 1.46 0.10 5.12 1.85 4.13 1.56 Vehicle\n5.54 0.57 0.41 1.08 0.74 1.95 1.57 Pedestrian\n";

TEST(OpenPcdet, TheTutorialsExampleIsRead) {
  const TemporaryFolder folder;
  write_sample(folder.path(), "000000", example);
  write_sample(folder.path(), "000010", "");
  const Scene scene = scene_at(folder.path());
  EXPECT_EQ(scene.format, Format::openpcdet);
  ASSERT_EQ(scene.frames.size(), 2U);
  EXPECT_EQ(scene.frames[1].timestamp, 1'000'000'000) << "names are numbers: ten frames later";
  ASSERT_EQ(scene.labels.tracks.size(), 2U);
  EXPECT_EQ(scene.labels.tracks[0].class_name, "Vehicle");
  const Cuboid& c = scene.labels.tracks[0].keyframes[0].cuboid;
  EXPECT_EQ(c.center, (Vec3d{1.5, 1.46, 0.1}));
  EXPECT_EQ(c.size, (Vec3d{5.12, 1.85, 4.13}));
  EXPECT_NEAR(yaw_of(c.rotation), 1.56, 1e-12);
  const auto cloud = read_points(scene.sweeps[0]);
  ASSERT_TRUE(cloud) << cloud.error().message;
  ASSERT_EQ(cloud->points.size(), 2U);
  EXPECT_EQ(cloud->points[1], (Point{-4, 5, 6, 0.25F}));
}

TEST(OpenPcdet, WhatNobodyChangedIsWrittenBackByteForByteAndAnEditChangesItsRowAlone) {
  const TemporaryFolder folder;
  write_sample(folder.path() / "in", "a", example);
  write_sample(folder.path() / "in", "b", "");
  write_content(folder.path() / "in/ImageSets/train.txt", "a\n");
  write_content(folder.path() / "in/ImageSets/val.txt", "b\n");
  Scene scene = scene_at(folder.path() / "in");
  ASSERT_TRUE(write_scene(scene, scene.labels, Format::openpcdet, folder.path() / "same"));
  EXPECT_EQ(files_at(folder.path() / "same"), files_at(folder.path() / "in"));
  scene.labels.tracks[1].keyframes[0].cuboid.center.x = 6;
  ASSERT_TRUE(write_scene(scene, scene.labels, Format::openpcdet, folder.path() / "edited"));
  EXPECT_EQ(content_of(folder.path() / "edited/labels/a.txt"),
            "1.50 1.46 0.10 5.12 1.85 4.13 1.56 Vehicle\n6 0.57 0.41 1.08 0.74 1.95 1.57 Pedestrian\n");
}

TEST(OpenPcdet, NumpyReadsThePointsInTheVehiclesFrameAndTheLabelsAroundThem) {
  if (!python_has("numpy")) GTEST_SKIP() << "no numpy";
  const TemporaryFolder folder;
  Scene scene = random_labelled_scene();
  std::size_t inside = 0;
  for (std::size_t f = 0; f < scene.frames.size(); ++f) {
    // A point in the centre of each cuboid of the frame, in the coordinates of the LiDAR.
    const Pose world_from_lidar = scene.frames[f].world_from_ego * scene.sensors[0].ego_from_sensor;
    std::vector<float> points;
    for (const Track& track : scene.labels.tracks) {
      for (const Keyframe& k : track.keyframes) {
        if (k.timestamp != scene.frames[f].timestamp) continue;
        const Vec3d at = inverse(world_from_lidar) * k.cuboid.center;
        points.insert(points.end(), {static_cast<float>(at.x), static_cast<float>(at.y), static_cast<float>(at.z), 1});
        ++inside;
      }
    }
    const fs::path file = folder.path() / (std::to_string(f) + ".npy");
    write_content(file, npy_bytes("<f4", "(" + std::to_string(points.size() / 4) + ", 4)", floats(points)));
    scene.frames[f].sweeps = {static_cast<std::uint32_t>(scene.sweeps.size())};
    scene.sweeps.push_back({0, scene.frames[f].timestamp, file, PointFileKind::npy, world_from_lidar});
  }
  ASSERT_GT(inside, 3U);
  const Conversion conversion = prepare_conversion(scene, Format::openpcdet);
  EXPECT_TRUE(conversion.inventions.empty());
  const fs::path out = folder.path() / "out";
  ASSERT_TRUE(write(conversion, out));
  const PythonRun run = run_python("read_openpcdet.py", {out.string()});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(run.output, std::to_string(scene.frames.size()) + " samples, " + std::to_string(inside) +
                            " points, each in the middle of a label\n");
}

TEST(OpenPcdet, FramesWithoutASweepAreListedAndHaveNoPoints) {
  const TemporaryFolder folder;
  const Scene scene = random_labelled_scene();
  const Conversion conversion = prepare_conversion(scene, Format::openpcdet);
  ASSERT_EQ(conversion.inventions.size(), 1U);
  EXPECT_EQ(conversion.inventions[0].need, Need::points);
  EXPECT_EQ(conversion.inventions[0].count, scene.frames.size());
  ASSERT_TRUE(write(conversion, folder.path() / "out"));
  const Scene again = scene_at(folder.path() / "out");
  ASSERT_EQ(again.sweeps.size(), scene.frames.size());
  const auto cloud = read_points(again.sweeps[0]);
  ASSERT_TRUE(cloud) << cloud.error().message;
  EXPECT_TRUE(cloud->points.empty());
}

TEST(OpenPcdet, BadRowsAreNamedWithTheirPlace) {
  const TemporaryFolder folder;
  const auto problem = [&](const std::string& labels) {
    fs::remove_all(folder.path() / "set");
    write_sample(folder.path() / "set", "000000", labels);
    return first_problem_at(folder.path() / "set");
  };
  expect_words(problem("1 2 3 4 5 6 0 Car\n1 2 3 4 5 6 Car\n"), {"000000.txt, line 2", "8 columns", "got 7"});
  expect_words(problem("1 2 x 4 5 6 0 Car\n"), {"line 1", "column 3", "\"x\""});
  expect_words(problem("1 2 3 4 0 6 0 Car\n"), {"line 1", "above 0", "width 0"});
  expect_words(problem("1 2 3 4 5 6 nan Car\n"), {"line 1", "got nan"});
}

TEST(NpyPoints, FilesOfOtherTypesAndShapesAreRefused) {
  const auto problem = [](const std::string& bytes) {
    const auto cloud = parse_npy_points(bytes, "a.npy");
    return cloud ? std::string() : cloud.error().message;
  };
  const std::string six = floats({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(problem(npy_bytes("<f4", "(2, 3)", six)), "");
  expect_words(problem("no array"), {"numpy's header", "a.npy"});
  expect_words(problem(npy_bytes("<i4", "(2, 3)", six)), {"float32 or float64", "<i4"});
  expect_words(problem(npy_bytes("<f4", "(6,)", six)), {"rows of 3", "(6)"});
  expect_words(problem(npy_bytes("<f4", "(3, 2)", six)), {"rows of 3", "(3, 2)"});
  expect_words(problem(npy_bytes("<f4", "(3, 3)", six)), {"36 bytes", "got 24"});
  std::string columns = npy_bytes("<f4", "(2, 3)", six);
  replace(columns, "False", "True");
  expect_words(problem(columns), {"column-major"});
}

TEST(NpyPoints, InfoSaysWhatTheColumnsAreUsedFor) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.npy";
  write_content(file, npy_bytes("<f8", "(0, 5)", ""));
  const auto info = point_file_info({0, 0, file, *point_file_kind(file), {}});
  ASSERT_TRUE(info) << info.error().message;
  ASSERT_EQ(info->fields.size(), 5U);
  EXPECT_EQ(info->fields[3].use, "intensity");
  EXPECT_EQ(info->fields[4].use, "");
  EXPECT_EQ(info->fields[0].type, "f8");
}

}  // namespace
}  // namespace sweepmark::testing_support
