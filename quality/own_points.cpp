// SPDX-License-Identifier: Apache-2.0
#include "quality/own_points.h"

#include <algorithm>

#include "data/formats/pandaset.h"
#include "data/formats/pandaset_points.h"

namespace sweepmark {

OwnLidar own_lidar(const Scene& scene, const Keyframe& label) {
  if (scene.format != Format::pandaset) return std::nullopt;
  const auto found = label.attributes.find(pandaset::sensor_attribute);
  if (found == label.attributes.end()) return std::nullopt;
  if (found->second == "0") return std::uint8_t{0};
  if (found->second == "1") return std::uint8_t{1};
  return std::nullopt;  // -1: seen by whichever LiDAR there was
}

OwnLidar own_lidar(const Scene& scene, const Track& track) {
  OwnLidar lidar;
  if (scene.format != Format::pandaset) return lidar;
  for (const Keyframe& label : track.keyframes) {
    // What a program or a person put between the dataset's labels says nothing of it.
    if (!label.attributes.contains(pandaset::sensor_attribute)) continue;
    const OwnLidar of_label = own_lidar(scene, label);
    if (!of_label || (lidar && lidar != of_label)) return std::nullopt;
    lidar = of_label;
  }
  return lidar;
}

std::vector<OwnLidar> own_lidars(const Scene& scene) {
  std::vector<OwnLidar> lidars;
  for (const Track& track : scene.labels.tracks) lidars.push_back(own_lidar(scene, track));
  return lidars;
}

Result<PointsByLidar> PointsByLidar::make(const Scene& scene, const SweepRef& sweep, const PointCloud& cloud,
                                          std::span<const OwnLidar> wanted) {
  PointsByLidar by_lidar;
  const bool is_asked = std::ranges::any_of(wanted, [](OwnLidar lidar) { return lidar.has_value(); });
  if (scene.format != Format::pandaset || !is_asked) return by_lidar;
  auto numbers = pandaset::lidars_of_points(sweep.file, cloud.points.size());
  if (!numbers) return numbers.error();
  by_lidar.numbers_ = *std::move(numbers);
  return by_lidar;
}

void PointsByLidar::append(const PointsByLidar& other, std::size_t before, std::size_t more) {
  if (numbers_.empty() && other.numbers_.empty()) return;
  numbers_.resize(before, any);
  numbers_.insert(numbers_.end(), other.numbers_.begin(), other.numbers_.end());
  numbers_.resize(before + more, any);
}

std::span<const Point> PointsByLidar::points_of(OwnLidar lidar, const PointCloud& cloud,
                                                std::vector<Point>& room) const {
  if (!lidar || numbers_.empty()) return cloud.points;
  room.clear();
  for (std::size_t i = 0; i < cloud.points.size(); ++i) {
    if (has(i, lidar)) room.push_back(cloud.points[i]);
  }
  return room;
}

}  // namespace sweepmark
