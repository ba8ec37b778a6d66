// SPDX-License-Identifier: Apache-2.0
#include <open3d/geometry/BoundingVolume.h>
#include <open3d/geometry/PointCloud.h>

#include <numeric>

#include "kernels/math/rigid.h"
#include "tests/peers/peers.h"

namespace sweepmark::peers {

struct Open3dCloud::State {
  open3d::geometry::PointCloud cloud;
};

Open3dCloud::Open3dCloud(std::span<const Point> points) : state_(std::make_unique<State>()) {
  state_->cloud.points_.reserve(points.size());
  for (const Point& p : points) state_->cloud.points_.emplace_back(p.x, p.y, p.z);
}
Open3dCloud::~Open3dCloud() = default;

std::size_t Open3dCloud::voxel_down_sample(double size) const {
  return state_->cloud.VoxelDownSample(size)->points_.size();
}

std::vector<Point> Open3dCloud::voxel_centroids(double size) const {
  std::vector<Point> out;
  const auto sampled = state_->cloud.VoxelDownSample(size);
  for (const Eigen::Vector3d& p : sampled->points_)
    out.push_back({static_cast<float>(p.x()), static_cast<float>(p.y()), static_cast<float>(p.z()), 0});
  return out;
}

std::size_t Open3dCloud::count_in(std::span<const Cuboid> cuboids) const {
  const auto counts = counts_in(cuboids);
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

std::vector<std::uint32_t> Open3dCloud::counts_in(std::span<const Cuboid> cuboids) const {
  std::vector<std::uint32_t> inside;
  for (const Cuboid& c : cuboids) {
    const Mat3d m = matrix(c.rotation);
    Eigen::Matrix3d rotation;
    for (int i = 0; i < 9; ++i) rotation(i / 3, i % 3) = m.m[i / 3][i % 3];
    const open3d::geometry::OrientedBoundingBox box({c.center.x, c.center.y, c.center.z}, rotation,
                                                    {c.size.x, c.size.y, c.size.z});
    inside.push_back(static_cast<std::uint32_t>(box.GetPointIndicesWithinBoundingBox(state_->cloud.points_).size()));
  }
  return inside;
}

}  // namespace sweepmark::peers
