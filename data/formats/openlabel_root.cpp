// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_root.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "data/formats/text.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
using json::Json;
namespace {

Json to_json(const Pose& pose) {
  const Quat& q = pose.rotation;
  const Vec3d& t = pose.translation;
  return {{"quaternion", {q.x, q.y, q.z, q.w}}, {"translation", {t.x, t.y, t.z}}};
}

/// Those of the scene, and cameras that only labels know.
std::vector<Sensor> sensors_of(const Scene& scene, const LabelSet& labels) {
  std::vector<Sensor> sensors = scene.sensors;
  for (const ImageTrack& track : labels.image_tracks) {
    if (std::ranges::find(sensors, track.camera, &Sensor::name) == sensors.end())
      sensors.push_back({track.camera, SensorKind::camera, {}, {}});
  }
  return sensors;
}

/// What a frame's streams say of its images.
Json images_of(const Scene& scene, const Frame& frame, const fs::path& folder) {
  Json streams = Json::object();
  for (const std::uint32_t i : frame.images) {
    const ImageRef& image = scene.images[i];
    Json stream = Json::object();
    std::error_code failure;
    if (!image.file.empty())
      stream["uri"] = fs::absolute(image.file, failure).lexically_proximate(folder).generic_string();
    if (image.width > 0 && image.height > 0)
      stream["stream_properties"] = {{"width", image.width}, {"height", image.height}};
    if (image.video_frame) stream["stream_properties"]["sync"] = {{"frame_stream", *image.video_frame}};
    if (!stream.empty()) streams[scene.sensors[image.sensor].name] = std::move(stream);
  }
  return streams;
}

}  // namespace

Json new_root(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  Json systems = {{"world", {{"type", "scene_cs"}, {"parent", ""}, {"children", {"ego"}}}},
                  {"ego", {{"type", "local_cs"}, {"parent", "world"}, {"children", Json::array()}}}};
  Json streams = Json::object();
  for (const Sensor& sensor : sensors_of(scene, labels)) {
    if (streams.contains(sensor.name) || sensor.name == "world" || sensor.name == "ego") continue;
    systems["ego"]["children"].push_back(sensor.name);
    systems[sensor.name] = {{"type", "sensor_cs"},
                            {"parent", "ego"},
                            {"children", Json::array()},
                            {"pose_wrt_parent", to_json(sensor.ego_from_sensor)}};
    const char* type = sensor.kind == SensorKind::lidar    ? "lidar"
                       : sensor.kind == SensorKind::camera ? "camera"
                                                           : "radar";
    Json stream = {{"description", sensor.name}, {"type", type}, {"uri", ""}};
    if (sensor.camera) {
      const CameraIntrinsics& c = *sensor.camera;
      Json pinhole = {{"width_px", c.width},
                      {"height_px", c.height},
                      {"camera_matrix", {c.fx, 0.0, c.cx, 0.0, 0.0, c.fy, c.cy, 0.0, 0.0, 0.0, 1.0, 0.0}}};
      if (c.model == "pinhole" && c.distortion.size() >= 5) pinhole["distortion_coeffs"] = c.distortion;
      stream["stream_properties"] = {{"intrinsics_pinhole", pinhole}};
    }
    streams[sensor.name] = std::move(stream);
  }
  Json root = {{"openlabel",
                {{"metadata", {{"schema_version", "1.0.0"}, {"name", scene.name}}},
                 {"coordinate_systems", std::move(systems)},
                 {"streams", std::move(streams)},
                 {"objects", Json::object()},
                 {"frames", Json::object()}}}};
  Json& frames = root["openlabel"]["frames"];
  for (std::size_t i = 0; i < scene.frames.size(); ++i) {
    const Frame& frame = scene.frames[i];
    Json properties = {
        {"timestamp", seconds_text(frame.timestamp)},
        {"transforms",
         {{"ego_to_world",
           {{"src", "ego"}, {"dst", "world"}, {"transform_src_to_dst", to_json(frame.world_from_ego)}}}}}};
    Json images = images_of(scene, frame, folder);
    if (!images.empty()) properties["streams"] = std::move(images);
    frames[std::to_string(i)] = {{"frame_properties", std::move(properties)}};
  }
  return root;
}

}  // namespace sweepmark::openlabel
