// SPDX-License-Identifier: Apache-2.0
//
// The peers we measure against and check our answers with, behind plain functions. Conversion to the peer's own types
// happens in the constructor, outside the timed part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark::peers {

class Open3dCloud {
 public:
  explicit Open3dCloud(std::span<const Point> points);
  ~Open3dCloud();
  /// geometry::PointCloud::VoxelDownSample. \return points out
  std::size_t voxel_down_sample(double size) const;
  /// Its points. The grid is anchored at the smallest coordinates less half a voxel; no intensities.
  std::vector<Point> voxel_centroids(double size) const;
  /// OrientedBoundingBox::GetPointIndicesWithinBoundingBox for each cuboid. \return points inside, summed up
  std::size_t count_in(std::span<const Cuboid> cuboids) const;
  std::vector<std::uint32_t> counts_in(std::span<const Cuboid> cuboids) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class PclCloud {
 public:
  explicit PclCloud(std::span<const Point> points);
  ~PclCloud();
  /// pcl::VoxelGrid<PointXYZI>. \return points out; as many as there were in when its index overflows
  std::size_t voxel_grid(float size) const;
  /// Its points. The grid is anchored at zero.
  std::vector<Point> voxel_centroids(float size) const;
  /// pcl::CropBox<PointXYZI> for each cuboid. \return points inside, summed up
  std::size_t crop_boxes(std::span<const Cuboid> cuboids) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::peers
