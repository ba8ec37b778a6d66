// SPDX-License-Identifier: Apache-2.0
//
// Each frame of the object dataset is a scene of its own: frames are not consecutive.
#include "data/formats/kitti_object.h"

#include <fmt/format.h>

#include <set>

#include "data/formats/kitti_common.h"
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
  const fs::path calibration_file = handle.root / "calib" / (handle.name + ".txt");
  auto calibration_text = read_file(calibration_file);
  if (!calibration_text) return calibration_text.error();
  auto calibration = kitti::parse_calibration(*calibration_text, calibration_file);
  if (!calibration) return calibration.error();

  Scene scene;
  scene.format = Format::kitti_object;
  scene.root = handle.root;
  scene.name = handle.name;
  CameraIntrinsics intrinsics;
  intrinsics.fx = calibration->p2[0], intrinsics.cx = calibration->p2[2], intrinsics.fy = calibration->p2[5],
  intrinsics.cy = calibration->p2[6];
  scene.sensors = {
      {.name = "velodyne", .kind = SensorKind::lidar, .ego_from_sensor = calibration->ego_from_velo(), .camera = {}},
      {.name = "image_2",
       .kind = SensorKind::camera,
       .ego_from_sensor = calibration->ego_from_camera(),
       .camera = intrinsics}};
  Frame frame;
  std::error_code failure;
  if (const fs::path sweep = handle.root / "velodyne" / (handle.name + ".bin"); fs::exists(sweep, failure)) {
    scene.sweeps.push_back({0, 0, sweep, PointFileKind::kitti_bin, scene.sensors[0].ego_from_sensor});
    frame.sweeps.push_back(0);
  }
  for (const char* extension : {".png", ".jpg"}) {
    const fs::path image = handle.root / "image_2" / (handle.name + extension);
    if (!scene.images.empty() || !fs::exists(image, failure)) continue;
    scene.images.push_back({1, 0, image, scene.sensors[1].ego_from_sensor});
    frame.images.push_back(0);
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
    const Cuboid in_world = scene.sensors[1].ego_from_sensor * row->in_camera;
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
