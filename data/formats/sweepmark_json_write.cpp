// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "data/atomic_file.h"
#include "data/formats/label_json.h"
#include "data/formats/sweepmark_json.h"
#include "data/formats/sweepmark_json_source.h"
#include "data/raw_points.h"

namespace sweepmark::sweepmark_json {
namespace fs = std::filesystem;
using json::Json;

namespace {

Json to_json(Vec3d v) { return {v.x, v.y, v.z}; }
Json to_json(Quat q) { return {q.w, q.x, q.y, q.z}; }
Json to_json(const Pose& p) { return {{"translation", to_json(p.translation)}, {"rotation", to_json(p.rotation)}}; }

Json to_json(const Sensor& sensor) {
  Json out = {{"name", sensor.name},
              {"kind", sensor_kinds[static_cast<std::size_t>(sensor.kind)]},
              {"ego_from_sensor", to_json(sensor.ego_from_sensor)}};
  if (sensor.camera) {
    const CameraIntrinsics& c = *sensor.camera;
    out["camera"] = {{"fx", c.fx},       {"fy", c.fy},         {"cx", c.cx},       {"cy", c.cy},
                     {"width", c.width}, {"height", c.height}, {"model", c.model}, {"distortion", c.distortion}};
  }
  return out;
}

Json to_json(const Keyframe& keyframe, const Source* source) {
  Json out = {{"timestamp_ns", keyframe.timestamp},
              {"center", to_json(keyframe.cuboid.center)},
              {"size", to_json(keyframe.cuboid.size)},
              {"rotation", to_json(keyframe.cuboid.rotation)}};
  if (keyframe.stored_count) out["points"] = *keyframe.stored_count;
  if (!keyframe.attributes.empty()) out["attributes"] = keyframe.attributes;
  if (source != nullptr && keyframe.source_row < source->of_keyframe.size())
    out.update(source->of_keyframe[keyframe.source_row]);
  return out;
}

/// One element a line: a change to one keyframe is a change to one line.
std::string lines(const std::vector<Json>& elements, const std::string& indent) {
  if (elements.empty()) return "[]";
  std::string text = "[";
  for (std::size_t i = 0; i < elements.size(); ++i)
    text += (i == 0 ? "\n" : ",\n") + indent + "  " + elements[i].dump();
  return text + "\n" + indent + "]";
}

Json to_json(const ImageKeyframe& keyframe, const Source* source) {
  Json out = {{"timestamp_ns", keyframe.timestamp}};
  label_json::put(keyframe.value, out);
  if (!keyframe.attributes.empty()) out["attributes"] = keyframe.attributes;
  if (source != nullptr && keyframe.source_row < source->of_keyframe.size())
    out.update(source->of_keyframe[keyframe.source_row]);
  return out;
}

/// The members of a track that follow its names. \param rest  those that we do not know, or null \param bad  or null
template <class AnyTrack>
std::string track_members(const AnyTrack& track, const Source* source, const Json* rest,
                          const std::vector<Source::Bad>* bad) {
  std::string text = fmt::format(", \"class\": {}", Json(track.class_name).dump());
  if (!track.later_classes.empty()) {
    Json changes = Json::array();
    for (const LaterClass& later : track.later_classes) changes.push_back({later.from, later.class_name});
    text += ", \"later_classes\": " + changes.dump();
  }
  if (!track.attributes.empty()) text += ", \"attributes\": " + Json(track.attributes).dump();
  if (!track.absences.empty()) {
    Json spans = Json::array();
    for (const AbsenceSpan& span : track.absences) spans.push_back({span.begin, span.end});
    text += ", \"absences\": " + spans.dump();
  }
  if (rest != nullptr) {
    for (const auto& [key, value] : rest->items()) text += fmt::format(", {}: {}", Json(key).dump(), value.dump());
  }
  std::vector<Json> keyframes;
  std::size_t next_bad = 0;
  const auto put_bad = [&](std::uint32_t row) {
    for (; bad != nullptr && next_bad < bad->size() && (*bad)[next_bad].before <= row; ++next_bad)
      keyframes.push_back((*bad)[next_bad].keyframe);
  };
  for (const auto& keyframe : track.keyframes) {
    if (keyframe.source_row != Keyframe::no_source_row) put_bad(keyframe.source_row);
    keyframes.push_back(to_json(keyframe, source));
  }
  put_bad(Keyframe::no_source_row);
  return text + ", \"keyframes\": " + lines(keyframes, "      ") + "}";
}

template <class Map, class Key>
const typename Map::mapped_type* find_rest(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

std::string track_text(const Track& track, const Source* source) {
  const Json* rest = source == nullptr ? nullptr : find_rest(source->of_track, track.id);
  const auto* bad = source == nullptr ? nullptr : find_rest(source->bad_of_track, track.id);
  return fmt::format("    {{\"id\": {}", Json(track.id).dump()) + track_members(track, source, rest, bad);
}

std::string track_text(const ImageTrack& track, const Source* source) {
  const Json* rest = source == nullptr ? nullptr : find_rest(source->of_image_track, std::pair(track.camera, track.id));
  const auto* bad =
      source == nullptr ? nullptr : find_rest(source->bad_of_image_track, std::pair(track.camera, track.id));
  return fmt::format("    {{\"camera\": {}, \"id\": {}", Json(track.camera).dump(), Json(track.id).dump()) +
         track_members(track, source, rest, bad);
}

/// "  "name": [one item a line],": empty without items.
template <class Item>
std::string items_text(const char* name, const std::vector<Item>& items, const Source* source) {
  if (items.empty()) return "";
  std::vector<Json> elements;
  for (const Item& item : items) {
    elements.push_back(label_json::to_json(item));
    if (source == nullptr) continue;
    if (const Json* rest = find_rest(source->of_item, fmt::format("{}/{}", name, item.id)))
      elements.back().update(*rest);
  }
  return fmt::format("  \"{}\": {},\n", name, lines(elements, "  "));
}

std::string ontology_member(const Ontology& ontology, const Source* source) {
  const Json* rest = source == nullptr ? nullptr : find_rest(source->of_item, std::string("ontology"));
  if (ontology == Ontology{} && (rest == nullptr || rest->empty())) return "";
  std::vector<Json> classes, skeletons;
  for (const ClassDefinition& c : ontology.classes) classes.push_back(label_json::to_json(c));
  for (const SkeletonDefinition& s : ontology.skeletons) skeletons.push_back(label_json::to_json(s));
  std::string text = fmt::format("  \"ontology\": {{\n    \"classes\": {},\n    \"skeletons\": {}",
                                 lines(classes, "    "), lines(skeletons, "    "));
  if (rest != nullptr) {
    for (const auto& [key, value] : rest->items()) text += fmt::format(",\n    {}: {}", Json(key).dump(), value.dump());
  }
  return text + "\n  },\n";
}

}  // namespace

std::string to_text(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto path_text = [&](const fs::path& file) { return file.lexically_proximate(folder).generic_string(); };
  std::vector<Json> sensors, poses, sweeps, images, frames;
  for (const Sensor& sensor : scene.sensors) sensors.push_back(to_json(sensor));
  for (const TimedPose& p : scene.ego_poses) {
    Json out = {{"timestamp_ns", p.timestamp}};
    out.update(to_json(p.world_from_ego));
    poses.push_back(std::move(out));
  }
  for (const SweepRef& s : scene.sweeps) {
    sweeps.push_back({{"sensor", s.sensor},
                      {"timestamp_ns", s.timestamp},
                      {"file", path_text(s.file)},
                      {"kind", point_kinds[static_cast<std::size_t>(s.kind)]},
                      {"world_from_points", to_json(s.world_from_points)}});
    if (s.layout != nullptr) sweeps.back()["fields"] = s.layout->text();
  }
  for (const ImageRef& s : scene.images) {
    images.push_back({{"sensor", s.sensor},
                      {"timestamp_ns", s.timestamp},
                      {"file", s.file.empty() ? "" : path_text(s.file)},
                      {"world_from_sensor", to_json(s.world_from_sensor)}});
    if (s.width > 0) images.back()["width"] = s.width;
    if (s.height > 0) images.back()["height"] = s.height;
    if (s.video_frame) images.back()["video_frame"] = *s.video_frame;
  }
  for (const Frame& f : scene.frames)
    frames.push_back({{"timestamp_ns", f.timestamp},
                      {"world_from_ego", to_json(f.world_from_ego)},
                      {"sweeps", f.sweeps},
                      {"images", f.images}});
  std::string tracks;
  for (const Track& track : labels.tracks) tracks += (tracks.empty() ? "\n" : ",\n") + track_text(track, source);
  std::string image_tracks;
  for (const ImageTrack& track : labels.image_tracks)
    image_tracks += (image_tracks.empty() ? "\n" : ",\n") + track_text(track, source);
  if (!image_tracks.empty()) image_tracks = "  \"image_tracks\": [" + image_tracks + "\n  ],\n";
  std::string rest = scene.has_assumed_times ? "  \"assumed_times\": true,\n" : "";
  if (source != nullptr) {
    for (const auto& [key, value] : source->scene.items())
      rest += fmt::format("  {}: {},\n", Json(key).dump(), value.dump());
  }
  return fmt::format(
      "{{\n  \"sweepmark_scene\": {},\n  \"name\": {},\n{}  \"sensors\": {},\n  \"ego_poses\": {},\n  \"sweeps\": "
      "{},\n  \"images\": {},\n  \"frames\": {},\n{}{}{}{}  \"tracks\": [{}\n  ]\n}}\n",
      version, Json(scene.name).dump(), rest, lines(sensors, "  "), lines(poses, "  "), lines(sweeps, "  "),
      lines(images, "  "), lines(frames, "  "), ontology_member(labels.ontology, source),
      items_text("events", labels.events, source), items_text("comments", labels.comments, source), image_tracks,
      tracks);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  std::error_code failure;
  const fs::path folder = fs::absolute(out, failure).parent_path();
  Scene absolute = scene;
  for (SweepRef& sweep : absolute.sweeps) sweep.file = fs::absolute(sweep.file, failure);
  for (ImageRef& image : absolute.images) {
    if (!image.file.empty()) image.file = fs::absolute(image.file, failure);
  }
  try {
    return write_file(out, to_text(absolute, labels, folder));
  } catch (const Json::exception& error) {  // a text that is not UTF-8
    return Error{fmt::format("cannot be written as JSON ({}): {}", error.what(), out.string())};
  }
}

}  // namespace sweepmark::sweepmark_json
