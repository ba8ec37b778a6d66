// SPDX-License-Identifier: Apache-2.0
//
// ASAM OpenLABEL 1.0.0: objects, frames, coordinate systems and transforms in one JSON file. A cuboid is x y z, a
// rotation (quaternion x y z w, or Euler angles applied in the order z y x) and the sizes along its own axes, in a
// named coordinate system; labels in images: openlabel_images.h. Source: ASAM OpenLABEL 1.0.0 user guide and JSON
// schema.
#include "data/formats/openlabel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/openlabel_attributes.h"
#include "data/formats/openlabel_cameras.h"
#include "data/formats/openlabel_source.h"
#include "data/formats/openlabel_systems.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/formats/video.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
namespace {

using json::fail;

/// The type that KITTI's regions without labels have.
constexpr std::string_view not_an_object = "DontCare";

Cuboid read_cuboid(const Json& value, const std::string& where) {
  if (json::array(value, where).size() == 9) {
    const auto v = json::numbers<9>(value, where);
    return {{v[0], v[1], v[2]}, {v[6], v[7], v[8]}, quat_from_euler(v[5], v[4], v[3])};
  }
  if (value.size() != 10) fail(where, fmt::format("9 or 10 numbers, got {}", value.size()));
  const auto v = json::numbers<10>(value, where);
  return {{v[0], v[1], v[2]}, {v[7], v[8], v[9]}, json::unit_quaternion(v[6], v[3], v[4], v[5], where)};
}

/// Nanoseconds since 1970 of "2021-03-04 05:06:07.5" (or with T, and a Z behind it).
bool parse_date(std::string_view text, TimestampNs& out) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':')
    return false;
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!parse_number(text.substr(0, 4), year) || !parse_number(text.substr(5, 2), month) ||
      !parse_number(text.substr(8, 2), day) || !parse_number(text.substr(11, 2), hour) ||
      !parse_number(text.substr(14, 2), minute) || !parse_time(text.substr(17), second))
    return false;
  if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  // Days from civil; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  const std::int64_t y = year - (month <= 2), era = y / 400, yoe = y - era * 400;
  const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
  out = ((days * 24 + hour) * 60 + minute) * 60'000'000'000 + second;
  return true;
}

/// Seconds as a text or number, or a date. Whole numbers too large for seconds are milli-, micro- or nanoseconds.
TimestampNs read_time(const Json& value, const std::string& where) {
  TimestampNs time = 0;
  if (value.is_string()) {
    if (parse_time(value.get<std::string>(), time) || parse_date(value.get<std::string>(), time)) return time;
  } else if (value.is_number_integer()) {
    const std::int64_t whole = json::integer(value, where);
    for (std::int64_t unit = 1'000'000'000; unit >= 1; unit /= 1000) {
      const std::int64_t most = 100'000'000'000 * (1'000'000'000 / unit);  // the year 5138
      if (unit == 1 || std::abs(whole) < most) return whole * unit;
    }
  } else if (value.is_number() && std::abs(json::number(value, where)) < 9e9) {
    return std::llround(value.get<double>() * 1e6) * 1000;
  }
  fail(where, "a time in seconds or a date, got " + value.dump());
}

class Reader {
 public:
  Reader(Source& source, const fs::path& file)
      : source_(source),
        openlabel_(json::object(json::member(source.root, "openlabel", ""), "/openlabel")),
        cameras_(openlabel_) {
    scene_.format = Format::openlabel;
    scene_.root = file;
    const std::string name = file.filename().string();
    scene_.name = name.substr(0, name.find('.'));
  }

  Scene read() {
    const std::string version =
        json::text_of(json::member(openlabel_, "metadata", where_), "schema_version", where_ + "/metadata");
    if (version != "1.0.0") fail(where_ + "/metadata/schema_version", "\"1.0.0\", got \"" + version + "\"");
    Systems systems(openlabel_);
    read_streams(systems);
    read_objects();
    read_times();
    read_objects_of_no_frame(systems);
    for (const auto& [number, key] : keys_) read_frame(number, key, systems);
    scene_.labels.tracks = source_.rows.tracks();
    for (Track& track : scene_.labels.tracks) track.attributes = attributes_of({"", track.id});
    make_image_tracks();
    read_images(systems);
    if (not_read_ > 0)
      scene_.notes.push_back(fmt::format("{} polygons of modes that are not known are not read", not_read_));
    return std::move(scene_);
  }

 private:
  void read_streams(const Systems& systems) {
    const Json* streams = json::optional_member(openlabel_, "streams");
    if (streams == nullptr) return;
    for (const auto& [name, stream] : json::object(*streams, where_ + "/streams").items()) {
      const std::string at = where_ + "/streams/" + name;
      const std::string type = json::text_of(stream, "type", at);
      if (type != "lidar" && type != "camera" && type != "radar") continue;
      Sensor sensor;
      sensor.name = name;
      sensor.kind = type == "lidar" ? SensorKind::lidar : type == "camera" ? SensorKind::camera : SensorKind::radar;
      sensor.ego_from_sensor = systems.ego_from(name, at);
      const Json* properties = json::optional_member(stream, "stream_properties");
      if (properties != nullptr) {
        Optics optics = read_optics(*properties, name, at + "/stream_properties", scene_.notes);
        sensor.camera = std::move(optics.camera);
        if (optics.system_from_camera != Pose{}) {
          sensor.ego_from_sensor = sensor.ego_from_sensor * optics.system_from_camera;
          system_from_camera_[name] = optics.system_from_camera;
        }
      }
      scene_.sensors.push_back(std::move(sensor));
    }
  }

  void read_objects() {
    const Json* objects = json::optional_member(openlabel_, "objects");
    if (objects == nullptr) return;
    for (const auto& [uid, object] : json::object(*objects, where_ + "/objects").items()) {
      const std::string at = where_ + "/objects/" + uid;
      Source::Object known{.track = uid, .type = json::text_of(object, "type", at), .attributes = {}};
      if (const Json* data = json::optional_member(object, "object_data"))
        read_attributes(*data, at + "/object_data", known.attributes);
      if (const auto id = known.attributes.find(id_name); id != known.attributes.end()) {
        known.track = id->second;
        known.attributes.erase(id);
      }
      source_.objects[uid] = std::move(known);
    }
  }

  /// What stands in the objects themselves: where there are no frames, the labels of a single one.
  void read_objects_of_no_frame(const Systems& systems) {
    bool is_skipped = false;
    const Json* objects = json::optional_member(openlabel_, "objects");
    if (objects == nullptr) return;
    for (const auto& [uid, object] : objects->items()) {
      const Json* data = json::optional_member(object, "object_data");
      if (data == nullptr) continue;
      // What has names there is the object's, not its labels'.
      if (keys_.empty()) read_labels(*data, where_ + "/objects/" + uid + "/object_data", "", uid, 0, systems, {});
      for (const char* kind : label_kinds)
        is_skipped = is_skipped || (!keys_.empty() && json::optional_member(*data, kind) != nullptr);
    }
    if (is_skipped) scene_.notes.emplace_back("labels of objects that belong to no frame are not read");
    if (source_.rows.size() > 0) scene_.assume_times("no frames: all objects are in one, at time 0");
    if (source_.rows.size() > 0 || !source_.image_rows.empty()) add_frame(0, "", systems, where_);
  }

  void read_times() {
    const Json* frames = json::optional_member(openlabel_, "frames");
    if (frames == nullptr) return;
    bool all_timed = true;
    for (const auto& [key, frame] : json::object(*frames, where_ + "/frames").items()) {
      std::int64_t number = 0;
      if (!parse_number(key, number) || number < 0 || number > INT32_MAX || std::to_string(number) != key)
        fail(where_ + "/frames/" + key, "the number of a frame as the member's name");
      keys_[number] = key;
      const Json* properties = json::optional_member(frame, "frame_properties");
      const Json* time = properties == nullptr ? nullptr : json::optional_member(*properties, "timestamp");
      all_timed = all_timed && time != nullptr;
      if (time != nullptr) times_[number] = read_time(*time, where_ + "/frames/" + key + "/frame_properties/timestamp");
    }
    if (all_timed && !keys_.empty()) {
      std::optional<TimestampNs> before;
      for (const auto& [number, time] : times_) {
        if (before && time <= *before)
          fail(where_ + "/frames/" + keys_[number] + "/frame_properties/timestamp",
               fmt::format("times in ascending order, got {} ns after {} ns", time, *before));
        before = time;
      }
      return;
    }
    times_.clear();
    for (const auto& [number, key] : keys_) times_[number] = number * numbered_frame_period;
    if (!keys_.empty()) scene_.assume_times("frames have numbers but no times: 100 ms apart");
  }

  void read_frame(std::int64_t number, const std::string& key, Systems& systems) {
    const Json& frame = openlabel_["frames"][key];
    const std::string at = where_ + "/frames/" + key;
    systems.set_frame(frame, at);
    const TimestampNs time = times_[number];
    add_frame(time, key, systems, at);
    const Json* objects = json::optional_member(frame, "objects");
    if (objects == nullptr) return;
    for (const auto& [uid, object] : json::object(*objects, at + "/objects").items()) {
      const Json* data = json::optional_member(object, "object_data");
      if (data == nullptr) continue;
      const std::string place = at + "/objects/" + uid + "/object_data";
      if (!source_.objects.contains(uid)) fail(at + "/objects/" + uid, "an object that is among /openlabel/objects");
      Attributes of_all;
      read_attributes(*data, place, of_all);
      read_labels(*data, place, key, uid, time, systems, of_all);
    }
  }

  /// \param key  of the frame, empty where the file has none
  void add_frame(TimestampNs time, const std::string& key, const Systems& systems, const std::string& where) {
    source_.frame_key[time] = key;
    const Pose world_from_ego = systems.world_from(systems.ego(), where);
    if (!systems.ego().empty()) scene_.ego_poses.push_back({time, world_from_ego});
    scene_.frames.push_back({time, world_from_ego, {}, {}});
  }

  /// The labels among an object's data. \param of_all  attributes of all of them
  void read_labels(const Json& data, const std::string& at, const std::string& key, const std::string& uid,
                   TimestampNs time, const Systems& systems, const Attributes& of_all) {
    std::size_t i = 0;
    json::each(data, "cuboid", at, [&](const Json& cuboid, const std::string& where) {
      const Source::Place place{key, uid, i++, {}, 0};
      // A bad one stays in the document: what is not ours is not touched.
      collect(scene_.labels.bad_rows, bad_row(uid, time, where),
              [&](BadRow&) { read_label(cuboid, of_all, where, place, time, systems); });
    });
    read_image_data(data, at, key, uid, time, of_all);
  }

  BadRow bad_row(const std::string& uid, TimestampNs time, const std::string& where) {
    return bad_row_at(scene_.root, where, source_.objects[uid].track, time);
  }

  void read_label(const Json& cuboid, const Attributes& of_all, const std::string& where, Source::Place place,
                  TimestampNs time, const Systems& systems) {
    const Source::Object& object = source_.objects[place.object];
    const Json* value = json::optional_member(cuboid, "val");
    if (value == nullptr || object.type == not_an_object) return;
    const Cuboid in_system = read_cuboid(*value, where + "/val");
    expect_no_fault(cuboid_fault(in_system), where + "/val");
    const Json* system = json::optional_member(cuboid, "coordinate_system");
    place.world_from_system =
        systems.world_from(system == nullptr ? "" : json::text(*system, where + "/coordinate_system"), where);
    // An object may have several cuboids, told apart by their names: each is a track.
    const std::string name = json::text_of(cuboid, "name", where);
    const bool is_first = first_cuboid_.emplace(place.object, name).first->second == name;
    LabelRow row{time, is_first ? object.track : object.track + ":" + name, object.type,
                 stood_up(place.world_from_system * in_system, place.turn)};
    claim({"", row.track}, place.object, name, where);
    row.attributes = of_all;
    if (const Json* own = json::optional_member(cuboid, "attributes"))
      read_attributes(*own, where + "/attributes", row.attributes);
    if (const auto count = row.attributes.find(count_name); count != row.attributes.end()) {
      std::int64_t points = 0;
      if (parse_number(count->second, points)) row.stored_count = points, row.attributes.erase(count);
    }
    if (!source_.rows.add(std::move(row)))
      expect_no_fault(second_row_fault(fmt::format("{}, cuboid {}", object.track, name)), where);
    source_.places.push_back(std::move(place));
  }

  /// \param of_all  attributes of all labels in `data`
  void read_image_data(const Json& data, const std::string& where, const std::string& frame, const std::string& uid,
                       TimestampNs time, const Attributes& of_all) {
    const Source::Object& object = source_.objects[uid];
    if (object.type == not_an_object) return;
    const BadRow bad = bad_row(uid, time, where);
    for (ImageLabel& label :
         read_image_labels(data, where, cameras_, uid, first_box_[uid], not_read_, bad, scene_.labels.bad_rows)) {
      Source::ImageRow row{.track = {label.camera, label.name.empty() ? object.track : object.track + ":" + label.name},
                           .timestamp = time,
                           .value = std::move(label.value),
                           .attributes = of_all,
                           .frame = frame,
                           .object = uid,
                           .elements = std::move(label.elements)};
      for (auto& [name, value] : label.attributes) row.attributes[name] = std::move(value);
      const auto first = first_box_[uid].find(label.camera);
      claim(row.track, uid,
            !label.name.empty()              ? label.name
            : first == first_box_[uid].end() ? ""
                                             : first->second,
            where);
      source_.image_rows.push_back(std::move(row));
    }
  }

  /// Says which object a track is, and what its cuboids or boxes are called.
  void claim(const TrackKey& track, const std::string& uid, const std::string& name, const std::string& where) {
    const auto [found, is_new] = source_.object_of_track.emplace(track, uid);
    if (found->second != uid) {
      fail(where, fmt::format("each track id for one object, got \"{}\" for {} and {}", track.id, found->second, uid));
    }
    if (!name.empty()) source_.name_of_track[track] = name;
  }

  /// Those of its object, where the track is the object itself.
  Attributes attributes_of(const TrackKey& track) const {
    const Source::Object& object = source_.objects.at(source_.object_of_track.at(track));
    return object.track == track.id ? object.attributes : Attributes();
  }

  void make_image_tracks() {
    std::map<TrackKey, std::size_t> place_of_track;
    auto& tracks = scene_.labels.image_tracks;
    for (std::uint32_t i = 0; i < source_.image_rows.size(); ++i) {
      const Source::ImageRow& row = source_.image_rows[i];
      const auto [place, is_new] = place_of_track.emplace(row.track, tracks.size());
      if (is_new) {
        tracks.push_back({.camera = row.track.camera,
                          .id = row.track.id,
                          .class_name = source_.objects[row.object].type,
                          .attributes = attributes_of(row.track)});
      }
      tracks[place->second].keyframes.push_back(
          {.timestamp = row.timestamp, .value = row.value, .attributes = row.attributes, .source_row = i});
    }
    const std::vector<TimestampNs> times = image_scene::frame_times(scene_);
    for (ImageTrack& track : tracks) image_scene::mark_gaps(track, times);
  }

  /// The images that streams name, or that have labels.
  void read_images(Systems& systems) {
    std::set<std::string> labelled;
    for (const Source::ImageRow& row : source_.image_rows) labelled.insert(row.track.camera);
    for (const std::string& camera : labelled) {
      if (std::ranges::find(scene_.sensors, camera, &Sensor::name) != scene_.sensors.end()) continue;
      scene_.sensors.push_back({camera, SensorKind::camera, systems.ego_from(camera, where_), {}});
    }
    for (Frame& frame : scene_.frames) {
      const std::string& key = source_.frame_key[frame.timestamp];
      const std::string at = key.empty() ? where_ : where_ + "/frames/" + key;
      const Json* properties = nullptr;
      if (!key.empty()) {
        systems.set_frame(openlabel_["frames"][key], at);
        properties = json::optional_member(openlabel_["frames"][key], "frame_properties");
      }
      for (std::uint32_t s = 0; s < scene_.sensors.size(); ++s) {
        const std::string& camera = scene_.sensors[s].name;
        if (scene_.sensors[s].kind != SensorKind::camera && !labelled.contains(camera)) continue;
        ImageRef image{.sensor = s, .timestamp = frame.timestamp, .file = {}, .world_from_sensor = {}};
        describe_image(stream_of(openlabel_, camera), where_ + "/streams/" + camera, scene_.frames.size() == 1, image);
        if (properties != nullptr)
          describe_image(stream_of(*properties, camera), at + "/frame_properties/streams/" + camera, true, image);
        if (image.file.empty() && !labelled.contains(camera)) continue;
        if (systems.has(camera)) image.world_from_sensor = systems.world_from(camera, at);
        if (const auto shift = system_from_camera_.find(camera); shift != system_from_camera_.end())
          image.world_from_sensor = image.world_from_sensor * shift->second;
        frame.images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
        scene_.images.push_back(std::move(image));
      }
    }
  }

  static const Json* stream_of(const Json& holder, const std::string& name) {
    const Json* streams = json::optional_member(holder, "streams");
    return streams == nullptr || !streams->is_object() ? nullptr : json::optional_member(*streams, name.c_str());
  }

  /// \param is_of_image  whether the stream's URI is the image's
  void describe_image(const Json* stream, const std::string& where, bool is_of_image, ImageRef& image) const {
    if (stream == nullptr) return;
    const Json* uri = json::optional_member(*stream, "uri");
    if (is_of_image && uri != nullptr) {
      const std::string text = json::text(*uri, where + "/uri");
      if (!text.empty() && text.find("://") == std::string::npos) image.file = scene_.root.parent_path() / text;
    }
    const Json* properties = json::optional_member(*stream, "stream_properties");
    if (properties == nullptr) return;
    const auto read_side = [&](const Json& holder, const char* name, std::uint32_t& out) {
      const Json* value = json::optional_member(holder, name);
      if (value == nullptr) return;
      out = static_cast<std::uint32_t>(
          std::clamp(json::number(*value, where + "/stream_properties/" + name), 0.0, 65'535.0));
    };
    for (const char* model : {"intrinsics_pinhole", "intrinsics_fisheye"}) {
      const Json* intrinsics = json::optional_member(*properties, model);
      if (intrinsics == nullptr) continue;
      read_side(*intrinsics, "width_px", image.width);
      read_side(*intrinsics, "height_px", image.height);
    }
    read_side(*properties, "width", image.width);
    read_side(*properties, "height", image.height);
    const Json* sync = is_of_image ? json::optional_member(*properties, "sync") : nullptr;
    const Json* number = sync == nullptr ? nullptr : json::optional_member(*sync, "frame_stream");
    if (number == nullptr || !video::has_video_suffix(image.file)) return;
    image.video_frame = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(json::integer(*number, where + "/stream_properties/sync/frame_stream"), 0,
                                 std::numeric_limits<std::int32_t>::max()));
  }

  Source& source_;
  const Json& openlabel_;
  Scene scene_;
  const std::string where_ = "/openlabel";
  const Cameras cameras_;
  std::map<std::string, std::string> first_cuboid_;                      ///< names, by object
  std::map<std::string, std::map<std::string, std::string>> first_box_;  ///< by camera
  std::size_t not_read_ = 0;                                             ///< polygons
  std::map<std::string, Pose> system_from_camera_;  ///< cameras beside the origin of their coordinate system
  std::map<std::int64_t, std::string> keys_;
  std::map<std::int64_t, TimestampNs> times_;
};

}  // namespace

Cuboid stood_up(Cuboid cuboid, int& turn) {
  const Quat q = cuboid.rotation;
  const double y = rotate(q, {0, 1, 0}).z, z = rotate(q, {0, 0, 1}).z;
  turn = 0;
  if (std::abs(y) > std::abs(z)) {
    turn = y > 0 ? 3 : 1;
  } else if (z < 0) {
    turn = 2;
  }
  return turn == 0 ? cuboid
                   : Cuboid{cuboid.center, turn == 2 ? cuboid.size : Vec3d{cuboid.size.x, cuboid.size.z, cuboid.size.y},
                            q * quat_from_euler(0, 0, turn * std::numbers::pi / 2)};
}

Cuboid laid_back(const Cuboid& cuboid, int turn) {
  if (turn == 0) return cuboid;
  return {cuboid.center, turn == 2 ? cuboid.size : Vec3d{cuboid.size.x, cuboid.size.z, cuboid.size.y},
          cuboid.rotation * quat_from_euler(0, 0, -turn * std::numbers::pi / 2)};
}

/// The format's own schema names the same member, but holds no labels.
bool recognises(const fs::path& path) {
  const std::string head = head_of(path, ".json");
  return begins_like(head, '{', {"\"openlabel\""}) && head.find("json-schema.org") == std::string::npos;
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected a JSON file with a member \"openlabel\": {}", path.string())};
  const std::string name = path.filename().string();
  return std::vector<SceneHandle>{{Format::openlabel, path, name.substr(0, name.find('.'))}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  auto root = json::parse(content, file);
  if (!root) return root.error();
  auto source = std::make_shared<Source>();
  source->text = content;
  source->root = *std::move(root);
  Scene scene;
  const auto read = json::guard(file, [&] { scene = Reader(*source, file).read(); });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

}  // namespace sweepmark::openlabel
