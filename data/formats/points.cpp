// SPDX-License-Identifier: Apache-2.0
#include "data/formats/points.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/formats/numbered_names.h"
#include "data/point_cloud.h"

namespace sweepmark::points {
namespace fs = std::filesystem;
namespace {

bool is_point_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure) && point_file_kind(path).has_value();
}

std::vector<fs::path> files_in(const fs::path& path) {
  if (is_point_file(path)) return {path};
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (is_point_file(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files, natural_less, [](const fs::path& file) { return file.stem().string(); });
  return files;
}

}  // namespace

bool recognises(const fs::path& path) { return !files_in(path).empty(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected a point file, or a folder of .bin, .pcd or .ply files: {}", path.string())};
  return std::vector<SceneHandle>{{Format::points, path, path.stem().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene;
  scene.format = Format::points;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors.push_back({.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  const auto files = files_in(handle.root);
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.stem().string());
  const NameTimes times = times_of_names(names, handle.frame_rate);
  for (const fs::path& file : files) {
    auto kind = point_file_kind(file);
    if (!kind) return kind.error();
    const TimestampNs timestamp = times.times[scene.sweeps.size()];
    scene.frames.push_back({timestamp, {}, {static_cast<std::uint32_t>(scene.sweeps.size())}, {}});
    scene.sweeps.push_back({0, timestamp, file, *kind, {}});
  }
  if (scene.sweeps.empty()) return Error{fmt::format("no point files any more: {}", handle.root.string())};
  if (scene.sweeps.size() > 1) scene.assume_times(times.note);
  return scene;
}

}  // namespace sweepmark::points
