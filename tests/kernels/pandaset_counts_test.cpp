// SPDX-License-Identifier: Apache-2.0
//
// Counts of real cuboids that NumPy computed in float64: an oracle that is not ours.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "kernels/count_points.h"
#include "kernels/point_index.h"
#include "tests/support/backends.h"

namespace sweepmark::testing_support {
namespace {

std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& file) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Point> read_points(const std::filesystem::path& file) {
  std::vector<Point> points(std::filesystem::file_size(file) / sizeof(Point));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(points.data()), static_cast<std::streamsize>(points.size() * sizeof(Point)));
  return points;
}

TEST(PandasetCounts, TheCuboidsOfAllSweepsHoldThePointsThatNumpyCounted) {
  SWEEPMARK_NEED_DATA(folder, "pandaset_002");
  const auto cuboid_rows = read_csv(folder / "annotations/cuboids.csv"),
             count_rows = read_csv(folder / "annotations/points_in_cuboid_numpy_float64.csv");
  std::map<std::pair<std::string, std::string>, Cuboid> cuboid_at;
  for (std::size_t r = 1; r < cuboid_rows.size(); ++r) {
    const auto& row = cuboid_rows[r];
    const auto number = [&](std::size_t k) { return std::stod(row[k]); };
    const double yaw = number(3);
    cuboid_at[{row[0], row[1]}] = {{number(6), number(7), number(8)},
                                   {number(9), number(10), number(11)},
                                   {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)}};
  }
  std::map<std::string, std::pair<std::vector<Cuboid>, std::vector<std::uint32_t>>> frames;
  for (std::size_t r = 1; r < count_rows.size(); ++r) {
    auto& [cuboids, counts] = frames[count_rows[r][0]];
    cuboids.push_back(cuboid_at.at({count_rows[r][0], count_rows[r][1]}));
    counts.push_back(static_cast<std::uint32_t>(std::stoul(count_rows[r][3])));
  }
  std::size_t compared = 0;
  for (const auto& [frame, expected] : frames) {
    const auto file = folder / "lidar" / ((frame.size() == 1 ? "0" : "") + frame + ".bin");
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
    const auto points = read_points(file);
    const auto counted = PointCounter<Cpu>(Cpu{1}).run({points, expected.first, {}});
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(counted->inside, expected.second) << "frame " << frame;
    PointIndex index;
    ASSERT_TRUE(index.assign(points));
    EXPECT_EQ(*index.count(expected.first), expected.second) << "frame " << frame;
    compared += expected.second.size();
  }
  EXPECT_GT(compared, 500U);
}

}  // namespace
}  // namespace sweepmark::testing_support
