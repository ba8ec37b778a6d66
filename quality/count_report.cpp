// SPDX-License-Identifier: Apache-2.0
#include "quality/count_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/sweep_stream.h"
#include "kernels/count_points.h"
#include "quality/labelled_sweeps.h"
#include "quality/own_points.h"
#include "tracking/class_at.h"

namespace sweepmark {
namespace {

/// Labels of one frame: their cuboids side by side with their rows.
struct FrameLabels {
  std::vector<Cuboid> cuboids;
  std::vector<OwnLidar> lidars;
  std::vector<CountRow> rows;
};

std::map<TimestampNs, FrameLabels> labels_by_time(const Scene& scene) {
  std::map<TimestampNs, FrameLabels> out;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      FrameLabels& frame = out[k.timestamp];
      frame.cuboids.push_back(k.cuboid);
      frame.lidars.push_back(own_lidar(scene, k));
      frame.rows.push_back({k.timestamp, track.id, class_at(track, k.timestamp), 0, k.stored_count});
    }
  }
  return out;
}

Result<std::vector<Frame>> chosen_frames(const Scene& scene, const CountReportOptions& options) {
  if (!options.frame) return scene.frames;
  if (*options.frame >= scene.frames.size()) {
    return Error{fmt::format("frame {}: expected a number below {}, the frames of scene {}: {}", *options.frame,
                             scene.frames.size(), scene.name, scene.root.string())};
  }
  return std::vector<Frame>{scene.frames[*options.frame]};
}

}  // namespace

std::size_t CountReport::compared() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [](const CountRow& row) { return row.stored_count.has_value(); }));
}

std::size_t CountReport::agree() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      rows, [](const CountRow& row) { return row.stored_count == static_cast<std::int64_t>(row.points_inside); }));
}

Result<CountReport> count_report(const Scene& scene, const CountReportOptions& options, const Backend& backend) {
  const auto is_wanted = [&](const Sensor& sensor) {
    return sensor.kind == SensorKind::lidar && (options.sensor.empty() || sensor.name == options.sensor);
  };
  if (!options.sensor.empty() && std::ranges::none_of(scene.sensors, is_wanted)) {
    return Error{fmt::format("--sensor {}: scene {} has no LiDAR of this name: {}", options.sensor, scene.name,
                             scene.root.string())};
  }
  auto frames = chosen_frames(scene, options);
  if (!frames) return frames.error();
  auto labels = labels_by_time(scene);
  const auto has_labels = [&](TimestampNs time) { return labels.contains(time); };
  const LabelledSweeps found = labelled_sweeps(scene, *frames, has_labels, is_wanted);
  CountReport report;
  for (const Frame& frame : *frames) {
    if (has_labels(frame.timestamp) && !found.frames.contains(frame.timestamp)) ++report.frames_without_sweep;
  }
  auto counted = std::visit(
      [&]<class Exec>(const Exec& exec) -> Result<void> {
        PointCounter<Exec> counter(exec);
        SweepStream stream(scene, found.sweeps);
        while (auto item = stream.next()) {
          if (!item->cloud) return item->cloud.error();
          FrameLabels& frame = labels[found.frame_of_sweep.at(item->sweep)];
          const SweepRef& sweep = scene.sweeps[item->sweep];
          const auto inside = count_own_points(counter, scene, sweep, *item->cloud, frame.cuboids, frame.lidars);
          if (!inside) return Error{fmt::format("{}: {}", inside.error().message, sweep.file.string())};
          for (std::size_t i = 0; i < frame.rows.size(); ++i) frame.rows[i].points_inside += (*inside)[i];
        }
        return {};
      },
      backend);
  if (!counted) return counted.error();
  for (auto& [time, frame] : labels) {
    if (found.frames.contains(time)) std::ranges::move(frame.rows, std::back_inserter(report.rows));
  }
  return report;
}

}  // namespace sweepmark
