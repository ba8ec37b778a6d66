// SPDX-License-Identifier: Apache-2.0
//
// Labels of one of two LiDARs are counted with its points, as NumPy counts them.
#include "quality/own_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "data/open_scene.h"
#include "quality/count_report.h"
#include "quality/dense_labels.h"
#include "quality/label_checks.h"
#include "quality/sweep_points.h"
#include "tests/support/test_data.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;

Scene scene_at(const fs::path& path) {
  const auto handles = find_scenes(path);
  EXPECT_TRUE(handles) << (handles ? "" : handles.error().message);
  if (!handles) return {};
  auto scene = open_scene(handles->front());
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return scene ? *std::move(scene) : Scene{};
}

/// Where a LiDAR's count stands among those of NumPy.
std::size_t place_of(OwnLidar lidar) { return lidar ? std::size_t{1} + *lidar : std::size_t{0}; }

/// Counts by NumPy of all points and of those of each LiDAR, by time and track.
using NumpyCounts = std::map<std::pair<TimestampNs, std::string>, std::vector<std::uint64_t>>;

NumpyCounts numpy_counts(const fs::path& folder, const Scene& scene) {
  NumpyCounts counts;
  std::ifstream in(folder / "annotations/points_in_cuboid_numpy_float64.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream text(line);
    std::vector<std::string> cells;
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    counts[{scene.frames.at(std::stoul(cells[0])).timestamp, cells[1]}] = {std::stoul(cells[3]), std::stoul(cells[4]),
                                                                           std::stoul(cells[5])};
  }
  return counts;
}

TEST(OwnPoints, OfPandasetsSiblingsAreThoseThatNumpyCountsForTheirLidar) {
  SWEEPMARK_NEED_DATA(folder, "pandaset_002");
  const Scene scene = scene_at(folder);
  const NumpyCounts numpy = numpy_counts(folder, scene);
  std::map<std::pair<TimestampNs, std::string>, OwnLidar> lidar_of;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) lidar_of[{k.timestamp, track.id}] = own_lidar(scene, k);
  }
  const auto report = count_report(scene, {}, Cpu{1});
  ASSERT_TRUE(report) << report.error().message;
  std::size_t of_one_lidar = 0, differ_from_all = 0;
  for (const CountRow& row : report->rows) {
    const auto expected = numpy.find({row.timestamp, row.track});
    if (expected == numpy.end()) continue;
    const OwnLidar lidar = lidar_of.at({row.timestamp, row.track});
    EXPECT_EQ(row.points_inside, expected->second[place_of(lidar)]) << row.track;
    of_one_lidar += lidar.has_value() ? 1 : 0;
    differ_from_all += row.points_inside != expected->second[0] ? 1 : 0;
  }
  EXPECT_GT(of_one_lidar, 50U);
  EXPECT_GT(differ_from_all, 20U) << "else this test shows nothing";

  LabelSet labels = scene.labels;
  ASSERT_TRUE(count_points_of(scene, labels, Cpu{1}));
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const auto expected = numpy.find({k.timestamp, track.id});
      if (expected == numpy.end()) continue;
      const OwnLidar lidar = own_lidar(scene, k);
      EXPECT_EQ(k.stored_count, static_cast<std::int64_t>(expected->second[place_of(lidar)]));
    }
  }
}

/// Ten points of LiDAR 0 in a cuboid, and none of LiDAR 1.
struct TwoLidars {
  testing_support::TemporaryFolder folder;
  TwoLidars() {
    write("lidar/timestamps.json", "[1.0]");
    write("lidar/poses.json",
          R"([{"position": {"x": 0, "y": 0, "z": 0}, "heading": {"w": 1, "x": 0, "y": 0, "z": 0}}])");
    std::string points;
    for (int i = 0; i < 10; ++i) {
      const float point[4] = {3, 10 + 0.1F * static_cast<float>(i), 0, 1};
      points.append(reinterpret_cast<const char*>(point), sizeof point);
    }
    write("lidar/00.bin", points);
    write("lidar/00.sensor.u8", std::string(10, '\0'));
    const std::string row = "3,10,0,1.9,4.6,1.6,";
    write("annotations/cuboids.csv",
          "frame,uuid,label,yaw,position.x,position.y,position.z,dimensions.x,dimensions.y,dimensions.z,cuboids."
          "sibling_id,"
          "cuboids.sensor_id\n0,a,Car,0," +
              row + "b,0\n0,b,Car,0," + row + "a,1\n0,c,Car,0," + row + "-,-1\n");
    write("meta/timestamps.json", "[1.0]");
  }
  void write(const char* name, const std::string& content) const {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name, std::ios::binary) << content;
  }
  std::map<std::string, std::uint64_t> counts() const {
    std::map<std::string, std::uint64_t> counts;
    const auto report = count_report(scene_at(folder.path()), {}, Cpu{1});
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    if (report) {
      for (const CountRow& row : report->rows) counts[row.track] = row.points_inside;
    }
    return counts;
  }
};

TEST(OwnPoints, OfALidarThatSawNothingAreNone) {
  const TwoLidars set;
  EXPECT_EQ(set.counts(), (std::map<std::string, std::uint64_t>{{"a", 10}, {"b", 0}, {"c", 10}}));
  const auto findings = check_points(scene_at(set.folder.path()), {});
  ASSERT_TRUE(findings) << findings.error().message;
  std::vector<std::string> empty;
  for (const Finding& f : *findings) {
    if (f.rule == "empty") empty.push_back(f.track);
  }
  EXPECT_EQ(empty, std::vector<std::string>{"b"});
}

TEST(OwnPoints, AreWhatRefinementAndFollowingOfATrackSee) {
  const TwoLidars set;
  const Scene scene = scene_at(set.folder.path());
  SweepPoints sweeps(scene);
  std::map<std::string, std::size_t> seen;
  for (const Track& track : scene.labels.tracks) {
    const Keyframe& label = track.keyframes.front();
    seen[track.id] = sweeps.callback(track)(label.timestamp, label.cuboid).size();
  }
  EXPECT_EQ(seen, (std::map<std::string, std::size_t>{{"a", 10}, {"b", 0}, {"c", 10}}));
  // What a program or a person puts between the labels says nothing of the LiDAR: it is still the track's.
  Track edited = *std::ranges::find(scene.labels.tracks, "b", &Track::id);
  Keyframe put = edited.keyframes.front();
  put.timestamp += 5;
  put.attributes.clear();
  edited.keyframes.push_back(put);
  EXPECT_EQ(own_lidar(scene, edited), OwnLidar{1});
  EXPECT_TRUE(sweeps.problem());
}

TEST(OwnPoints, AreAllWhereTheDatasetDoesNotTellThemApartAndANoteSaysSo) {
  const TwoLidars set;
  fs::remove(set.folder.path() / "lidar/00.sensor.u8");
  EXPECT_EQ(set.counts(), (std::map<std::string, std::uint64_t>{{"a", 10}, {"b", 10}, {"c", 10}}));
  std::string notes;
  for (const std::string& note : scene_at(set.folder.path()).notes) notes += note + "\n";
  EXPECT_NE(notes.find("2 labels are of one LiDAR"), std::string::npos) << notes;
  set.write("lidar/00.sensor.u8", "123");
  const auto report = count_report(scene_at(set.folder.path()), {}, Cpu{1});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("each of 10 points, got 3"), std::string::npos) << report.error().message;
}

}  // namespace
}  // namespace sweepmark
