// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "data/sweep_stream.h"
#include "kernels/math/rigid.h"
#include "kernels/point_index.h"
#include "quality/finding_collector.h"
#include "quality/label_checks.h"
#include "quality/labelled_sweeps.h"
#include "quality/own_points.h"
#include "tracking/class_at.h"

namespace sweepmark {
namespace {

struct Label {
  const Track* track;
  Cuboid cuboid;
  OwnLidar lidar;
  std::uint64_t inside = 0;
  std::optional<double> ground_z;  ///< world
};

std::map<TimestampNs, std::vector<Label>> labels_by_time(const Scene& scene) {
  std::map<TimestampNs, std::vector<Label>> out;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes)
      out[k.timestamp].push_back({&track, k.cuboid, own_lidar(scene, k), 0, {}});
  }
  return out;
}

/// Height of the ground around a cuboid: a low percentile of the points beside it, which holds where there are bushes
/// and on slopes. Nothing where too few points lie that low: walls and tree tops are no ground. Points above the
/// cuboid's middle are not asked.
Result<std::optional<double>> ground_around(PointIndex& index, const std::vector<Point>& points, const Label& label,
                                            const Pose& world_from_points, const CheckLimits& limits) {
  constexpr double beside_m = 1.5, above_and_below_m = 4;
  Cuboid around = label.cuboid;
  around.size = around.size + Vec3d{2 * beside_m, 2 * beside_m, 2 * above_and_below_m};
  auto near = index.find(around, world_from_points);
  if (!near) return near.error();
  const Quat box_from_world = conjugate(normalized(label.cuboid.rotation));
  std::vector<double> heights;
  for (const std::uint32_t i : *near) {
    const Point& p = points[i];
    const Vec3d world =
        world_from_points * Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
    const Vec3d local = rotate(box_from_world, world - label.cuboid.center);
    const bool below_or_in =
        std::abs(local.x) <= 0.6 * label.cuboid.size.x && std::abs(local.y) <= 0.6 * label.cuboid.size.y;
    if (!below_or_in && local.z <= 0) heights.push_back(world.z);
  }
  if (heights.size() < limits.fewest_ground_points) return std::optional<double>{};
  const auto low = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 10);
  std::ranges::nth_element(heights, low);
  const auto at_ground = std::ranges::count_if(heights, [&](double z) { return std::abs(z - *low) <= 0.2; });
  if (static_cast<std::size_t>(at_ground) < limits.fewest_ground_points) return std::optional<double>{};
  return std::optional<double>{*low};
}

void report(const std::map<TimestampNs, std::vector<Label>>& labels, const std::set<TimestampNs>& has_sweep,
            const CheckLimits& limits, FindingCollector& found) {
  for (const auto& [time, at] : labels) {
    if (!has_sweep.contains(time)) continue;
    for (const Label& label : at) {
      if (label.inside == 0) {
        found.add(Severity::warning, "empty", *label.track, time, 0,
                  [] { return std::string("no LiDAR point inside"); });
      }
      if (!label.ground_z) continue;
      const double bottom = label.cuboid.center.z - 0.5 * label.cuboid.size.z, height = bottom - *label.ground_z;
      if (std::abs(height) <= limits.ground_m) continue;
      found.add(Severity::warning, height > 0 ? "above-ground" : "below-ground", *label.track, time, std::abs(height),
                [&] { return fmt::format("its bottom is {:+.2f} m from the ground around it", height); });
    }
  }
}

}  // namespace

Result<std::vector<Finding>> check_points(const Scene& scene, const CheckLimits& limits, Places places) {
  auto labels = labels_by_time(scene);
  const LabelledSweeps sweeps = labelled_sweeps(
      scene, scene.frames, [&](TimestampNs time) { return labels.contains(time); },
      [](const Sensor& sensor) { return sensor.kind == SensorKind::lidar; });
  PointIndex index;
  SweepStream stream(scene, sweeps.sweeps);
  while (auto item = stream.next()) {
    if (!item->cloud) return item->cloud.error();
    const SweepRef& sweep = scene.sweeps[item->sweep];
    const auto fail = [&](const Error& error) {
      return Error{fmt::format("{}: {}", error.message, sweep.file.string())};
    };
    if (auto assigned = index.assign(item->cloud->points); !assigned) return fail(assigned.error());
    const Pose world_from_points = world_from_local(sweep, *item->cloud);
    auto& labels_now = labels[sweeps.frame_of_sweep.at(item->sweep)];
    std::vector<Cuboid> cuboids;
    std::vector<OwnLidar> lidars;
    for (const Label& label : labels_now) {
      cuboids.push_back(label.cuboid);
      lidars.push_back(label.lidar);
    }
    const auto inside = index.count(cuboids, world_from_points);
    if (!inside) return fail(inside.error());
    const auto by_lidar = PointsByLidar::make(scene, sweep, *item->cloud, lidars);
    if (!by_lidar) return fail(by_lidar.error());
    for (std::size_t i = 0; i < labels_now.size(); ++i) {
      Label& label = labels_now[i];
      if (label.lidar) {
        const auto points = index.find(label.cuboid, world_from_points);
        if (!points) return fail(points.error());
        label.inside += static_cast<std::uint64_t>(
            std::ranges::count_if(*points, [&](std::uint32_t p) { return by_lidar->has(p, label.lidar); }));
      } else {
        label.inside += (*inside)[i];
      }
      if (label.ground_z ||
          !limits.limits_of(class_at(*label.track, sweeps.frame_of_sweep.at(item->sweep))).stands_on_ground)
        continue;
      auto ground = ground_around(index, item->cloud->points, label, world_from_points, limits);
      if (!ground) return fail(ground.error());
      label.ground_z = *ground;
    }
  }
  FindingCollector found(places);
  report(labels, sweeps.frames, limits, found);
  auto findings = std::move(found).take();
  sort_findings(findings);
  return findings;
}

}  // namespace sweepmark
