// SPDX-License-Identifier: Apache-2.0
//
// Our own format: a whole scene in one JSON file; docs/formats/sweepmark_json.md describes it.
#include "data/formats/sweepmark_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/json_reader.h"
#include "data/formats/label_json.h"
#include "data/formats/text.h"
#include "data/raw_points.h"
#include "kernels/math/rigid.h"

namespace sweepmark::sweepmark_json {
namespace fs = std::filesystem;
namespace {

using json::each;
using json::fail;
using json::integer;
using json::integer_of;
using json::Json;
using json::member;
using json::number;
using json::numbers;
using json::optional_member;
using json::text;
using json::text_of;
using json::unknown_members;
using label_json::attributes;

constexpr int version = 1;
constexpr std::array<std::string_view, 8> point_kinds = {"kitti_bin", "nuscenes_bin", "av2_feather", "pcd",
                                                         "ply",       "scale_frame",  "raw_bin",     "npy"};
constexpr std::array<std::string_view, 3> sensor_kinds = {"lidar", "camera", "radar"};

Vec3d vector(const Json& value, const std::string& where) {
  const auto v = numbers<3>(value, where);
  return {v[0], v[1], v[2]};
}

Quat rotation(const Json& value, const std::string& where) {
  const auto v = numbers<4>(value, where);
  return json::unit_quaternion(v[0], v[1], v[2], v[3], where);
}

Pose pose(const Json& value, const std::string& where) {
  return {rotation(member(value, "rotation", where), where + "/rotation"),
          vector(member(value, "translation", where), where + "/translation")};
}

struct Source : LabelSource {
  Json scene = Json::object();
  std::map<std::string, Json> of_track;
  std::map<std::pair<std::string, std::string>, Json> of_image_track;  ///< by camera and id
  std::vector<Json> of_keyframe;                                       ///< by source_row, 3D and image alike
  struct Bad {
    std::uint32_t before = 0;  ///< which of its track's rows follows
    Json keyframe;
  };
  /// Keyframes that are no labels, by track: written back as they are.
  std::map<std::string, std::vector<Bad>> bad_of_track;
  std::map<std::pair<std::string, std::string>, std::vector<Bad>> bad_of_image_track;
  std::map<std::string, Json> of_item;  ///< by "events/ID" and so on
};

template <std::size_t count>
std::size_t kind_index(const Json& value, const std::array<std::string_view, count>& kinds, const std::string& where) {
  const auto found = std::ranges::find(kinds, text(value, where));
  if (found == kinds.end()) fail(where, fmt::format("one of {}", fmt::join(kinds, ", ")));
  return static_cast<std::size_t>(found - kinds.begin());
}

Sensor read_sensor(const Json& object, const std::string& where) {
  Sensor sensor;
  sensor.name = text(member(object, "name", where), where + "/name");
  sensor.kind = static_cast<SensorKind>(kind_index(member(object, "kind", where), sensor_kinds, where + "/kind"));
  sensor.ego_from_sensor = pose(member(object, "ego_from_sensor", where), where + "/ego_from_sensor");
  if (const auto found = object.find("camera"); found != object.end()) {
    const std::string place = where + "/camera";
    const auto value = [&](const char* name) { return number(member(*found, name, place), place + "/" + name); };
    sensor.camera = CameraIntrinsics{value("fx"),
                                     value("fy"),
                                     value("cx"),
                                     value("cy"),
                                     static_cast<int>(std::clamp(value("width"), 0.0, 1e6)),
                                     static_cast<int>(std::clamp(value("height"), 0.0, 1e6)),
                                     text(member(*found, "model", place), place + "/model"),
                                     {}};
    each(*found, "distortion", place,
         [&](const Json& k, const std::string& at) { sensor.camera->distortion.push_back(number(k, at)); });
  }
  return sensor;
}

std::uint32_t index_below(const Json& value, std::size_t count, const std::string& where) {
  const std::int64_t index = integer(value, where);
  if (index < 0 || static_cast<std::size_t>(index) >= count)
    fail(where, fmt::format("an index below {}, got {}", count, index));
  return static_cast<std::uint32_t>(index);
}

template <class Items>
void expect_ascending(const Items& items, const char* name) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].timestamp < items[i - 1].timestamp)
      fail(fmt::format("/{}/{}", name, i),
           fmt::format("timestamps in ascending order, got {} after {}", items[i].timestamp, items[i - 1].timestamp));
  }
}

/// An image that is not known has no name.
fs::path file_in(const fs::path& folder, const std::string& name) { return name.empty() ? fs::path() : folder / name; }

void read_recordings(const Json& root, const fs::path& folder, Scene& scene) {
  each(root, "sensors", "", [&](const Json& s, const std::string& at) { scene.sensors.push_back(read_sensor(s, at)); });
  each(root, "ego_poses", "", [&](const Json& p, const std::string& at) {
    scene.ego_poses.push_back({integer(member(p, "timestamp_ns", at), at + "/timestamp_ns"), pose(p, at)});
  });
  each(root, "sweeps", "", [&](const Json& s, const std::string& at) {
    scene.sweeps.push_back({index_below(member(s, "sensor", at), scene.sensors.size(), at + "/sensor"),
                            integer(member(s, "timestamp_ns", at), at + "/timestamp_ns"),
                            folder / text(member(s, "file", at), at + "/file"),
                            static_cast<PointFileKind>(kind_index(member(s, "kind", at), point_kinds, at + "/kind")),
                            pose(member(s, "world_from_points", at), at + "/world_from_points")});
    if (scene.sweeps.back().kind != PointFileKind::raw_bin) return;
    auto layout = RawLayout::parse(text(member(s, "fields", at), at + "/fields"));
    if (!layout) fail(at + "/fields", layout.error().message);
    scene.sweeps.back().layout = std::make_shared<const RawLayout>(*std::move(layout));
  });
  each(root, "images", "", [&](const Json& s, const std::string& at) {
    scene.images.push_back({index_below(member(s, "sensor", at), scene.sensors.size(), at + "/sensor"),
                            integer(member(s, "timestamp_ns", at), at + "/timestamp_ns"),
                            file_in(folder, text(member(s, "file", at), at + "/file")),
                            pose(member(s, "world_from_sensor", at), at + "/world_from_sensor")});
    const auto pixels = [&](const char* name) {
      const Json* value = optional_member(s, name);
      return value == nullptr
                 ? 0U
                 : static_cast<std::uint32_t>(std::clamp<std::int64_t>(integer(*value, at + "/" + name), 0, 1 << 20));
    };
    scene.images.back().width = pixels("width");
    scene.images.back().height = pixels("height");
    if (const Json* number = optional_member(s, "video_frame"))
      scene.images.back().video_frame =
          index_below(*number, std::numeric_limits<std::uint32_t>::max(), at + "/video_frame");
  });
  each(root, "frames", "", [&](const Json& f, const std::string& at) {
    Frame frame{integer(member(f, "timestamp_ns", at), at + "/timestamp_ns"),
                pose(member(f, "world_from_ego", at), at + "/world_from_ego"),
                {},
                {}};
    each(f, "sweeps", at, [&](const Json& i, const std::string& place) {
      frame.sweeps.push_back(index_below(i, scene.sweeps.size(), place));
    });
    each(f, "images", at, [&](const Json& i, const std::string& place) {
      frame.images.push_back(index_below(i, scene.images.size(), place));
    });
    scene.frames.push_back(std::move(frame));
  });
  expect_ascending(scene.ego_poses, "ego_poses");
  expect_ascending(scene.sweeps, "sweeps");
  expect_ascending(scene.frames, "frames");
}

Keyframe read_keyframe(const Json& k, const std::string& at) {
  Keyframe keyframe;
  keyframe.timestamp = integer(member(k, "timestamp_ns", at), at + "/timestamp_ns");
  keyframe.cuboid = {vector(member(k, "center", at), at + "/center"), vector(member(k, "size", at), at + "/size"),
                     rotation(member(k, "rotation", at), at + "/rotation")};
  expect_no_fault(size_fault(keyframe.cuboid.size), at + "/size");
  expect_no_fault(cuboid_fault(keyframe.cuboid), at);
  if (const auto points = k.find("points"); points != k.end()) keyframe.stored_count = integer(*points, at + "/points");
  keyframe.attributes = attributes(k, at);
  return keyframe;
}

std::vector<AbsenceSpan> absences(const Json& track, const std::string& where) {
  std::vector<AbsenceSpan> out;
  each(track, "absences", where, [&](const Json& span, const std::string& place) {
    if (!span.is_array() || span.size() != 2) fail(place, "two timestamps");
    out.push_back({integer(span[0], place), integer(span[1], place)});
  });
  return out;
}

std::vector<LaterClass> later_classes(const Json& track, const std::string& where) {
  std::vector<LaterClass> out;
  std::string before = text_of(track, "class", where);
  each(track, "later_classes", where, [&](const Json& change, const std::string& place) {
    if (!change.is_array() || change.size() != 2) fail(place, "a timestamp and a class");
    LaterClass later{integer(change[0], place), text(change[1], place)};
    if (!out.empty() && later.from <= out.back().from) fail(place, "timestamps in ascending order");
    if (later.class_name == before) fail(place, fmt::format("another class than before, got \"{}\" again", before));
    before = later.class_name;
    out.push_back(std::move(later));
  });
  return out;
}

/// Asked before a keyframe is added.
template <class AnyTrack>
void expect_later(const AnyTrack& track, TimestampNs time, const std::string& where) {
  if (track.keyframes.empty() || time > track.keyframes.back().timestamp) return;
  if (time == track.keyframes.back().timestamp) expect_no_fault(second_row_fault("track " + track.id), where);
  fail(where, "timestamps in ascending order");
}

TimestampNs time_of(const Json& keyframe, const std::string& where) {
  return integer_of(keyframe, "timestamp_ns", where);
}

/// Reads a keyframe, or keeps it as bad.
template <class Read>
void read_row(const Json& k, const std::string& at, const std::string& track, const fs::path& file, LabelSet& labels,
              std::size_t next_row, std::vector<Source::Bad>& bad, Read read) {
  const BadRow row = bad_row_at(file, at, track, time_of(k, at));
  if (!collect(labels.bad_rows, row, [&](BadRow&) { read(); }))
    bad.push_back({static_cast<std::uint32_t>(next_row), k});
}

void read_image_tracks(const Json& root, const fs::path& file, LabelSet& labels, Source& source) {
  each(root, "image_tracks", "", [&](const Json& t, const std::string& at) {
    ImageTrack track{.camera = text_of(t, "camera", at),
                     .id = text_of(t, "id", at),
                     .class_name = text_of(t, "class", at),
                     .attributes = attributes(t, at),
                     .absences = absences(t, at),
                     .later_classes = later_classes(t, at)};
    std::vector<Source::Bad> bad;
    each(t, "keyframes", at, [&](const Json& k, const std::string& place) {
      read_row(k, place, track.id, file, labels, source.of_keyframe.size(), bad, [&] {
        ImageKeyframe keyframe{.timestamp = time_of(k, place),
                               .value = label_json::image_value(k, place),
                               .attributes = attributes(k, place),
                               .source_row = static_cast<std::uint32_t>(source.of_keyframe.size())};
        expect_later(track, keyframe.timestamp, place);
        track.keyframes.push_back(std::move(keyframe));
        source.of_keyframe.push_back(
            unknown_members(k, {"timestamp_ns", "box", "rotation", "polygon", "mask", "keypoints", "attributes"}));
      });
    });
    if (!bad.empty()) source.bad_of_image_track[{track.camera, track.id}] = std::move(bad);
    Json rest = unknown_members(t, {"camera", "id", "class", "later_classes", "attributes", "absences", "keyframes"});
    if (!source.of_image_track.emplace(std::pair(track.camera, track.id), std::move(rest)).second)
      fail(at + "/id", fmt::format("each id once in a camera, got \"{}\" again", track.id));
    labels.image_tracks.push_back(std::move(track));
  });
}

/// Items of one member of the document, each id once. \param names  all members that `read` knows
template <class Item, class Read>
void read_items(const Json& root, const char* name, std::initializer_list<std::string_view> names, Source& source,
                std::vector<Item>& out, Read read) {
  each(root, name, "", [&](const Json& item, const std::string& at) {
    out.push_back(read(item, at));
    if (!source.of_item.emplace(fmt::format("{}/{}", name, out.back().id), unknown_members(item, names)).second)
      fail(at + "/id", fmt::format("each id once, got \"{}\" again", out.back().id));
  });
}

void read_tracks(const Json& root, Scene& scene) {
  auto source = std::make_shared<Source>();
  source->scene =
      unknown_members(root, {"sweepmark_scene", "name", "sensors", "ego_poses", "sweeps", "images", "frames", "tracks",
                             "image_tracks", "ontology", "events", "comments", "assumed_times"});
  each(root, "tracks", "", [&](const Json& t, const std::string& at) {
    Track track;
    track.id = text(member(t, "id", at), at + "/id");
    track.class_name = text(member(t, "class", at), at + "/class");
    track.attributes = attributes(t, at);
    track.absences = absences(t, at);
    track.later_classes = later_classes(t, at);
    std::vector<Source::Bad> bad;
    each(t, "keyframes", at, [&](const Json& k, const std::string& place) {
      read_row(k, place, track.id, scene.root, scene.labels, source->of_keyframe.size(), bad, [&] {
        Keyframe keyframe = read_keyframe(k, place);
        expect_later(track, keyframe.timestamp, place);
        keyframe.source_row = static_cast<std::uint32_t>(source->of_keyframe.size());
        track.keyframes.push_back(std::move(keyframe));
        source->of_keyframe.push_back(
            unknown_members(k, {"timestamp_ns", "center", "size", "rotation", "points", "attributes"}));
      });
    });
    if (!bad.empty()) source->bad_of_track[track.id] = std::move(bad);
    if (!source->of_track
             .emplace(track.id,
                      unknown_members(t, {"id", "class", "later_classes", "attributes", "absences", "keyframes"}))
             .second)
      fail(at + "/id", fmt::format("each id once, got \"{}\" again", track.id));
    scene.labels.tracks.push_back(std::move(track));
  });
  read_image_tracks(root, scene.root, scene.labels, *source);
  if (const Json* found = optional_member(root, "ontology")) {
    scene.labels.ontology = label_json::ontology(*found, "/ontology");
    source->of_item.emplace("ontology", unknown_members(*found, {"classes", "skeletons"}));
  }
  read_items(root, "events", {"id", "class", "begin_ns", "end_ns", "attributes", "tracks"}, *source,
             scene.labels.events, label_json::event);
  read_items(root, "comments",
             {"id", "author", "written_ns", "text", "resolved", "reply_to", "track", "camera", "about_ns"}, *source,
             scene.labels.comments, label_json::comment);
  scene.labels.source = std::move(source);
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return path.filename().string().ends_with(".sweepmark.json") && fs::is_regular_file(path, failure);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure))
    return Error{fmt::format("expected a .sweepmark.json file: {}", path.string())};
  const std::string name = path.filename().string();
  return std::vector<SceneHandle>{{Format::sweepmark_json, path, name.substr(0, name.find('.'))}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  const auto root = json::parse(content, file);
  if (!root) return root.error();
  Scene scene;
  const auto read = json::guard(file, [&] {
    scene.format = Format::sweepmark_json;
    scene.root = file;
    const std::int64_t found = integer(member(*root, "sweepmark_scene", ""), "/sweepmark_scene");
    if (found != version) fail("/sweepmark_scene", fmt::format("version {}, got {}", version, found));
    scene.name = text(member(*root, "name", ""), "/name");
    const Json* assumed = optional_member(*root, "assumed_times");
    scene.has_assumed_times = assumed != nullptr && *assumed == Json(true);
    read_recordings(*root, file.parent_path(), scene);
    read_tracks(*root, scene);
  });
  if (!read) return read.error();
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

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
