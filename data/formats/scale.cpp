// SPDX-License-Identifier: Apache-2.0
//
// Scale's tasks on LiDAR: frames of a sensor-fusion task (frames/*.json: points, device pose, images), the response of
// an annotation task (annotations.json: cuboids of each frame) and of a segmentation task (segmentation.json: an object
// for each point). World frame; a cuboid's dimensions are width, length and height along its own x, y and z, and its
// front is its +y face; a linking task's boxes in images are in linking.json. Source: Scale's API documentation of
// LiDAR annotation, segmentation and sensor-fusion tasks.
#include "data/formats/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/scale_frames.h"
#include "data/formats/scale_linking.h"
#include "data/formats/scale_source.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::scale {
namespace fs = std::filesystem;
namespace {

constexpr const char* lidar = "lidar";

bool is_response(const fs::path& file) { return begins_like(head_of(file, ".json"), '[', {"\"cuboids\""}); }
bool is_segmentation(const fs::path& file) {
  return begins_like(head_of(file, ".json"), '{', {"\"objects\"", "\"label\"", "\"index\""});
}

void read_cuboid(const Json& cuboid, const std::string& at, std::size_t frame, TimestampNs time, Source& source,
                 BadRow& bad) {
  bad.object = json::text_of(cuboid, "uuid", at);
  const Vec3d center = json::vector_of_members(json::member(cuboid, "position", at), at + "/position"),
              wlh = json::vector_of_members(json::member(cuboid, "dimensions", at), at + "/dimensions");
  expect_no_fault(size_fault({wlh.y, wlh.x, wlh.z}), at + "/dimensions");
  LabelRow row{time,
               bad.object,
               json::text_of(cuboid, "label", at),
               {center, {wlh.y, wlh.x, wlh.z}, quat_from_yaw(json::number_of(cuboid, "yaw", at) + quarter_turn)}};
  for (const char* field : attribute_fields) {
    if (const Json* value = json::optional_member(cuboid, field)) row.attributes[field] = json::attribute_text(*value);
  }
  if (const Json* attributes = json::optional_member(cuboid, "attributes")) {
    for (const auto& [name, value] : json::object(*attributes, at + "/attributes").items())
      row.attributes[name] = json::attribute_text(value);
  }
  if (const Json* count = json::optional_member(cuboid, "numberOfPoints"))
    row.stored_count = json::integer(*count, at + "/numberOfPoints");
  source.elements.add(frame, cuboid, std::move(row), at + "/uuid");
}

Result<void> read_response(const fs::path& file, std::vector<TimestampNs>& times, Source& source,
                           std::vector<BadRow>& bad_rows) {
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse(*content, file);
  if (!root) return root.error();
  source.text = *std::move(content);
  return json::guard(file, [&] {
    json::array(*root, "");
    if (times.empty()) {
      for (std::size_t i = 0; i < root->size(); ++i)
        times.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    }
    if (root->size() > times.size())
      json::fail("", fmt::format("cuboids of up to {} frames, got {}", times.size(), root->size()));
    for (std::size_t i = 0; i < root->size(); ++i) {
      const std::string at = fmt::format("/{}", i);
      Json& frame = (*root)[i];
      json::array(json::member(frame, "cuboids", at), at + "/cuboids");
      json::each(frame, "cuboids", at, [&](const Json& cuboid, const std::string& place) {
        source.elements.read(i, cuboid, bad_row_at(file, place, {}, times[i]), bad_rows,
                             [&](BadRow& bad) { read_cuboid(cuboid, place, i, times[i], source, bad); });
      });
      frame.erase("cuboids");
      source.frames.push_back(frame);
    }
  });
}

/// Objects become classes, numbered in the order in which they come, and instances; 0 is unlabelled.
Result<void> read_segmentation(const fs::path& file, std::vector<TimestampNs>& times, LabelSet& labels) {
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  return json::guard(file, [&] {
    std::map<std::string, std::uint16_t> class_of_label;
    std::map<std::int64_t, std::pair<std::uint16_t, std::uint32_t>> objects = {{0, {0, 0}}};
    std::map<std::uint16_t, std::uint32_t> last_instance;
    json::each(*root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string label = json::text_of(object, "label", at);
      const auto [known, is_new] = class_of_label.emplace(label, static_cast<std::uint16_t>(class_of_label.size() + 1));
      if (is_new && class_of_label.size() > 0xFFFF) json::fail(at, "fewer than 65536 labels");
      const std::int64_t index = json::integer_of(object, "index", at);
      std::uint32_t instance = last_instance[known->second] + 1;
      if (const Json* given = json::optional_member(object, "instance")) {
        const std::int64_t value = json::integer(*given, at + "/instance");
        if (value < 0 || value > INT32_MAX)
          json::fail(at + "/instance", fmt::format("the number of an instance, got {}", value));
        instance = static_cast<std::uint32_t>(value);
      }
      last_instance[known->second] = std::max(last_instance[known->second], instance);
      if (index < 1 || !objects.emplace(index, std::pair{known->second, instance}).second)
        json::fail(at + "/index", fmt::format("each index once, from 1, got {}", index));
      labels.point_classes[known->second] = label;
    });
    const Json& frames = json::array(json::member(*root, "point_objects", ""), "/point_objects");
    if (times.empty()) {
      for (std::size_t i = 0; i < frames.size(); ++i)
        times.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    }
    if (frames.size() > times.size())
      json::fail("/point_objects", fmt::format("up to {} frames, got {}", times.size(), frames.size()));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const std::string at = fmt::format("/point_objects/{}", i);
      auto values = std::make_shared<PointLabels>();
      for (const Json& point : json::array(frames[i], at)) {
        const auto object = objects.find(point.is_number_integer() ? point.get<std::int64_t>() : -1);
        if (object == objects.end())
          json::fail(fmt::format("{}/{}", at, values->classes.size()),
                     "0 or the index of an object, got " + point.dump());
        values->classes.push_back(object->second.first);
        values->instances.push_back(object->second.second);
      }
      labels.point_labels.push_back({times[i], lidar, file, PointLabelKind::semantic_kitti, std::move(values)});
    }
  });
}
/// Images that only links name belong to the frame of their time.
void put_images_in_frames(Scene& scene) {
  const auto frames = frame_numbers(scene);
  for (Frame& frame : scene.frames) frame.images.clear();
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    if (const auto frame = frames.find(scene.images[i].timestamp); frame != frames.end())
      scene.frames[frame->second].images.push_back(static_cast<std::uint32_t>(i));
  }
}

Result<Scene> read(const SceneHandle& handle) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(handle.root, failure);
  Scene scene;
  scene.format = Format::scale;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors.push_back({.name = lidar, .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  const auto files = is_folder ? frame_files(handle.root) : std::vector<fs::path>{};
  if (auto read = read_frames(files, handle.root, scene); !read) return read.error();
  if (files.empty()) scene.assume_times("frames without times: 100 ms apart");
  std::vector<TimestampNs> times;
  for (const Frame& frame : scene.frames) times.push_back(frame.timestamp);
  const fs::path annotations = is_folder ? handle.root / annotation_file : handle.root,
                 segmentation = is_folder ? handle.root / segmentation_file : handle.root,
                 links = is_folder ? handle.root / linking_file : handle.root;
  auto source = std::make_shared<Source>();
  if (is_folder ? fs::exists(annotations, failure) : is_response(annotations)) {
    if (auto read = read_response(annotations, times, *source, scene.labels.bad_rows); !read) return read.error();
    scene.labels.tracks = source->elements.rows.tracks();
  }
  if (is_folder ? fs::exists(segmentation, failure) : is_segmentation(segmentation)) {
    if (auto read = read_segmentation(segmentation, times, scene.labels); !read) return read.error();
  }
  if (is_folder ? fs::exists(links, failure) : is_linking(links)) {
    auto read = read_linking(links, times, scene);
    if (!read) return read.error();
    source->linking = *std::move(read);
  }
  for (std::size_t i = 0; i < times.size(); ++i) source->frame_at[times[i]] = i;
  if (!source->text.empty() || source->linking != nullptr) scene.labels.source = std::move(source);
  for (std::size_t i = scene.frames.size(); i < times.size(); ++i) scene.frames.push_back({times[i], {}, {}, {}});
  put_images_in_frames(scene);
  return scene;
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return is_response(path) || is_segmentation(path) || is_linking(path);
  const auto frames = frame_files(path);
  return (!frames.empty() && is_frame(frames.front())) || is_response(path / annotation_file) ||
         is_segmentation(path / segmentation_file) || is_linking(path / linking_file);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format(
        "expected frames/*.json, annotations.json, segmentation.json, linking.json, or one such response: {}",
        path.string())};
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return std::vector<SceneHandle>{{Format::scale, clean, clean.stem().string()}};
}

Result<Scene> open(const SceneHandle& handle) { return read(handle); }

}  // namespace sweepmark::scale
