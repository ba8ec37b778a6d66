// SPDX-License-Identifier: Apache-2.0
//
// Each frame of the object dataset is a scene of its own: frames are not consecutive.
#include "data/formats/kitti_object.h"

#include <fmt/format.h>

#include <set>

#include "data/formats/kitti_common.h"
#include "data/formats/kitti_object_images.h"
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
  auto calibration = kitti::read_calibration(handle.root, handle.name);
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

  const fs::path label_file = handle.root / "label_2" / (handle.name + ".txt");
  if (!fs::exists(label_file, failure)) return scene;
  auto text = read_file(label_file);
  if (!text) return text.error();
  std::uint32_t number = 0;
  for (const Line& line : lines_of(*text)) {
    auto row = kitti::parse_label(line.text, false, at_line(label_file, line.number));
    if (!row) return row.error();
    const std::uint32_t source_row = number++;
    if (!row->is_object) continue;
    const Cuboid in_world = calibration->ego_from_rectified() * row->in_camera;
    scene.labels.tracks.push_back(
        {.id = std::to_string(source_row),
         .class_name = row->class_name,
         .attributes = {},
         .keyframes =
             {{.timestamp = 0, .cuboid = in_world, .stored_count = {}, .attributes = {}, .source_row = source_row}},
         .absences = {}});
  }
  return scene;
}

}  // namespace sweepmark::kitti_object
