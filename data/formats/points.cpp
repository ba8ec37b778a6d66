// SPDX-License-Identifier: Apache-2.0
#include "data/formats/points.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/formats/text.h"
#include "data/point_cloud.h"

namespace sweepmark::points {
namespace fs = std::filesystem;
namespace {

constexpr TimestampNs frame_period = 100'000'000;

bool is_point_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure) && point_file_kind(path).has_value();
}

/// 2 before 10: by length where both are numbers.
bool natural_less(const fs::path& a, const fs::path& b) {
  const std::string x = a.stem().string(), y = b.stem().string();
  std::int64_t i = 0, j = 0;
  if (parse_number(x, i) && parse_number(y, j) && i != j) return i < j;
  return x < y;
}

std::vector<fs::path> files_in(const fs::path& path) {
  if (is_point_file(path)) return {path};
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (is_point_file(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files, natural_less);
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
  for (const fs::path& file : files_in(handle.root)) {
    auto kind = point_file_kind(file);
    if (!kind) return kind.error();
    const auto timestamp = static_cast<TimestampNs>(scene.sweeps.size()) * frame_period;
    scene.frames.push_back({timestamp, {}, {static_cast<std::uint32_t>(scene.sweeps.size())}, {}});
    scene.sweeps.push_back({0, timestamp, file, *kind, {}});
  }
  if (scene.sweeps.empty()) return Error{fmt::format("no point files any more: {}", handle.root.string())};
  if (scene.sweeps.size() > 1) scene.assume_times("no timestamps: files in the order of their names, 100 ms apart");
  return scene;
}

}  // namespace sweepmark::points
