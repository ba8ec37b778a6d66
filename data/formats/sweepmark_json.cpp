// SPDX-License-Identifier: Apache-2.0
//
// Our own format: a whole scene in one JSON file; docs/formats/sweepmark_json.md describes it.
#include "data/formats/sweepmark_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "data/formats/bad_rows.h"
#include "data/formats/json_reader.h"
#include "data/formats/label_json.h"
#include "data/formats/sweepmark_json_source.h"
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

}  // namespace sweepmark::sweepmark_json
