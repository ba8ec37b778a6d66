// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <sstream>

#include "data/point_cloud.h"
#include "data/point_file_info.h"
#include "data/raw_points.h"
#include "data/voxel_files.h"
#include "data/write_labels.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

PointCloud cloud_from(const std::string& name, std::string_view content) {
  const TemporaryFolder folder;
  write_content(folder.path() / name, content);
  auto cloud = read_points(folder.path() / name, *point_file_kind(name));
  EXPECT_TRUE(cloud.has_value()) << (cloud ? "" : cloud.error().message);
  return cloud ? *std::move(cloud) : PointCloud{};
}

std::string problem_with(const std::string& name, std::string_view content) {
  const TemporaryFolder folder;
  write_content(folder.path() / name, content);
  const auto cloud = read_points(folder.path() / name, *point_file_kind(name));
  return cloud ? "" : cloud.error().message;
}

constexpr std::string_view ascii_pcd =
    "# .PCD v0.7\nVERSION 0.7\nFIELDS x _ y z intensity\nSIZE 4 1 4 4 2\nTYPE F U F F U\nCOUNT 1 3 1 1 1\nWIDTH "
    "2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n1 9 9 9 2 3 400\nnan 9 9 9 5 6 7\n";

TEST(PointFiles, AsciiPcdWithPaddedFieldsAndNan) {
  const PointCloud cloud = cloud_from("a.pcd", ascii_pcd);
  ASSERT_EQ(cloud.points.size(), 2U);
  EXPECT_EQ(cloud.points[0], (Point{1, 2, 3, 400}));
  EXPECT_TRUE(std::isnan(cloud.points[1].x)) << "a point that is not finite is kept; kernels drop and count it";
}

TEST(PointFiles, AsciiPcdMayHaveCommasBetweenItsValuesAndNotInThem) {
  const std::string head = "FIELDS X Y Z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n";
  const PointCloud cloud = cloud_from("a.pcd", head + "1,2.5,3\n-4, 5, 6e1\n");
  ASSERT_EQ(cloud.points.size(), 2U);
  EXPECT_EQ(cloud.points[0], (Point{1, 2.5F, 3, 0}));
  EXPECT_EQ(cloud.points[1], (Point{-4, 5, 60, 0}));
  expect_words(problem_with("a.pcd", head + "1,5 2,5\n4 5 6\n"), {"point 0", "expected 3 values", "1,5 2,5", "a.pcd"});
}

TEST(PointFiles, LinesOfAPlyMayEndInBlanks) {
  const PointCloud cloud =
      cloud_from("a.ply",
                 "ply \nformat ascii 1.0 \nelement vertex 1 \nproperty float x \nproperty float y\t\nproperty float z "
                 "\nend_header \n1 2 3 \n");
  ASSERT_EQ(cloud.points.size(), 1U);
  EXPECT_EQ(cloud.points[0], (Point{1, 2, 3, 0}));
}

/// Values as the text of the file has them, by splitting alone.
std::vector<Point> points_in_text(const std::string& text, std::size_t columns, char between) {
  std::vector<Point> points;
  std::istringstream lines(text.substr(text.find("ascii\n") + 6));
  for (std::string line; std::getline(lines, line);) {
    std::ranges::replace(line, between, ' ');
    std::istringstream words(line);
    double v[4] = {};
    for (std::size_t i = 0; i < columns; ++i) words >> v[i];
    points.push_back(
        {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2]), static_cast<float>(v[3])});
  }
  return points;
}

TEST(PointFiles, FilesOfOtherToolsAndHandsAreRead) {
  SWEEPMARK_NEED_DATA(folder, "cases/bring");
  const auto capitals = read_points(folder / "upper_case_fields.pcd", PointFileKind::pcd);
  ASSERT_TRUE(capitals.has_value()) << capitals.error().message;
  EXPECT_EQ(capitals->points.size(), 40U);
  EXPECT_EQ(capitals->points, points_in_text(content_of(folder / "upper_case_fields.pcd"), 4, ' '));
  const auto commas = read_points(folder / "commas.pcd", PointFileKind::pcd);
  ASSERT_TRUE(commas.has_value()) << commas.error().message;
  EXPECT_EQ(commas->points, points_in_text(content_of(folder / "commas.pcd"), 3, ','));
  const auto blanks = read_points(folder / "trailing_blanks.ply", PointFileKind::ply);
  ASSERT_TRUE(blanks.has_value()) << blanks.error().message;
  EXPECT_EQ(blanks->points, (std::vector<Point>{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}));
}

TEST(PointFiles, IntensityIsFoundUnderTheNamesThatOtherToolsGiveIt) {
  for (const std::string name : {"intensity", "Intensity", "INTENSITY", "scalar_Intensity", "scalar_intensity",
                                 "intensities", "Reflectivity", "scalar_remission"}) {
    const PointCloud cloud =
        cloud_from("a.ply",
                   "ply\nformat ascii 1.0\nelement vertex 1\nproperty float X\nproperty float y\nproperty float z\n"
                   "property float " +
                       name + "\nproperty uchar Ring\nend_header\n1 2 3 0.75 7\n");
    ASSERT_EQ(cloud.points.size(), 1U) << name;
    EXPECT_EQ(cloud.points[0], (Point{1, 2, 3, 0.75F})) << name;
    EXPECT_EQ(cloud.ring, std::vector<std::uint16_t>{7}) << name;
  }
}

TEST(PointFiles, ARealPcdWithAnAppendedPointAndPadding) {
  SWEEPMARK_NEED_DATA(file, "pcd_kitti_drive0048/0000000000.pcd");
  const auto cloud = read_points(file, PointFileKind::pcd);
  ASSERT_TRUE(cloud.has_value()) << cloud.error().message;
  EXPECT_EQ(cloud->points.size(), 119'978U);
  EXPECT_EQ(cloud->points.back(), (Point{0, 0, 0, 0}));
}

TEST(PointFiles, VoxelFilesReadBackAsTheirCentroids) {
  std::vector<Point> points;
  for (int i = 0; i < 1000; ++i)
    points.push_back({static_cast<float>(i % 37), static_cast<float>(i % 11), static_cast<float>(i % 5),
                      static_cast<float>(i % 256)});
  const auto voxels = Voxelizer<Cpu>().run(points, {.size_m = 2});
  ASSERT_TRUE(voxels.has_value());
  const TemporaryFolder folder;
  for (const char* name : {"v.pcd", "v.ply"}) {
    ASSERT_TRUE(write_voxels(*voxels, {}, folder.path() / name));
    const auto cloud = read_points(folder.path() / name, *point_file_kind(name));
    ASSERT_TRUE(cloud.has_value()) << cloud.error().message;
    EXPECT_EQ(cloud->points, voxels->means) << name;
    ASSERT_TRUE(write_voxels(*voxels, {691'608.5, 5'334'764.25, 100}, folder.path() / name));
    const auto moved = read_points(folder.path() / name, *point_file_kind(name));
    ASSERT_TRUE(moved.has_value());
    ASSERT_EQ(moved->points.size(), voxels->means.size());
    for (std::size_t i = 0; i < moved->points.size(); ++i) {
      EXPECT_NEAR(moved->origin.x + static_cast<double>(moved->points[i].x),
                  691'608.5 + static_cast<double>(voxels->means[i].x), 1e-4);
      EXPECT_NEAR(moved->origin.y + static_cast<double>(moved->points[i].y),
                  5'334'764.25 + static_cast<double>(voxels->means[i].y), 1e-4);
    }
  }
  EXPECT_FALSE(write_voxels(*voxels, {}, folder.path() / "v.las").has_value());
}

TEST(PointFiles, BigEndianPlyIsRead) {
  std::string content =
      "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float "
      "z\nend_header\n";
  for (const int byte : {0x3F, 0x80, 0, 0, 0x40, 0, 0, 0, 0x40, 0x40, 0, 0}) content += static_cast<char>(byte);
  EXPECT_EQ(cloud_from("b.ply", content).points, (std::vector<Point>{{1, 2, 3, 0}}));
}

TEST(PointFiles, DamageIsNamed) {
  expect_words(problem_with("a.bin", std::string(17, 'x')), {"a.bin", "multiple of 16", "17 bytes"});
  expect_words(problem_with("a.pcd.bin", std::string(21, 'x')), {"multiple of 20", "21 bytes"});
  expect_words(problem_with("a.pcd", ""), {"a.pcd", "header"});
  std::string text(ascii_pcd);
  replace(text, "POINTS 2", "POINTS 3");
  expect_words(problem_with("a.pcd", text), {"WIDTH * HEIGHT = 2", "got 3"});
  text = ascii_pcd;
  replace(text, "WIDTH 2", "WIDTH 200000000");
  replace(text, "POINTS 2\n", "");
  expect_words(problem_with("a.pcd", text), {"truncated"});
  text = ascii_pcd;
  replace(text, "1 9 9 9 2 3 400", "1 9 9 9 2 three 400");
  expect_words(problem_with("a.pcd", text), {"point 0, field z", "\"three\""});
  text = ascii_pcd;
  replace(text, "FIELDS x", "FIELDS easting");
  expect_words(problem_with("a.pcd", text), {"fields x, y and z", "got y, z, intensity, easting, _", "a.pcd"});
  expect_words(problem_with("a.ply",
                            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float u\nproperty float y\n"
                            "end_header\n1 2\n"),
               {"fields x, y and z", "got y, u", "a.ply"});
  expect_words(
      problem_with("a.ply", "ply\nformat ascii 1.0\nelement vertex 9000000000\nproperty float x\nend_header\n"),
      {"truncated"});
  expect_words(problem_with("a.ply", "plx\n"), {"a.ply, line 1", "\"ply\""});
}

/// A sweep as a raw file would have it. \param columns  x, y, z, intensity, ring, time
template <class Number>
std::string raw_bytes(const std::vector<Point>& points, std::size_t columns, float intensity_scale = 1) {
  std::string bytes;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Number values[] = {points[i].x,
                             points[i].y,
                             points[i].z,
                             points[i].intensity * intensity_scale,
                             static_cast<Number>(i % 64),
                             static_cast<Number>(0.1 * static_cast<double>(i) / static_cast<double>(points.size()))};
    bytes.append(reinterpret_cast<const char*>(values), columns * sizeof(Number));
  }
  return bytes;
}

TEST(PointFiles, ARawFileWithOtherFieldsThanItsNameSaysIsRefusedWithTheFieldsThatFit) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking/training/velodyne");
  int sweeps = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    if (entry.path().extension() != ".bin" || ++sweeps > 6) continue;
    SCOPED_TRACE(entry.path().string());
    const auto real = read_points(entry.path(), PointFileKind::kitti_bin);
    ASSERT_TRUE(real) << real.error().message;
    // So many that other numbers of columns divide them too.
    for (const std::size_t count : {std::size_t{1000}, real->points.size() / 840 * 840}) {
      std::vector<Point> points = real->points;
      points.resize(count);
      EXPECT_EQ(problem_with("a.bin", raw_bytes<float>(points, 4)), "");
      EXPECT_EQ(problem_with("a.bin", raw_bytes<float>(points, 4, 255)), "");
      EXPECT_EQ(problem_with("a.pcd.bin", raw_bytes<float>(points, 5)), "");
      expect_words(problem_with("a.bin", raw_bytes<float>(points, 3)), {"--point-fields x,y,z fits", "a.bin"});
      expect_words(problem_with("a.bin", raw_bytes<float>(points, 5)), {"--point-fields x,y,z,intensity,ring fits"});
      expect_words(problem_with("a.bin", raw_bytes<float>(points, 5, 255)), {"x,y,z,intensity,ring fits"});
      expect_words(problem_with("a.bin", raw_bytes<float>(points, 6)), {"x,y,z,intensity,ring,_ fits"});
      expect_words(problem_with("a.pcd.bin", raw_bytes<float>(points, 4)), {"x,y,z,intensity fits"});
      expect_words(problem_with("a.bin", raw_bytes<double>(points, 3)), {"x:f8,y:f8,z:f8 fits"});
      expect_words(problem_with("a.bin", raw_bytes<double>(points, 4)), {"x:f8,y:f8,z:f8,intensity:f8 fits"});
    }
  }
  EXPECT_GT(sweeps, 0);
}

TEST(PointFiles, ARawFileIsReadAsItsFieldsAreSaid) {
  const TemporaryFolder folder;
  const std::vector<Point> points = {{1, 2, 3, 0.5F}, {-4, 5, -6, 0.25F}};
  const auto read = [&](const std::string& bytes, const char* fields) {
    write_content(folder.path() / "a.bin", bytes);
    const auto layout = RawLayout::parse(fields);
    EXPECT_TRUE(layout) << layout.error().message;
    EXPECT_EQ(layout->text(), fields);
    return read_points(folder.path() / "a.bin", PointFileKind::raw_bin, &*layout);
  };
  const auto five = read(raw_bytes<float>(points, 5), "x,y,z,intensity,ring");
  ASSERT_TRUE(five) << five.error().message;
  EXPECT_EQ(five->points, points);
  EXPECT_EQ(five->ring, (std::vector<std::uint16_t>{0, 1}));
  const auto doubles = read(raw_bytes<double>(points, 6), "x:f8,y:f8,z:f8,_:f8,ring:f8,t:f8");
  ASSERT_TRUE(doubles) << doubles.error().message;
  EXPECT_EQ(doubles->points[1], (Point{-4, 5, -6, 0}));
  std::string mixed;
  const float xyz[] = {1, 2, 3};
  mixed.append(reinterpret_cast<const char*>(xyz), sizeof xyz);
  mixed += static_cast<char>(200);
  const auto bytes = read(mixed, "x,y,z,intensity:u1");
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->points[0], (Point{1, 2, 3, 200}));
  const auto cut = read(mixed, "x,y,z,ring");
  ASSERT_FALSE(cut);
  expect_words(cut.error().message, {"multiple of 16 bytes (x,y,z,ring)", "13 bytes", "a.bin"});
  for (const char* bad : {"x,y,intensity", "x,y,z,z", "x,y,z,t:f2", "x,,y,z", ""})
    EXPECT_FALSE(RawLayout::parse(bad)) << bad;
}

TEST(PointFiles, WhatIsSaidOfRawFilesIsKeptInOurJson) {
  const TemporaryFolder folder;
  write_content(folder.path() / "a.bin", std::string(20 * 3, '\0'));
  auto handles = find_scenes(folder.path() / "a.bin");
  ASSERT_TRUE(handles);
  handles->front().point_fields = "x,y,z,intensity,ring";
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_TRUE(write_labels(*scene, {}, Format::sweepmark_json, folder.path() / "a.sweepmark.json"));
  const Scene again = scene_at(folder.path() / "a.sweepmark.json");
  const auto cloud = read_points(again.sweeps.front());
  ASSERT_TRUE(cloud) << cloud.error().message;
  EXPECT_EQ(cloud->points.size(), 3U);
  handles->front().point_fields = "x,y";
  EXPECT_FALSE(open_scene(handles->front()));
}

TEST(PointFiles, EveryFieldOfAFileIsListedWithItsTypeAndItsUse) {
  const TemporaryFolder folder;
  const auto listed = [&](const std::string& name, std::string_view content) {
    write_content(folder.path() / name, content);
    const auto info = point_file_info({0, 0, folder.path() / name, *point_file_kind(name), {}});
    EXPECT_TRUE(info) << (info ? "" : info.error().message);
    std::string text = info ? std::to_string(info->points) : "";
    for (const auto& field : info ? info->fields : std::vector<PointFileInfo::Field>{})
      text += " " + field.name + ":" + field.type + "=" + field.use;
    return text;
  };
  EXPECT_EQ(listed("a.pcd", ascii_pcd), "2 x:f4=x _:u1 x 3= y:f4=y z:f4=z intensity:u2=intensity");
  EXPECT_EQ(listed("a.ply",
                   "ply\nformat ascii 1.0\nelement vertex 0\nproperty double X\nproperty float y\nproperty float z\n"
                   "property float i\nproperty uchar scalar_Intensity\nproperty ushort channel\nend_header\n"),
            "0 X:f8=x y:f4=y z:f4=z i:f4= scalar_Intensity:u1=intensity channel:u2=ring");
  EXPECT_EQ(listed("a.pcd.bin", std::string(40, '\0')), "2 x:f4=x y:f4=y z:f4=z intensity:f4=intensity ring:f4=ring");
}

TEST(PointFiles, AMissingFileIsNamed) {
  for (const auto kind : {PointFileKind::kitti_bin, PointFileKind::nuscenes_bin, PointFileKind::pcd, PointFileKind::ply,
                          PointFileKind::av2_feather}) {
    const auto cloud = read_points("/no/such/file", kind);
    ASSERT_FALSE(cloud.has_value());
    expect_words(cloud.error().message, {"/no/such/file"});
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
