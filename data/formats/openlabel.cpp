// SPDX-License-Identifier: Apache-2.0
//
// ASAM OpenLABEL 1.0.0: objects, frames, coordinate systems and transforms in one JSON file. A cuboid is x y z, a
// rotation (quaternion x y z w, or Euler angles applied in the order z y x) and the sizes along its own axes, in a
// named coordinate system. Source: ASAM OpenLABEL 1.0.0 user guide and JSON schema.
#include "data/formats/openlabel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "data/formats/image_scene.h"
#include "data/formats/openlabel_images.h"
#include "data/formats/openlabel_source.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
namespace {

using json::fail;

Pose pose_of_matrix(const Json& value, const std::string& where) {
  const auto m = json::numbers<16>(value, where);
  for (int i = 0; i < 3; ++i) {
    for (int j = i; j < 3; ++j) {
      double product = 0;
      for (int k = 0; k < 3; ++k)
        product += m[static_cast<std::size_t>(4 * i + k)] * m[static_cast<std::size_t>(4 * j + k)];
      if (!(std::abs(product - (i == j ? 1 : 0)) < 1e-2)) fail(where, "a rotation in the first three columns");
    }
  }
  return {quat_from_matrix({{{m[0], m[1], m[2]}, {m[4], m[5], m[6]}, {m[8], m[9], m[10]}}}), {m[3], m[7], m[11]}};
}

Pose transform_data(const Json& data, const std::string& where) {
  if (const Json* matrix = json::optional_member(data, "matrix4x4"))
    return pose_of_matrix(*matrix, where + "/matrix4x4");
  const auto t = json::numbers<3>(json::member(data, "translation", where), where + "/translation");
  if (const Json* quaternion = json::optional_member(data, "quaternion")) {
    const auto q = json::numbers<4>(*quaternion, where + "/quaternion");
    return {normalized(json::unit_quaternion(q[3], q[0], q[1], q[2], where + "/quaternion")), {t[0], t[1], t[2]}};
  }
  const auto e = json::numbers<3>(json::member(data, "euler_angles", where), where + "/euler_angles");
  const Json* sequence = json::optional_member(data, "sequence");
  if (sequence != nullptr && json::text(*sequence, where + "/sequence") != "ZYX")
    fail(where + "/sequence", "\"ZYX\", got " + sequence->dump());
  return {quat_from_euler(e[0], e[1], e[2]), {t[0], t[1], t[2]}};
}

/// The tree of coordinate systems with the transforms that hold in all frames and those of one frame.
class Systems {
 public:
  explicit Systems(const Json& openlabel) {
    const Json* systems = json::optional_member(openlabel, "coordinate_systems");
    if (systems == nullptr) return;
    const std::string where = "/openlabel/coordinate_systems";
    for (const auto& [name, system] : json::object(*systems, where).items()) {
      const std::string at = where + "/" + name;
      System s;
      s.parent = json::text_of(system, "parent", at);
      s.type = json::text_of(system, "type", at);
      if (const Json* pose = json::optional_member(system, "pose_wrt_parent"))
        s.parent_from_this = transform_data(*pose, at + "/pose_wrt_parent");
      systems_[name] = s;
      if (s.type == "local_cs" && ego_.empty()) ego_ = name;
    }
    for (const auto& [name, system] : systems_) {
      if (!system.parent.empty() && !systems_.contains(system.parent))
        fail(where + "/" + name + "/parent", "the name of a coordinate system, got \"" + system.parent + "\"");
    }
  }

  /// Takes in the transforms of one frame, in place of those of the frame before.
  void set_frame(const Json& frame, const std::string& where) {
    of_frame_.clear();
    const Json* properties = json::optional_member(frame, "frame_properties");
    const Json* transforms = properties == nullptr ? nullptr : json::optional_member(*properties, "transforms");
    if (transforms == nullptr) return;
    for (const auto& [name, transform] : json::object(*transforms, where + "/frame_properties/transforms").items()) {
      const std::string at = where + "/frame_properties/transforms/" + name;
      const std::string src = json::text_of(transform, "src", at), dst = json::text_of(transform, "dst", at);
      const Pose dst_from_src =
          transform_data(json::member(transform, "transform_src_to_dst", at), at + "/transform_src_to_dst");
      of_frame_[{src, dst}] = dst_from_src;
      of_frame_[{dst, src}] = inverse(dst_from_src);
    }
  }

  /// \param name  empty: the root
  Pose world_from(std::string name, const std::string& where) const {
    Pose pose;
    for (std::size_t steps = 0; !name.empty(); ++steps) {
      const auto found = systems_.find(name);
      if (found == systems_.end()) {
        if (systems_.empty()) return pose;  // names without a tree: all one frame
        fail(where, "the name of a coordinate system, got \"" + name + "\"");
      }
      if (steps > systems_.size()) fail("/openlabel/coordinate_systems/" + name, "parents that end at a root");
      if (!found->second.parent.empty()) {
        const auto moving = of_frame_.find({name, found->second.parent});
        pose = (moving != of_frame_.end() ? moving->second : found->second.parent_from_this) * pose;
      }
      name = found->second.parent;
    }
    return pose;
  }

  /// Seen from the ego vehicle, where the tree says so.
  Pose ego_from(const std::string& name, const std::string& where) const {
    if (!systems_.contains(name)) return {};
    return inverse(world_from(ego_, where)) * world_from(name, where);
  }
  const std::string& ego() const { return ego_; }

 private:
  struct System {
    std::string parent, type;
    Pose parent_from_this;
  };
  std::map<std::string, System> systems_;
  std::map<std::pair<std::string, std::string>, Pose> of_frame_;
  std::string ego_;
};

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
      : source_(source), openlabel_(json::member(source.root, "openlabel", "")) {
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
    for (const auto& [number, key] : keys_) read_frame(number, key, systems);
    scene_.labels.tracks = source_.rows.tracks();
    for (Track& track : scene_.labels.tracks) {
      const auto known = source_.attributes_of_track.find(track.id);
      if (known != source_.attributes_of_track.end()) track.attributes = known->second;
    }
    const std::vector<TimestampNs> frames = image_scene::frame_times(scene_);
    for (ImageTrack& track : scene_.labels.image_tracks) {
      image_scene::mark_gaps(track, frames);
      if (const auto known = source_.attributes_of_track.find(track.id); known != source_.attributes_of_track.end())
        track.attributes = known->second;
    }
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
      const Json* pinhole = properties == nullptr ? nullptr : json::optional_member(*properties, "intrinsics_pinhole");
      if (pinhole != nullptr) sensor.camera = read_camera(*pinhole, at + "/stream_properties/intrinsics_pinhole");
      scene_.sensors.push_back(std::move(sensor));
    }
  }

  static CameraIntrinsics read_camera(const Json& pinhole, const std::string& where) {
    // The schema says camera_matrix; files of the reference tool say camera_matrix_3x4.
    const Json* m = json::optional_member(pinhole, "camera_matrix");
    if (m == nullptr) m = &json::member(pinhole, "camera_matrix_3x4", where);
    const auto k = json::numbers<12>(*m, where + "/camera_matrix");
    CameraIntrinsics camera{k[0], k[5], k[2], k[6], 0, 0, "pinhole", {}};
    const auto pixels = [&](const char* name) {
      const Json* value = json::optional_member(pinhole, name);
      return value == nullptr ? 0 : static_cast<int>(std::clamp(json::number(*value, where), 0.0, 1e6));
    };
    camera.width = pixels("width_px");
    camera.height = pixels("height_px");
    for (const char* name : {"distortion_coeffs", "distortion_coeffs_1xN"}) {
      json::each(pinhole, name, where,
                 [&](const Json& c, const std::string& at) { camera.distortion.push_back(json::number(c, at)); });
    }
    return camera;
  }

  struct Object {
    std::string type, track;
    std::string first_cuboid;
  };

  void read_objects() {
    const Json* objects = json::optional_member(openlabel_, "objects");
    if (objects == nullptr) return;
    for (const auto& [uid, object] : json::object(*objects, where_ + "/objects").items()) {
      const std::string at = where_ + "/objects/" + uid;
      Object known{json::text_of(object, "type", at), uid, {}};
      Attributes attributes;
      if (const Json* data = json::optional_member(object, "object_data")) {
        read_attributes(*data, at + "/object_data", attributes);
        if (json::optional_member(*data, "cuboid") != nullptr && !has_static_cuboids_) {
          has_static_cuboids_ = true;
          scene_.notes.push_back("cuboids of objects that belong to no frame are not read");
        }
      }
      const Json* own = json::optional_member(object, "object_data");
      if (own != nullptr && !has_static_shapes_ && (own->contains("bbox") || own->contains("poly2d"))) {
        has_static_shapes_ = true;
        scene_.notes.emplace_back("boxes and polygons of objects that belong to no frame are kept, not shown");
      }
      if (const auto id = attributes.find(id_name); id != attributes.end()) {
        known.track = id->second;
        attributes.erase(id);
      }
      if (!source_.object_of_track.emplace(known.track, uid).second)
        fail(at, "each track id once, got \"" + known.track + "\" again");
      source_.attributes_of_track[known.track] = std::move(attributes);
      objects_[uid] = std::move(known);
    }
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
    if (!keys_.empty()) scene_.notes.push_back("frames have numbers but no times: 100 ms apart");
  }

  void read_frame(std::int64_t number, const std::string& key, Systems& systems) {
    const Json& frame = openlabel_["frames"][key];
    const std::string at = where_ + "/frames/" + key;
    systems.set_frame(frame, at);
    const TimestampNs time = times_[number];
    source_.frame_key[time] = key;
    const Pose world_from_ego = systems.world_from(systems.ego(), at);
    if (!systems.ego().empty()) scene_.ego_poses.push_back({time, world_from_ego});
    scene_.frames.push_back({time, world_from_ego, {}, {}});
    const Json* objects = json::optional_member(frame, "objects");
    if (objects == nullptr) return;
    for (const auto& [uid, object] : json::object(*objects, at + "/objects").items()) {
      const Json* data = json::optional_member(object, "object_data");
      if (data == nullptr) continue;
      const std::string place = at + "/objects/" + uid + "/object_data";
      const auto known = objects_.find(uid);
      if (known == objects_.end()) fail(at + "/objects/" + uid, "an object that is among /openlabel/objects");
      std::size_t i = 0;
      json::each(*data, "cuboid", place, [&](const Json& cuboid, const std::string& where) {
        read_label(cuboid, *data, where, known->second, {key, uid, i++, {}, 0}, time, systems);
      });
      if (known->second.type == "DontCare") continue;
      read_image_shapes(*data, place, [&](const std::string& camera, ImageValue value, Attributes attributes) {
        add_image_label(
            {key, uid, camera, known->second.track, known->second.type, std::move(value), std::move(attributes)}, time);
      });
    }
  }

  void read_label(const Json& cuboid, const Json& data, const std::string& where, Object& object, Source::Place place,
                  TimestampNs time, const Systems& systems) {
    const Json* value = json::optional_member(cuboid, "val");
    if (value == nullptr || object.type == "DontCare") return;
    const Cuboid in_system = read_cuboid(*value, where + "/val");
    if (!(in_system.size.x > 0 && in_system.size.y > 0 && in_system.size.z > 0))
      fail(where + "/val", "sizes above 0, got " + value->dump());
    const Json* system = json::optional_member(cuboid, "coordinate_system");
    place.world_from_system =
        systems.world_from(system == nullptr ? "" : json::text(*system, where + "/coordinate_system"), where);
    // An object may have several cuboids, told apart by their names: each is a track.
    const std::string name = json::text_of(cuboid, "name", where);
    if (object.first_cuboid.empty()) object.first_cuboid = name;
    LabelRow row{time, name == object.first_cuboid ? object.track : object.track + ":" + name, object.type,
                 stood_up(place.world_from_system * in_system, place.turn)};
    read_attributes(data, where, row.attributes);
    if (const Json* own = json::optional_member(cuboid, "attributes"))
      read_attributes(*own, where + "/attributes", row.attributes);
    if (const auto count = row.attributes.find(count_name); count != row.attributes.end()) {
      std::int64_t points = 0;
      if (parse_number(count->second, points)) row.stored_count = points, row.attributes.erase(count);
    }
    if (!source_.rows.add(std::move(row))) fail(where, "one cuboid of each name for an object in a frame");
    source_.places.push_back(std::move(place));
  }

  void add_image_label(Source::ImageRow row, TimestampNs time) {
    const auto [at, is_new] =
        image_track_of_.emplace(std::pair(row.camera, row.track), scene_.labels.image_tracks.size());
    if (is_new)
      scene_.labels.image_tracks.push_back({.camera = row.camera, .id = row.track, .class_name = row.class_name});
    auto sensor = std::ranges::find(scene_.sensors, row.camera, &Sensor::name);
    if (sensor == scene_.sensors.end()) {
      scene_.sensors.push_back({row.camera, SensorKind::camera, {}, {}});
      sensor = scene_.sensors.end() - 1;
    }
    const auto number = static_cast<std::uint32_t>(sensor - scene_.sensors.begin());
    Frame& frame = scene_.frames.back();
    const bool has_image =
        std::ranges::any_of(frame.images, [&](std::uint32_t i) { return scene_.images[i].sensor == number; });
    if (!has_image) {
      ImageRef image;
      image.sensor = number;
      image.timestamp = time;
      image.world_from_sensor = frame.world_from_ego * sensor->ego_from_sensor;
      if (sensor->camera) {
        image.width = static_cast<std::uint32_t>(sensor->camera->width);
        image.height = static_cast<std::uint32_t>(sensor->camera->height);
      }
      frame.images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
      scene_.images.push_back(std::move(image));
    }
    scene_.labels.image_tracks[at->second].keyframes.push_back(
        {.timestamp = time,
         .value = row.value,
         .attributes = row.attributes,
         .source_row = static_cast<std::uint32_t>(source_.image_rows.size())});
    source_.image_rows.push_back(std::move(row));
  }

  Source& source_;
  const Json& openlabel_;
  Scene scene_;
  std::map<std::pair<std::string, std::string>, std::size_t> image_track_of_;
  const std::string where_ = "/openlabel";
  std::map<std::string, Object> objects_;
  std::map<std::int64_t, std::string> keys_;
  std::map<std::int64_t, TimestampNs> times_;
  bool has_static_cuboids_ = false, has_static_shapes_ = false;
};

}  // namespace

void read_attributes(const Json& data, const std::string& where, Attributes& out) {
  for (const char* kind : attribute_kinds) {
    json::each(data, kind, where, [&](const Json& element, const std::string&) {
      const Json* name = json::optional_member(element, "name");
      const Json* value = json::optional_member(element, "val");
      if (name != nullptr && name->is_string() && value != nullptr)
        out[name->get<std::string>()] = json::attribute_text(*value);
    });
  }
}

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
