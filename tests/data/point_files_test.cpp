// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "data/point_cloud.h"
#include "data/voxel_files.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

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
  replace(text, "FIELDS x", "FIELDS u");
  expect_words(problem_with("a.pcd", text), {"fields x, y and z"});
  expect_words(
      problem_with("a.ply", "ply\nformat ascii 1.0\nelement vertex 9000000000\nproperty float x\nend_header\n"),
      {"truncated"});
  expect_words(problem_with("a.ply", "plx\n"), {"a.ply, line 1", "\"ply\""});
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
