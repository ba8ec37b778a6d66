// SPDX-License-Identifier: Apache-2.0
//
// Each frame of the object dataset is a scene of its own: frames are not consecutive.
#include "data/formats/kitti_object.h"

#include <fmt/format.h>

#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/kitti_common.h"
#include "data/formats/kitti_object_images.h"
#include "data/formats/kitti_object_source.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti_object {
namespace fs = std::filesystem;
namespace {

std::optional<fs::path> dataset_folder(const fs::path& path) {
  std::error_code failure;
  for (const fs::path& folder : {path, path / "training"}) {
    if (fs::is_directory(folder / "label_2", failure)) return folder;
    if (fs::is_directory(folder / "velodyne", failure) && fs::is_directory(folder / "calib", failure) &&
        fs::is_directory(folder / "image_2", failure))
      return folder;
  }
  if (path.extension() == ".txt" && path.parent_path().filename() == "label_2") return path.parent_path().parent_path();
  return std::nullopt;
}

/// Each row is an object of its own, called by its number. A file that is not there has no rows.
Result<void> read_labels(const fs::path& file, Source& source, std::vector<BadRow>& bad_rows) {
  std::error_code failure;
  if (!fs::exists(file, failure)) return {};
  const auto text = read_file(file);
  if (!text) return text.error();
  for (const Line& line : lines_of(*text)) {
    const auto row = kitti::parse_label(line.text, false, at_line(file, line.number));
    if (!row) return row.error();
    source.texts.emplace_back(line.text);
    if (!row->is_object) continue;
    const std::size_t number = source.texts.size() - 1;
    if (row->fault) {
      add_bad_row(bad_rows, bad_row_at(file, fmt::format("line {}", line.number), std::to_string(number)), *row->fault);
      continue;
    }
    source.text_of_row.push_back(number);
    source.rows.add({.timestamp = 0,
                     .track = std::to_string(number),
                     .class_name = row->class_name,
                     .in_world = source.calibration.ego_from_rectified() * row->in_camera});
  }
  return {};
}

}  // namespace

bool recognises(const fs::path& path) { return dataset_folder(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto root = dataset_folder(path);
  if (!root)
    return Error{fmt::format("expected a folder with label_2, or velodyne, calib and image_2: {}", path.string())};
  if (path.extension() == ".txt") return std::vector<SceneHandle>{{Format::kitti_object, *root, path.stem().string()}};
  if (has_images_only(*root)) {
    const std::string name = fs::absolute(*root).lexically_normal().filename().string();
    return std::vector<SceneHandle>{{Format::kitti_object, *root, name.empty() ? "images" : name}};
  }
  std::set<std::string> names;
  std::error_code failure;
  for (const auto& [folder, extension] : {std::pair{"label_2", ".txt"}, std::pair{"velodyne", ".bin"}}) {
    for (const auto& entry : fs::directory_iterator(*root / folder, failure)) {
      if (entry.path().extension() == extension) names.insert(entry.path().stem().string());
    }
  }
  std::vector<SceneHandle> handles;
  for (const std::string& name : names) handles.push_back({Format::kitti_object, *root, name});
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  if (has_images_only(handle.root)) return open_images(handle);
  const fs::path calibration_file = handle.root / "calib" / (handle.name + ".txt");
  auto calibration_text = read_file(calibration_file);
  if (!calibration_text) return calibration_text.error();
  auto calibration = kitti::parse_calibration(*calibration_text, calibration_file);
  if (!calibration) return calibration.error();

  Scene scene;
  scene.format = Format::kitti_object;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors = {
      {.name = "velodyne", .kind = SensorKind::lidar, .ego_from_sensor = calibration->ego_from_velo(), .camera = {}}};
  Frame frame;
  std::error_code failure;
  if (const fs::path sweep = handle.root / "velodyne" / (handle.name + ".bin"); fs::exists(sweep, failure)) {
    scene.sweeps.push_back({0, 0, sweep, PointFileKind::kitti_bin, scene.sensors[0].ego_from_sensor});
    frame.sweeps.push_back(0);
  }
  for (const std::size_t number : kitti::cameras_of(*calibration, handle.root, "image_")) {
    const std::string name = fmt::format("image_{}", number);
    const auto sensor = static_cast<std::uint32_t>(scene.sensors.size());
    scene.sensors.push_back(calibration->camera(number, name));
    for (const char* extension : {".png", ".jpg"}) {
      const fs::path image = handle.root / name / (handle.name + extension);
      if (!fs::exists(image, failure)) continue;
      frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
      scene.images.push_back({sensor, 0, image, scene.sensors.back().ego_from_sensor});
      break;
    }
  }
  scene.frames.push_back(frame);
  scene.notes.push_back("a single frame without poses: the world frame is the ego frame");

  auto source = std::make_shared<Source>();
  source->calibration_text = *std::move(calibration_text);
  source->calibration = *calibration;
  if (auto read = read_labels(handle.root / "label_2" / (handle.name + ".txt"), *source, scene.labels.bad_rows); !read)
    return read.error();
  const std::size_t regions = source->texts.size() - source->text_of_row.size() - scene.labels.bad_rows.size();
  if (regions > 0) scene.notes.push_back(fmt::format("{} DontCare rows are kept, not shown", regions));
  scene.labels.tracks = source->rows.tracks();
  scene.labels.source = std::move(source);
  return scene;
}

}  // namespace sweepmark::kitti_object
