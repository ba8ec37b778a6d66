// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "data/write_labels.h"
#include "geometry/camera_model.h"
#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr const char* header =
    "frame,uuid,label,yaw,stationary,position.x,position.y,position.z,dimensions.x,dimensions.y,dimensions.z,"
    "attributes.x";

/// A sequence of two frames.
struct Sequence {
  TemporaryFolder folder;
  explicit Sequence(const std::string& rows) {
    write("lidar/timestamps.json", "[1557539956.500022, 1557539956.600033]");
    write("lidar/poses.json",
          R"([{"position": {"x": 0, "y": 0, "z": 0}, "heading": {"w": 1, "x": 0, "y": 0, "z": 0}},
              {"position": {"x": 0, "y": 1, "z": 0}, "heading": {"w": 1, "x": 0, "y": 0, "z": 0}}])");
    write("annotations/cuboids.csv", std::string(header) + "\n" + rows);
  }
  void write(const std::string& name, const std::string& content) const {
    write_content(folder.path() / name, content);
  }
  std::string problem_with(const std::string& name, const std::string& content) const {
    const std::string good = content_of(folder.path() / name);
    write(name, content);
    std::string problem = first_problem_at(folder.path());
    write(name, good);
    return problem;
  }
};
constexpr const char* row = "0,a,Car,0.5,True,10,2,1,1.9,4.5,1.6,Parked\n";

TEST(Pandaset, ACuboidHeadsAQuarterTurnLeftOfItsYawAndIsLongAlongItsSecondDimension) {
  const Sequence s(row);
  const Scene scene = scene_at(s.folder.path());
  EXPECT_EQ(scene.format, Format::pandaset);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  const Keyframe& k = scene.labels.tracks[0].keyframes[0];
  EXPECT_EQ(k.cuboid.size, (Vec3d{4.5, 1.9, 1.6}));
  EXPECT_EQ(k.cuboid.center, (Vec3d{10, 2, 1}));
  EXPECT_NEAR(yaw_of(k.cuboid.rotation), 0.5 + std::numbers::pi / 2, 1e-12);
  EXPECT_EQ(k.timestamp, 1'557'539'956'500'022'000) << "exact, though a double cannot hold it";
  EXPECT_EQ(k.attributes, (Attributes{{"stationary", "True"}, {"attributes.x", "Parked"}}));
}

TEST(Pandaset, TheVehicleDrivesAlongTheEgoFramesXAxis) {
  SWEEPMARK_NEED_DATA(sequence, "pandaset_002");
  const Scene scene = scene_at(sequence);
  const Vec3d ahead = inverse(scene.frames.front().world_from_ego) * scene.frames.back().world_from_ego.translation;
  EXPECT_GT(ahead.x, 1);
  EXPECT_LT(std::abs(ahead.y), 0.05 * ahead.x);
}

TEST(Pandaset, TheRealSequenceIsReadWhole) {
  SWEEPMARK_NEED_DATA(sequence, "pandaset_002");
  const Scene scene = scene_at(sequence);
  EXPECT_EQ(scene.frames.size(), 40U);
  EXPECT_EQ(scene.sweeps.size(), 8U);
  EXPECT_EQ(scene.images.size(), 80U);
  EXPECT_EQ(scene.sensors.size(), 7U);
  EXPECT_EQ(scene.labels.tracks.size(), 120U);
  EXPECT_EQ(scene.frames[0].sweeps.size(), 1U);
  EXPECT_EQ(scene.frames[0].images.size(), 6U);
  EXPECT_EQ(scene.frames[39].images.size(), 1U);
}

TEST(Pandaset, TheCuboidsHoldThePointsThatNumpyCounted) {
  SWEEPMARK_NEED_DATA(sequence, "pandaset_002");
  const Scene scene = scene_at(sequence);
  const fs::path file = sequence / "annotations/points_in_cuboid_numpy_float64.csv";
  const std::string content = content_of(file);
  const auto rows = parse_csv(content, file);
  ASSERT_TRUE(rows.has_value());
  std::map<std::pair<TimestampNs, std::string>, std::string> counts;
  for (std::size_t i = 1; i < rows->size(); ++i)
    counts[{scene.frames[std::stoul((*rows)[i].cells[0])].timestamp, (*rows)[i].cells[1]}] = (*rows)[i].cells[3];
  std::size_t compared = 0;
  for (const SweepRef& sweep : scene.sweeps) {
    const auto cloud = read_points(sweep.file, sweep.kind);
    ASSERT_TRUE(cloud.has_value());
    std::vector<Cuboid> cuboids;
    std::vector<std::string> expected;
    for (const Track& track : scene.labels.tracks) {
      for (const Keyframe& k : track.keyframes) {
        if (k.timestamp != sweep.timestamp) continue;
        cuboids.push_back(k.cuboid);
        expected.push_back(counts.at({k.timestamp, track.id}));
      }
    }
    const auto counted = PointCounter<Cpu>(Cpu{1}).run({cloud->points, cuboids, inverse(sweep.world_from_points)});
    ASSERT_TRUE(counted.has_value());
    for (std::size_t i = 0; i < expected.size(); ++i, ++compared)
      EXPECT_EQ(std::to_string(counted->inside[i]), expected[i]) << "cuboid " << i << " at " << sweep.timestamp;
  }
  EXPECT_EQ(compared, counts.size());
}

TEST(Pandaset, NearCuboidsAreSeenByTheCameraThatLooksAtThem) {
  SWEEPMARK_NEED_DATA(sequence, "pandaset_002");
  const Scene scene = scene_at(sequence);
  std::map<std::string, std::size_t> seen;
  for (const std::uint32_t i : scene.frames[0].images) {
    const ImageRef& image = scene.images[i];
    const Sensor& sensor = scene.sensors[image.sensor];
    for (const Track& track : scene.labels.tracks) {
      const Keyframe& k = track.keyframes.front();
      if (k.timestamp != scene.frames[0].timestamp) continue;
      const auto pixel = project(*sensor.camera, inverse(image.world_from_sensor) * k.cuboid.center);
      const bool inside = pixel && pixel->x >= 0 && pixel->y >= 0 && pixel->x < 1920 && pixel->y < 1080;
      seen[sensor.name] += inside;
      // The street is level: what is near the camera's height is seen near the middle of the picture.
      if (inside && norm(k.cuboid.center - image.world_from_sensor.translation) > 30) {
        EXPECT_NEAR(pixel->y, 540, 250);
      }
    }
  }
  EXPECT_GT(seen["front_camera"], 10U);
  EXPECT_GT(seen["back_camera"], 10U);
}

TEST(Pandaset, TheRealCuboidsAreWrittenBackByteForByte) {
  SWEEPMARK_NEED_DATA(sequence, "pandaset_002");
  const Scene scene = scene_at(sequence);
  const TemporaryFolder out;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::pandaset, out.path() / "cuboids.csv"));
  std::string before = content_of(sequence / "annotations/cuboids.csv");
  std::erase(before, '\r');
  EXPECT_TRUE(content_of(out.path() / "cuboids.csv") == before);
}

TEST(Pandaset, AMovedCuboidChangesItsOwnRowOnly) {
  const Sequence s(std::string(row) + "1,a,Car,0.5,True,10.50,2,1,1.9,4.5,1.6,\"a, b\"\n");
  Scene scene = scene_at(s.folder.path());
  scene.labels.tracks[0].keyframes[0].cuboid.center.x += 1;
  const fs::path out = s.folder.path() / "out.csv";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::pandaset, out));
  EXPECT_EQ(content_of(out), std::string(header) + "\n0,a,Car,0.5,True,11,2,1,1.9,4.5,1.6,Parked\n" +
                                 "1,a,Car,0.5,True,10.50,2,1,1.9,4.5,1.6,\"a, b\"\n");
}

TEST(Pandaset, DamageIsNamedWithFileAndPlace) {
  const Sequence s(row);
  ASSERT_EQ(first_problem_at(s.folder.path()), "");
  const auto problem_of_row = [&](const std::string& text) {
    return s.problem_with("annotations/cuboids.csv", std::string(header) + "\n" + text);
  };
  expect_words(problem_of_row("0,a,Car,0.5,True,10,2\n"), {"cuboids.csv, line 2", "12 cells", "got 7"});
  expect_words(problem_of_row("7,a,Car,0.5,True,10,2,1,1.9,4.5,1.6,\n"), {"line 2", "below 2", "\"7\""});
  expect_words(problem_of_row("0,a,Car,wide,True,10,2,1,1.9,4.5,1.6,\n"), {"line 2", "yaw", "\"wide\""});
  expect_words(problem_of_row("0,a,Car,0,True,10,2,1,0,4.5,1.6,\n"), {"line 2", "above 0"});
  expect_words(problem_of_row(std::string(row) + row), {"line 3", "another row of cuboid a"});
  expect_words(problem_of_row("0,\"a,Car\n"), {"line 2", "quoted"});
  expect_words(problem_of_row("0,,Car,0.5,True,10,2,1,1.9,4.5,1.6,\n"), {"line 2", "uuid"});
  expect_words(s.problem_with("annotations/cuboids.csv", "frame,uuid\n"), {"line 1", "label"});
  expect_words(s.problem_with("annotations/cuboids.csv", ""), {"cuboids.csv", "empty"});
  expect_words(s.problem_with("lidar/timestamps.json", "[1.5, \"x\"]"), {"timestamps.json", "time 1"});
  expect_words(s.problem_with("lidar/timestamps.json", "[2.5, 1.5]"), {"timestamps.json", "ascending"});
  expect_words(s.problem_with("lidar/timestamps.json", "[2.5]"), {"poses.json", "1", "got 2"});
  expect_words(s.problem_with("lidar/timestamps.json", "{}"), {"timestamps.json", "array"});
  expect_words(s.problem_with("lidar/poses.json", "[{\"position\": {\"x\": 0}}]"), {"poses.json", "/0", "heading"});
  expect_words(
      s.problem_with("lidar/poses.json",
                     R"([{"heading": {"w": 3, "x": 0, "y": 0, "z": 0}, "position": {"x": 0, "y": 0, "z": 0}}])"),
      {"/0/heading", "unit quaternion", "w 3"});
  expect_words(s.problem_with("lidar/poses.json", "[}"), {"poses.json", "not valid JSON"});
  write_content(s.folder.path() / "lidar/05.bin", "");
  expect_words(first_problem_at(s.folder.path()), {"frame 5", "no time", "05.bin"});
}

TEST(Pandaset, PickledTablesAreUnpackedToTheSamePointsAndCuboids) {
  SWEEPMARK_NEED_DATA(root, "pandaset_002");
  SWEEPMARK_NEED_PYTHON("pandas");
  const TemporaryFolder work;
  const fs::path sequence = work.path() / "002";
  const PythonRun run = run_python("pickle_pandaset.py",
                                   {root.string(), sequence.string(), SWEEPMARK_SOURCE "/scripts/pandaset_tables.py"});
  ASSERT_EQ(run.status, 0) << run.output;
  Scene plain = scene_at(root), unpacked = scene_at(work.path() / "002-again");
  ASSERT_EQ(unpacked.sweeps.size(), 1U) << "the script packs the first one";
  EXPECT_EQ(unpacked.sweeps[0].world_from_points, plain.sweeps[0].world_from_points);
  ASSERT_EQ(unpacked.labels.point_labels.size(), 1U);
  EXPECT_EQ(unpacked.labels.point_classes, plain.labels.point_classes);
  unpacked.labels.point_labels.clear(), plain.labels.point_labels.clear();
  EXPECT_EQ(first_difference(unpacked.labels, plain.labels), "");
}

}  // namespace
}  // namespace sweepmark::testing_support
