// SPDX-License-Identifier: Apache-2.0
#include <pcl/console/print.h>
#include <pcl/filters/crop_box.h>
#include <pcl/filters/voxel_grid.h>
#include <pcl/point_cloud.h>
#include <pcl/point_types.h>

#include "kernels/math/rigid.h"
#include "tests/peers/peers.h"

namespace sweepmark::peers {

struct PclCloud::State {
  pcl::PointCloud<pcl::PointXYZI>::Ptr cloud{new pcl::PointCloud<pcl::PointXYZI>};
};

PclCloud::PclCloud(std::span<const Point> points) : state_(std::make_unique<State>()) {
  pcl::console::setVerbosityLevel(pcl::console::L_ERROR);
  for (const Point& p : points) {
    pcl::PointXYZI q;
    q.x = p.x;
    q.y = p.y;
    q.z = p.z;
    q.intensity = p.intensity;
    state_->cloud->push_back(q);
  }
}
PclCloud::~PclCloud() = default;

std::size_t PclCloud::voxel_grid(float size) const {
  pcl::VoxelGrid<pcl::PointXYZI> grid;
  grid.setInputCloud(state_->cloud);
  grid.setLeafSize(size, size, size);
  pcl::PointCloud<pcl::PointXYZI> out;
  grid.filter(out);
  return out.size();
}

std::vector<Point> PclCloud::voxel_centroids(float size) const {
  pcl::VoxelGrid<pcl::PointXYZI> grid;
  grid.setInputCloud(state_->cloud);
  grid.setLeafSize(size, size, size);
  pcl::PointCloud<pcl::PointXYZI> filtered;
  grid.filter(filtered);
  std::vector<Point> out;
  for (const pcl::PointXYZI& p : filtered) out.push_back({p.x, p.y, p.z, p.intensity});
  return out;
}

std::size_t PclCloud::crop_boxes(std::span<const Cuboid> cuboids) const {
  std::size_t inside = 0;
  pcl::CropBox<pcl::PointXYZI> crop;
  crop.setInputCloud(state_->cloud);
  std::vector<int> indices;
  for (const Cuboid& c : cuboids) {
    const auto f = [](double v) { return static_cast<float>(v); };
    crop.setMin({f(-c.size.x / 2), f(-c.size.y / 2), f(-c.size.z / 2), 1});
    crop.setMax({f(c.size.x / 2), f(c.size.y / 2), f(c.size.z / 2), 1});
    crop.setTranslation({f(c.center.x), f(c.center.y), f(c.center.z)});
    crop.setRotation({0, 0, f(yaw_of(c.rotation))});
    crop.filter(indices);
    inside += indices.size();
  }
  return inside;
}

}  // namespace sweepmark::peers
