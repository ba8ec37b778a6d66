// SPDX-License-Identifier: Apache-2.0
//
// Sweeps that two LiDARs share, and labels that only one of them is meant by: PandaSet labels a moving object twice,
// each time where one LiDAR saw it, and a label holds points of its own LiDAR alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/point_cloud.h"
#include "data/scene.h"
#include "kernels/count_points.h"
#include "kernels/result.h"

namespace sweepmark {

/// The number of a LiDAR; nothing: all of them.
using OwnLidar = std::optional<std::uint8_t>;

/// The LiDAR whose points a label is about.
OwnLidar own_lidar(const Scene& scene, const Keyframe& label);
/// The one that all labels of a track that name one are about; nothing where they differ.
OwnLidar own_lidar(const Scene& scene, const Track& track);
/// One a track of the scene.
std::vector<OwnLidar> own_lidars(const Scene& scene);

/// The points of a sweep by LiDAR. Without numbers in the dataset each LiDAR has all points.
class PointsByLidar {
 public:
  /// \param wanted  the LiDARs of labels: numbers are read only where one is asked for
  /// Errors: a file of numbers that cannot be read, or has not one a point.
  static Result<PointsByLidar> make(const Scene& scene, const SweepRef& sweep, const PointCloud& cloud,
                                    std::span<const OwnLidar> wanted);

  /// Appends those of another sweep, for points that stand in one row.
  /// \param before, more  points here so far, and in `other`
  void append(const PointsByLidar& other, std::size_t before, std::size_t more);

  bool has(std::size_t point, OwnLidar lidar) const {
    return !lidar || numbers_.empty() || numbers_[point] == *lidar || numbers_[point] == any;
  }
  /// The points of one LiDAR: `cloud`'s own where all are. \param room  holds them otherwise
  std::span<const Point> points_of(OwnLidar lidar, const PointCloud& cloud, std::vector<Point>& room) const;

 private:
  static constexpr std::uint8_t any = 0xFF;  ///< of a point that is not told apart, where others are

  std::vector<std::uint8_t> numbers_;
};

/// Points inside each cuboid, of its own LiDAR. \param lidars  one a cuboid \return one count a cuboid
/// Errors: those of `PointCounter::run_into` and `PointsByLidar::make`.
template <class Exec>
Result<std::vector<std::uint32_t>> count_own_points(PointCounter<Exec>& counter, const Scene& scene,
                                                    const SweepRef& sweep, const PointCloud& cloud,
                                                    std::span<const Cuboid> cuboids, std::span<const OwnLidar> lidars) {
  const auto by_lidar = PointsByLidar::make(scene, sweep, cloud, lidars);
  if (!by_lidar) return by_lidar.error();
  std::vector<std::uint32_t> inside(cuboids.size(), 0);
  std::vector<char> is_counted(cuboids.size(), 0);
  std::vector<Point> room;
  PointCounts counts;
  for (std::size_t first = 0; first < cuboids.size(); ++first) {
    if (is_counted[first] != 0) continue;
    std::vector<std::size_t> same;
    std::vector<Cuboid> of_lidar;
    for (std::size_t i = first; i < cuboids.size(); ++i) {
      if (lidars[i] != lidars[first]) continue;
      same.push_back(i);
      of_lidar.push_back(cuboids[i]);
    }
    const auto points = by_lidar->points_of(lidars[first], cloud, room);
    if (auto done = counter.run_into({points, of_lidar, world_from_local(sweep, cloud)}, {}, counts); !done)
      return done.error();
    for (std::size_t k = 0; k < same.size(); ++k) {
      inside[same[k]] = counts.inside[k];
      is_counted[same[k]] = 1;
    }
  }
  return inside;
}

}  // namespace sweepmark
