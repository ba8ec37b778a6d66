// SPDX-License-Identifier: Apache-2.0
//
// The same voxels as Open3D and PCL make, wherever their own rounding lets them agree with exact arithmetic: with edges
// that are powers of two.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <random>

#include "kernels/voxelize.h"
#include "tests/peers/peers.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

std::vector<Point> random_sweep() {
  std::mt19937 random(12);
  std::normal_distribution<float> place(0, 20);
  std::uniform_real_distribution<float> intensity(0, 1);
  std::vector<Point> points(60'000);
  for (Point& p : points) p = {place(random), place(random), place(random) / 10, intensity(random)};
  return points;
}

std::vector<Point> real_sweep(const std::filesystem::path& file) {
  std::vector<Point> points(std::filesystem::file_size(file) / sizeof(Point));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(points.data()), static_cast<std::streamsize>(points.size() * sizeof(Point)));
  return points;
}

Vec3i voxel_at(const Point& p, float size) {
  const auto k = [&](float x) { return static_cast<std::int32_t>(std::floor(x / size)); };
  return {k(p.x), k(p.y), k(p.z)};
}

/// Each centroid of a peer lies in one of our voxels, a different one each, near our centroid.
void expect_equal(const Voxels& ours, const std::vector<Point>& peer, bool with_intensity) {
  ASSERT_EQ(ours.means.size(), peer.size());
  std::map<std::uint64_t, Point> mean_at;
  for (std::size_t i = 0; i < ours.means.size(); ++i) mean_at[voxel_key(ours.coords[i])] = ours.means[i];
  for (const Point& p : peer) {
    // A centroid of points on a face can be rounded across it: it is looked for around.
    auto at = mean_at.end();
    for (const float nudge : {0.0F, 1e-4F, -1e-4F}) {
      at = mean_at.find(voxel_key(voxel_at({p.x + nudge, p.y + nudge, p.z + nudge, 0}, ours.size_m)));
      if (at != mean_at.end() && std::abs(at->second.x - p.x) < 1e-4F && std::abs(at->second.y - p.y) < 1e-4F &&
          std::abs(at->second.z - p.z) < 1e-4F)
        break;
    }
    ASSERT_TRUE(at != mean_at.end()) << p.x << ' ' << p.y << ' ' << p.z;
    EXPECT_NEAR(at->second.x, p.x, 1e-4F);
    EXPECT_NEAR(at->second.y, p.y, 1e-4F);
    EXPECT_NEAR(at->second.z, p.z, 1e-4F);
    if (with_intensity) {
      EXPECT_NEAR(at->second.intensity, p.intensity, 1e-4F);
    }
    mean_at.erase(at);
  }
}

void expect_the_peers_voxels(std::vector<Point> points, float size) {
  // Open3D's grid begins half a voxel below the smallest coordinates: this point makes that a whole number of voxels.
  points.push_back({-128 - 0.5F * size, -128 - 0.5F * size, -128 - 0.5F * size, 0});
  const auto ours = Voxelizer<Cpu>(Cpu{2}).run(points, {.size_m = size});
  ASSERT_TRUE(ours) << ours.error().message;
  expect_equal(*ours, peers::Open3dCloud(points).voxel_centroids(static_cast<double>(size)), false);
  expect_equal(*ours, peers::PclCloud(points).voxel_centroids(size), true);
}

TEST(VoxelizePeers, ARandomCloudHasTheVoxelsOfOpen3dAndPcl) {
  for (const float size : {0.25F, 0.5F, 2.0F}) expect_the_peers_voxels(random_sweep(), size);
}

TEST(VoxelizePeers, RealSweepsHaveTheVoxelsOfOpen3dAndPcl) {
  for (const char* name :
       {"kitti_tracking/training/velodyne/0000/000000.bin", "semantickitti/sequences/00/velodyne/000000.bin"}) {
    SWEEPMARK_NEED_DATA(file, name);
    expect_the_peers_voxels(real_sweep(file), 0.25F);
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
