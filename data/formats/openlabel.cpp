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

#include "data/atomic_file.h"
#include "data/formats/json_reader.h"
#include "data/formats/scene_tools.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
namespace {

using json::fail;
using json::Json;

constexpr const char* count_name = "number_of_points";
constexpr const char* id_name = "track_id";
constexpr std::array<const char*, 3> attribute_kinds = {"boolean", "num", "text"};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    return {"2D geometry", "relations, actions, contexts, tags"};
  }

  std::string text;  ///< the file as it was
  Json root;
  LabelRows rows;
  struct Place {
    std::string frame, object;
    std::size_t cuboid = 0;
    Pose world_from_system;
    int turn = 0;  ///< see `stood_up`
  };
  std::vector<Place> places;  ///< one a row
  std::map<TimestampNs, std::string> frame_key;
  std::map<std::string, std::string> object_of_track;  ///< uid
  std::map<std::string, Attributes> attributes_of_track;
};

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

/// Ours are high along z; a cuboid in a camera's frame is high along y. Turned about its own x axis by quarters until z
/// is the axis that points up. \param turn  out: how many quarters
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

Cuboid read_cuboid(const Json& value, const std::string& where) {
  if (json::array(value, where).size() == 9) {
    const auto v = json::numbers<9>(value, where);
    return {{v[0], v[1], v[2]}, {v[6], v[7], v[8]}, quat_from_euler(v[5], v[4], v[3])};
  }
  if (value.size() != 10) fail(where, fmt::format("9 or 10 numbers, got {}", value.size()));
  const auto v = json::numbers<10>(value, where);
  return {{v[0], v[1], v[2]}, {v[7], v[8], v[9]}, json::unit_quaternion(v[6], v[3], v[4], v[5], where)};
}

/// Named values of an object's or a cuboid's data.
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

  Source& source_;
  const Json& openlabel_;
  Scene scene_;
  const std::string where_ = "/openlabel";
  std::map<std::string, Object> objects_;
  std::map<std::int64_t, std::string> keys_;
  std::map<std::int64_t, TimestampNs> times_;
  bool has_static_cuboids_ = false;
};

}  // namespace

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

namespace {

Json to_json(const Pose& pose) {
  const Quat& q = pose.rotation;
  const Vec3d& t = pose.translation;
  return {{"quaternion", {q.x, q.y, q.z, q.w}}, {"translation", {t.x, t.y, t.z}}};
}

Json cuboid_value(const Cuboid& c) {
  return {c.center.x,   c.center.y,   c.center.z, c.rotation.x, c.rotation.y,
          c.rotation.z, c.rotation.w, c.size.x,   c.size.y,     c.size.z};
}

const char* kind_of(const Json& value) { return value.is_boolean() ? "boolean" : value.is_number() ? "num" : "text"; }

void add_attribute(Json& holder, const std::string& name, const std::string& text) {
  const Json value = json::attribute_value(text);
  holder[kind_of(value)].push_back({{"name", name}, {"val", value}});
}

/// Makes the named values in `holders` say what `wanted` says: what is the same stays as it is, what is new comes into
/// the first.
void put_attributes(std::initializer_list<Json*> holders, Attributes wanted) {
  for (Json* holder : holders) {
    for (const char* kind : attribute_kinds) {
      const auto found = holder->find(kind);
      if (found == holder->end() || !found->is_array()) continue;
      Json kept = Json::array();
      for (Json& element : *found) {
        const Json* name = json::optional_member(element, "name");
        const Json* value = json::optional_member(element, "val");
        if (name != nullptr && name->is_string() && value != nullptr) {
          const auto want = wanted.find(name->get<std::string>());
          if (want == wanted.end() || json::attribute_text(*value) != want->second) continue;
          wanted.erase(want);
        }
        kept.push_back(std::move(element));
      }
      if (kept.empty())
        holder->erase(kind);
      else
        *found = std::move(kept);
    }
  }
  for (const auto& [name, text] : wanted) add_attribute(**holders.begin(), name, text);
}

/// A number or a UUID, as the schema wants it.
bool is_uid(const std::string& text) {
  const std::string_view digits = text.starts_with('-') ? std::string_view(text).substr(1) : std::string_view(text);
  if (!digits.empty() && digits.size() < 18 && digits.find_first_not_of("0123456789") == std::string_view::npos)
    return true;
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

Json new_root(const Scene& scene) {
  Json systems = {{"world", {{"type", "scene_cs"}, {"parent", ""}, {"children", {"ego"}}}},
                  {"ego", {{"type", "local_cs"}, {"parent", "world"}, {"children", Json::array()}}}};
  Json streams = Json::object();
  for (const Sensor& sensor : scene.sensors) {
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
    frames[std::to_string(i)] = {
        {"frame_properties",
         {{"timestamp", seconds_text(frame.timestamp)},
          {"transforms",
           {{"ego_to_world",
             {{"src", "ego"}, {"dst", "world"}, {"transform_src_to_dst", to_json(frame.world_from_ego)}}}}}}}};
  }
  return root;
}

/// The runs of ascending frame numbers.
Json intervals_of(const std::set<std::int64_t>& numbers) {
  Json out = Json::array();
  for (auto it = numbers.begin(); it != numbers.end();) {
    const std::int64_t first = *it;
    std::int64_t last = first;
    while (++it != numbers.end() && *it == last + 1) last = *it;
    out.push_back({{"frame_start", first}, {"frame_end", last}});
  }
  return out;
}

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const Source* source, const fs::path& out)
      : labels_(labels), source_(source), out_(out), root_(source != nullptr ? source->root : new_root(scene)) {
    for (std::size_t i = 0; source == nullptr && i < scene.frames.size(); ++i)
      frame_key_[scene.frames[i].timestamp] = std::to_string(i);
    if (source != nullptr) frame_key_ = source->frame_key;
    std::size_t i = 0;
    for (const auto& [time, key] : frame_key_) {
      frame_at_[time] = i++;
      keys_.push_back(key);
    }
  }

  Result<void> write() {
    auto ordered =
        labels_in_order(labels_, frame_at_, source_ == nullptr ? nullptr : &source_->rows, "OpenLABEL", out_);
    if (!ordered) return ordered.error();
    const bool same_tracks = source_ != nullptr && std::ranges::all_of(labels_.tracks, [&](const Track& track) {
                               const Attributes* before = attributes_before(track.id);
                               return before == nullptr ? track.attributes.empty() : *before == track.attributes;
                             });
    if (same_tracks && ordered->size() == source_->rows.size() &&
        std::ranges::all_of(*ordered, &OutputLabel::is_unchanged))
      return write_file(out_, source_->text);
    remove_missing(*ordered);
    name_objects();
    for (const OutputLabel& label : *ordered) put(label);
    put_intervals(*ordered);
    return write_file(out_, root_.dump(1) + "\n");
  }

 private:
  Json& frame(const std::string& key) { return root_["openlabel"]["frames"][key]; }

  /// Cuboids of the file whose keyframe is gone; from the last to the first, so that positions hold.
  void remove_missing(const std::vector<OutputLabel>& ordered) {
    if (source_ == nullptr) return;
    std::vector<bool> kept(source_->rows.size(), false);
    for (const OutputLabel& label : ordered) {
      if (label.row && (*source_).rows[*label.row].track == label.track->id) kept[*label.row] = true;
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Source::Place& place = source_->places[i];
      if (kept[i]) continue;
      Json& cuboids = frame(place.frame)["objects"][place.object]["object_data"]["cuboid"];
      cuboids[place.cuboid] = nullptr;  // erased below, when all positions are known
      removed_.insert({place.frame, place.object});
    }
    kept_ = std::move(kept);
  }

  void erase_removed() {
    for (const auto& [frame_key, object] : removed_) {
      Json& data = frame(frame_key)["objects"][object]["object_data"];
      Json left = Json::array();
      for (Json& cuboid : data["cuboid"]) {
        if (!cuboid.is_null()) left.push_back(std::move(cuboid));
      }
      if (left.empty())
        data.erase("cuboid");
      else
        data["cuboid"] = std::move(left);
      if (data.empty()) frame(frame_key)["objects"].erase(object);
    }
  }

  void name_objects() {
    Json& objects = root_["openlabel"]["objects"];
    if (objects.is_null()) objects = Json::object();
    std::int64_t next = 0;
    for (const Track& track : labels_.tracks) {
      std::string uid;
      if (source_ != nullptr) {
        // "7:box" is the second cuboid of object 7.
        for (std::string id = track.id; uid.empty(); id = id.substr(0, id.rfind(':'))) {
          if (const auto known = source_->object_of_track.find(id); known != source_->object_of_track.end())
            uid = known->second;
          if (id.find(':') == std::string::npos) break;
        }
      }
      const bool is_new = uid.empty();
      if (is_new && is_uid(track.id) && !objects.contains(track.id)) uid = track.id;
      while (uid.empty()) {
        const std::string candidate = std::to_string(next++);
        const bool taken = objects.contains(candidate) ||
                           std::ranges::any_of(labels_.tracks, [&](const Track& t) { return t.id == candidate; });
        if (!taken) uid = candidate;
      }
      Json& object = objects[uid];
      if (is_new) object["name"] = track.id.empty() ? "object" : track.id;
      object["type"] = track.class_name;
      const Attributes* before = attributes_before(track.id);
      const bool same = before != nullptr ? *before == track.attributes : !is_new && track.attributes.empty();
      if (!same || is_new) {
        Attributes attributes = track.attributes;
        if (uid != track.id && (is_new || before != nullptr)) attributes[id_name] = track.id;
        Json data = object.contains("object_data") ? object["object_data"] : Json::object();
        put_attributes({&data}, attributes);
        if (data.empty()) {
          object.erase("object_data");
        } else {
          object["object_data"] = std::move(data);
        }
      }
      uid_of_track_[track.id] = uid;
    }
  }

  /// Null where the file has no such object.
  const Attributes* attributes_before(const std::string& track) const {
    if (source_ == nullptr) return nullptr;
    const auto found = source_->attributes_of_track.find(track);
    return found == source_->attributes_of_track.end() ? nullptr : &found->second;
  }

  void put(const OutputLabel& label) {
    if (label.is_unchanged) return;
    const Keyframe& keyframe = *label.keyframe;
    const bool in_place = label.row && kept_[*label.row];
    const std::string key = in_place ? source_->places[*label.row].frame : keys_[label.frame];
    const std::string uid = uid_of_track_[label.track->id];
    Json& data = frame(key)["objects"][uid]["object_data"];
    Attributes attributes = keyframe.attributes;
    if (keyframe.stored_count) attributes[count_name] = std::to_string(*keyframe.stored_count);
    Json own = Json::object();
    if (in_place) {
      const Source::Place& place = source_->places[*label.row];
      Json& cuboid = data["cuboid"][place.cuboid];
      if (source_->rows[*label.row].in_world != keyframe.cuboid)
        cuboid["val"] = cuboid_value(laid_back(inverse(place.world_from_system) * keyframe.cuboid, place.turn));
      if (cuboid.contains("attributes")) own = cuboid["attributes"];
      put_attributes({&own, &data}, attributes);
      // `put_attributes` may have moved the array of cuboids: look it up again.
      Json& again = data["cuboid"][place.cuboid];
      if (own.empty())
        again.erase("attributes");
      else
        again["attributes"] = std::move(own);
      return;
    }
    put_attributes({&own}, attributes);
    Json cuboid = {{"name", name_of_cuboid(*label.track, uid)}, {"val", cuboid_value(keyframe.cuboid)}};
    if (source_ == nullptr) cuboid["coordinate_system"] = "world";
    if (!own.empty()) cuboid["attributes"] = std::move(own);
    data["cuboid"].push_back(std::move(cuboid));
  }

  /// The name that tells an object's cuboids apart.
  std::string name_of_cuboid(const Track& track, const std::string& uid) const {
    for (std::size_t i = 0; source_ != nullptr && i < source_->rows.size(); ++i) {
      const Source::Place& place = source_->places[i];
      if (source_->rows[i].track == track.id && place.object == uid)
        return source_
            ->root["openlabel"]["frames"][place.frame]["objects"][uid]["object_data"]["cuboid"][place.cuboid]["name"];
    }
    return "cuboid";
  }

  /// Where objects and their cuboids exist: from the frames as they are now.
  void put_intervals(const std::vector<OutputLabel>& ordered) {
    erase_removed();
    std::set<std::string> touched;
    for (const OutputLabel& label : ordered) {
      if (!label.is_unchanged) touched.insert(uid_of_track_[label.track->id]);
    }
    for (const auto& [frame_key, object] : removed_) touched.insert(object);
    std::map<std::string, std::set<std::int64_t>> frames_of_object;
    std::map<std::string, std::map<std::string, std::pair<std::string, std::set<std::int64_t>>>> frames_of_data;
    std::set<std::int64_t> all;
    for (const auto& [key, content] : root_["openlabel"]["frames"].items()) {
      std::int64_t number = 0;
      (void)parse_number(key, number);
      all.insert(number);
      const Json* objects = json::optional_member(content, "objects");
      if (objects == nullptr) continue;
      for (const auto& [uid, object] : objects->items()) {
        if (!touched.contains(uid)) continue;
        frames_of_object[uid].insert(number);
        const Json* data = json::optional_member(object, "object_data");
        if (data == nullptr) continue;
        for (const auto& [kind, elements] : data->items()) {
          for (const Json& element : elements) {
            if (const Json* name = json::optional_member(element, "name")) {
              auto& [type, numbers] = frames_of_data[uid][name->get<std::string>()];
              type = kind;
              numbers.insert(number);
            }
          }
        }
      }
    }
    Json& objects = root_["openlabel"]["objects"];
    for (const std::string& uid : touched) {
      if (!objects.contains(uid)) continue;
      if (frames_of_object[uid].empty()) {
        objects.erase(uid);
        continue;
      }
      objects[uid]["frame_intervals"] = intervals_of(frames_of_object[uid]);
      Json pointers = Json::object();
      for (const auto& [name, place] : frames_of_data[uid])
        pointers[name] = {{"type", place.first}, {"frame_intervals", intervals_of(place.second)}};
      if (pointers.empty())
        objects[uid].erase("object_data_pointers");
      else
        objects[uid]["object_data_pointers"] = std::move(pointers);
    }
    if (source_ == nullptr) root_["openlabel"]["frame_intervals"] = intervals_of(all);
  }

  const LabelSet& labels_;
  const Source* source_;
  const fs::path& out_;
  Json root_;
  std::map<TimestampNs, std::string> frame_key_;
  std::map<TimestampNs, std::size_t> frame_at_;
  std::vector<std::string> keys_;
  std::map<std::string, std::string> uid_of_track_;
  std::set<std::pair<std::string, std::string>> removed_;
  std::vector<bool> kept_;
};

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  Result<void> written;
  const auto done = json::guard(out, [&] { written = Writer(scene, labels, source, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::openlabel
