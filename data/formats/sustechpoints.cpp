// SPDX-License-Identifier: Apache-2.0
//
// SUSTechPOINTS: one folder a scene with lidar/*.pcd, label/*.json (an array of objects a frame), camera/NAME/*.jpg and
// calib/camera/NAME.json. Boxes in the LiDAR's frame: centre, sizes along their own axes, Euler angles x y z.
// Source: https://github.com/naurril/SUSTechPOINTS, its documentation of folders and labels.
#include "data/formats/sustechpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/numbered_names.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark::sustechpoints {
namespace fs = std::filesystem;
namespace {

using json::Json;

struct Source : LabelSource {
  LabelElements elements;
  std::map<std::size_t, std::string> text_of_frame;  ///< label files as they were
  std::vector<std::string> names;                    ///< of frames
  std::map<TimestampNs, std::size_t> frame_at;
};

/// A frame while its labels are read.
struct FrameOfLabels {
  std::size_t index = 0;
  TimestampNs time = 0;  ///< not the index times a period: numbers of frames may have gaps
  const std::string& name;
};

void read_object(const Json& object, const std::string& at, const FrameOfLabels& frame, Source& source, BadRow& bad) {
  const Json& psr = json::member(object, "psr", at);
  const Vec3d position = json::vector_of_members(json::member(psr, "position", at + "/psr"), at + "/psr/position"),
              angles = json::vector_of_members(json::member(psr, "rotation", at + "/psr"), at + "/psr/rotation"),
              size = json::vector_of_members(json::member(psr, "scale", at + "/psr"), at + "/psr/scale");
  const Json* id = json::optional_member(object, "obj_id");
  std::string track = id == nullptr ? "" : json::attribute_text(*id);
  bad.object = track;
  expect_no_fault(size_fault(size), at + "/psr/scale");
  // An object without an id is one of its own.
  if (track.empty()) track = frame.name + at;
  LabelRow row{frame.time, track, json::text_of(object, "obj_type", at), {position, size, quat_from_xyz(angles)}};
  if (const Json* attribute = json::optional_member(object, "obj_attr"))
    row.attributes["obj_attr"] = json::attribute_text(*attribute);
  source.elements.add(frame.index, object, std::move(row), at + "/obj_id");
}

Result<void> read_labels(const fs::path& file, const FrameOfLabels& frame, Source& source,
                         std::vector<BadRow>& bad_rows) {
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  source.text_of_frame[frame.index] = *content;
  return json::guard(file, [&] {
    json::array(*root, "");
    for (std::size_t i = 0; i < root->size(); ++i) {
      const std::string at = fmt::format("/{}", i);
      source.elements.read(frame.index, (*root)[i], bad_row_at(file, at, {}, frame.time), bad_rows,
                           [&](BadRow& bad) { read_object((*root)[i], at, frame, source, bad); });
    }
  });
}

/// calib/camera/NAME.json: "extrinsic" takes LiDAR coordinates to the camera (4x4), "intrinsic" is 3x3, both row by
/// row.
Result<Sensor> read_camera(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  Sensor sensor{.name = file.stem().string(), .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}};
  const auto read = json::guard(file, [&] {
    const auto e = json::numbers<16>(json::member(*root, "extrinsic", ""), "/extrinsic");
    const auto k = json::numbers<9>(json::member(*root, "intrinsic", ""), "/intrinsic");
    const Quat q = quat_from_matrix({{{e[0], e[1], e[2]}, {e[4], e[5], e[6]}, {e[8], e[9], e[10]}}});
    if (!is_finite(q)) json::fail("/extrinsic", "a rotation in its first three columns");
    sensor.ego_from_sensor = inverse(Pose{q, {e[3], e[7], e[11]}});
    sensor.camera = CameraIntrinsics{k[0], k[4], k[2], k[5], 0, 0, "pinhole", {}};
  });
  if (!read) return read.error();
  return sensor;
}

bool has_labels(const fs::path& folder) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder / "label", failure)) {
    const std::string head = head_of(entry.path(), ".json");
    // A frame without objects says nothing: look at the next.
    if (!head.empty() && head.find_first_not_of(" \t\r\n[]") != std::string::npos)
      return begins_like(head, '[', {"\"psr\""});
  }
  return false;
}

}  // namespace

bool recognises(const fs::path& path) { return has_labels(path); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected label/*.json with objects that have a psr: {}", path.string())};
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return std::vector<SceneHandle>{{Format::sustechpoints, clean, clean.filename().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene;
  scene.format = Format::sustechpoints;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.sensors.push_back({.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  std::error_code failure;
  std::map<std::string, fs::path> sweeps, labels;
  for (const auto& entry : fs::directory_iterator(handle.root / "lidar", failure)) {
    if (point_file_kind(entry.path())) sweeps[entry.path().stem().string()] = entry.path();
  }
  for (const auto& entry : fs::directory_iterator(handle.root / "label", failure)) {
    if (entry.path().extension() == ".json") labels[entry.path().stem().string()] = entry.path();
  }
  std::vector<fs::path> cameras;
  for (const auto& entry : fs::directory_iterator(handle.root / "calib" / "camera", failure)) {
    if (entry.path().extension() == ".json") cameras.push_back(entry.path());
  }
  std::ranges::sort(cameras);
  for (const fs::path& camera : cameras) {
    auto sensor = read_camera(camera);
    if (!sensor) return sensor.error();
    scene.sensors.push_back(*std::move(sensor));
  }
  std::set<std::string> all;
  for (const auto& [name, file] : sweeps) all.insert(name);
  for (const auto& [name, file] : labels) all.insert(name);
  auto source = std::make_shared<Source>();
  source->names.assign(all.begin(), all.end());
  std::ranges::sort(source->names, natural_less);
  const NameTimes times = times_of_names(source->names, handle.frame_rate);
  scene.assume_times(times.note + "; no poses: labels stay in the LiDAR's frame");
  for (std::size_t i = 0; i < source->names.size(); ++i) {
    const std::string& name = source->names[i];
    const TimestampNs time = times.times[i];
    source->frame_at[time] = i;
    Frame frame{time, {}, {}, {}};
    if (const auto sweep = sweeps.find(name); sweep != sweeps.end()) {
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, time, sweep->second, *point_file_kind(sweep->second), {}});
    }
    for (std::uint32_t s = 1; s < scene.sensors.size(); ++s) {
      const fs::path image = handle.root / "camera" / scene.sensors[s].name / (name + ".jpg");
      if (!fs::exists(image, failure)) continue;
      frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
      scene.images.push_back({s, time, image, scene.sensors[s].ego_from_sensor});
    }
    scene.frames.push_back(std::move(frame));
    if (const auto label = labels.find(name); label != labels.end()) {
      if (auto read = read_labels(label->second, {i, time, name}, *source, scene.labels.bad_rows); !read)
        return read.error();
    }
  }
  scene.labels.tracks = source->elements.rows.tracks();
  scene.labels.source = std::move(source);
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Source none;
  const LabelElements& elements = source != nullptr ? source->elements : none.elements;
  auto ordered = labels_in_order(labels, source != nullptr ? source->frame_at : frame_numbers(scene), &elements.rows,
                                 "SUSTechPOINTS", out);
  if (!ordered) return ordered.error();
  std::set<std::size_t> changed;
  std::vector<bool> kept(elements.rows.size(), false);
  for (const OutputLabel& label : *ordered) {
    if (label.row) kept[*label.row] = true;
    if (!label.is_unchanged) changed.insert(label.frame);
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) changed.insert(source->frame_at.at(elements.rows[i].timestamp));
  }
  const std::size_t frames = source != nullptr ? source->names.size() : scene.frames.size();
  Result<void> written;
  const auto merged = elements.merged(frames, *ordered, [](Json& element, const OutputLabel& label) {
    const Cuboid& c = label.keyframe->cuboid;
    element["obj_id"] = label.track->id;
    element["obj_type"] = label.class_name();
    element["psr"] = {{"position", json::members_of(c.center)},
                      {"rotation", json::members_of(xyz_from_quat(c.rotation))},
                      {"scale", json::members_of(c.size)}};
    const auto attribute = label.keyframe->attributes.find("obj_attr");
    if (attribute != label.keyframe->attributes.end()) {
      element["obj_attr"] = attribute->second;
    } else {
      element.erase("obj_attr");
    }
  });
  const auto done = json::guard(out, [&] {
    for (std::size_t i = 0; i < merged.size() && written; ++i) {
      const std::string name = source != nullptr ? source->names[i] : fmt::format("{:06}", i);
      const bool was_there = source == nullptr || source->text_of_frame.contains(i);
      if (!was_there && merged[i].empty()) continue;
      const bool as_it_was = source != nullptr && was_there && !changed.contains(i);
      written = write_file_in_folder(out / "label" / (name + ".json"),
                                     as_it_was ? source->text_of_frame.at(i) : Json(merged[i]).dump(1) + "\n");
    }
  });
  return done ? written : done;
}

}  // namespace sweepmark::sustechpoints
