// SPDX-License-Identifier: Apache-2.0
#include "quality/sweep_points.h"

#include <algorithm>

#include "data/missing_files.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark {

struct SweepPoints::Sweep {
  std::vector<Point> points;
  PointIndex index;
  Pose world_from_points;
  PointsByLidar by_lidar;
};

SweepPoints::SweepPoints(const Scene& scene, std::size_t kept)
    : scene_(scene), kept_(std::max<std::size_t>(kept, 1)), own_lidars_(own_lidars(scene)) {
  for (const Frame& frame : scene.frames) {
    const bool has_sweep = std::ranges::any_of(frame.sweeps, [&](std::uint32_t s) {
      return scene.sensors[scene.sweeps[s].sensor].kind == SensorKind::lidar && is_there(scene.sweeps[s]);
    });
    if (has_sweep) times_.push_back(frame.timestamp);
  }
}

SweepPoints::~SweepPoints() = default;

SweepPoints::Loaded& SweepPoints::load(TimestampNs time) {
  if (const auto known = by_time_.find(time); known != by_time_.end()) {
    loaded_.splice(loaded_.begin(), loaded_, known->second);
    return loaded_.front();
  }
  loaded_.push_front({time, {}});
  by_time_[time] = loaded_.begin();
  const auto frame = std::ranges::lower_bound(scene_.frames, time, {}, &Frame::timestamp);
  for (const std::uint32_t s : frame->sweeps) {
    const SweepRef& ref = scene_.sweeps[s];
    if (scene_.sensors[ref.sensor].kind != SensorKind::lidar || !is_there(ref)) continue;
    auto cloud = read_points(ref);
    if (!cloud) {
      if (problem_) problem_ = cloud.error();
      continue;
    }
    auto sweep = std::make_unique<Sweep>();
    sweep->world_from_points = world_from_local(ref, *cloud);
    auto by_lidar = PointsByLidar::make(scene_, ref, *cloud, own_lidars_);
    if (!by_lidar) {
      if (problem_) problem_ = by_lidar.error();
      continue;
    }
    sweep->by_lidar = *std::move(by_lidar);
    sweep->points = std::move(cloud->points);
    if (auto indexed = sweep->index.assign(sweep->points); !indexed) {
      if (problem_) problem_ = indexed.error();
      continue;
    }
    loaded_.front().sweeps.push_back(std::move(sweep));
  }
  while (loaded_.size() > kept_) {
    by_time_.erase(loaded_.back().time);
    loaded_.pop_back();
  }
  return loaded_.front();
}

std::vector<Vec3d> SweepPoints::near(TimestampNs time, const Cuboid& region, OwnLidar lidar) {
  std::vector<Vec3d> found;
  if (!std::ranges::binary_search(times_, time)) return found;
  for (const auto& sweep : load(time).sweeps) {
    const auto inside = sweep->index.find(region, sweep->world_from_points);
    if (!inside) {
      if (problem_) problem_ = inside.error();
      continue;
    }
    const Mat3d rotation = matrix(sweep->world_from_points.rotation);
    for (const std::uint32_t i : *inside) {
      if (!sweep->by_lidar.has(i, lidar)) continue;
      const Point& p = sweep->points[i];
      found.push_back(rotation * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)} +
                      sweep->world_from_points.translation);
    }
  }
  return found;
}

PointsNear SweepPoints::callback(const Track& track) {
  return [this, lidar = own_lidar(scene_, track)](TimestampNs time, const Cuboid& region) {
    return near(time, region, lidar);
  };
}

}  // namespace sweepmark
