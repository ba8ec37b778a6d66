// SPDX-License-Identifier: Apache-2.0
//
// import_nuscenes_demo FOLDER OUT.sweepmark.json
// One nuScenes keyframe as mmdetection3d stores it (info.json): boxes in the LiDAR frame with a yaw only. The originals
// are upright in the global frame, so that is how they are restored; read as yaw-only in the tilted LiDAR frame, 8 of
// the 69 stored counts would not be met.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "data/formats/sweepmark_json.h"
#include "kernels/math/rigid.h"

namespace {

using namespace sweepmark;
using Json = nlohmann::json;

Pose pose_of(const Json& m) {
  Mat3d r{};
  for (std::size_t i = 0; i < 9; ++i) r.m[i / 3][i % 3] = m[i / 3][i % 3].get<double>();
  return {quat_from_matrix(r), {m[0][3].get<double>(), m[1][3].get<double>(), m[2][3].get<double>()}};
}

/// -1 marks a class that the detection task leaves out.
std::string class_of(const std::vector<std::string>& names, std::int64_t number) {
  return number < 0 ? "other" : names.at(static_cast<std::size_t>(number));
}

Cuboid upright_in_world(const Pose& world_from_lidar, const Json& box) {
  const double yaw = box[6].get<double>();
  const Vec3d heading = rotate(world_from_lidar.rotation, {std::cos(yaw), std::sin(yaw), 0});
  return {world_from_lidar * Vec3d{box[0].get<double>(), box[1].get<double>(), box[2].get<double>()},
          {box[3].get<double>(), box[4].get<double>(), box[5].get<double>()},
          quat_from_yaw(std::atan2(heading.y, heading.x))};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: import_nuscenes_demo FOLDER OUT.sweepmark.json\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::ifstream file(folder / "info.json");
  std::string text(std::istreambuf_iterator<char>(file), {});
  for (std::size_t at = 0; (at = text.find("NaN", at)) != std::string::npos;)
    text.replace(at, 3, "0");  // velocities, not JSON
  const Json info = Json::parse(text), &data = info["data_list"][0];
  std::vector<std::string> names(info["metainfo"]["categories"].size());
  for (const auto& [name, number] : info["metainfo"]["categories"].items()) names.at(number.get<std::size_t>()) = name;

  constexpr TimestampNs time = 1'532'402'927'647'951'000;
  Scene scene;
  scene.name = "nuscenes_demo";
  const Pose world_from_ego = pose_of(data["ego2global"]), ego_from_lidar = pose_of(data["lidar_points"]["lidar2ego"]);
  const Pose world_from_lidar = world_from_ego * ego_from_lidar;
  scene.sensors.push_back(
      {.name = "LIDAR_TOP", .kind = SensorKind::lidar, .ego_from_sensor = ego_from_lidar, .camera = {}});
  scene.ego_poses.push_back({time, world_from_ego});
  scene.sweeps.push_back({0, time, folder / data["lidar_points"]["lidar_path"].get<std::string>(),
                          PointFileKind::nuscenes_bin, world_from_lidar});
  scene.frames.push_back({time, world_from_ego, {0}, {}});
  for (const auto& [name, camera] : data["images"].items()) {
    const Json& m = camera["cam2img"];
    const Pose ego_from_camera = pose_of(camera["cam2ego"]);
    scene.sensors.push_back({.name = name,
                             .kind = SensorKind::camera,
                             .ego_from_sensor = ego_from_camera,
                             .camera = CameraIntrinsics{m[0][0], m[1][1], m[0][2], m[1][2], 1600, 900, "pinhole", {}}});
    scene.frames[0].images.push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back({static_cast<std::uint32_t>(scene.sensors.size() - 1),
                            std::llround(camera["timestamp"].get<double>() * 1e6) * 1000,
                            folder / camera["img_path"].get<std::string>(), world_from_ego * ego_from_camera});
  }
  for (const Json& box : data["instances"]) {
    scene.labels.tracks.push_back({.id = fmt::format("{}", scene.labels.tracks.size()),
                                   .class_name = class_of(names, box["bbox_label_3d"].get<std::int64_t>()),
                                   .attributes = {},
                                   .keyframes = {{.timestamp = time,
                                                  .cuboid = upright_in_world(world_from_lidar, box["bbox_3d"]),
                                                  .stored_count = box["num_lidar_pts"].get<std::int64_t>(),
                                                  .attributes = {}}},
                                   .absences = {}});
  }
  if (const auto written = sweepmark_json::write_labels(scene, scene.labels, argv[2]); !written) {
    fmt::print(stderr, "{}\n", written.error().message);
    return 1;
  }
  return 0;
}
