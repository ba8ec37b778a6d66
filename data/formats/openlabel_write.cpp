// SPDX-License-Identifier: Apache-2.0
//
// Writing OpenLABEL: only what has changed since the file was read is made anew.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/openlabel.h"
#include "data/formats/openlabel_images.h"
#include "data/formats/openlabel_source.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
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
    const auto has_old_attributes = [&](const auto& track) {
      const Attributes* before = attributes_before(track.id);
      return before == nullptr ? track.attributes.empty() : *before == track.attributes;
    };
    const bool same_tracks = source_ != nullptr && std::ranges::all_of(labels_.tracks, has_old_attributes) &&
                             std::ranges::all_of(labels_.image_tracks, has_old_attributes);
    if (auto found = find_image_changes(); !found) return found;
    if (same_tracks && ordered->size() == source_->rows.size() &&
        std::ranges::all_of(*ordered, &OutputLabel::is_unchanged) && image_changes_.empty())
      return write_file(out_, source_->text);
    remove_missing(*ordered);
    name_objects();
    for (const OutputLabel& label : *ordered) put(label);
    put_image_changes();
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

  /// What an object has in the image of a camera at a frame, before and after.
  struct ImageChange {
    const ImageTrack* track = nullptr;
    const ImageKeyframe* keyframe = nullptr;   ///< null: taken out
    const Source::ImageRow* before = nullptr;  ///< null: new
    std::string frame;
  };

  Result<void> find_image_changes() {
    std::vector<bool> kept(source_ == nullptr ? 0 : source_->image_rows.size(), false);
    for (const ImageTrack& track : labels_.image_tracks) {
      for (const ImageKeyframe& keyframe : track.keyframes) {
        const auto frame = frame_key_.find(keyframe.timestamp);
        const ImageValue& value = keyframe.value;
        if (frame == frame_key_.end() || (!value.box && !value.polygon) || (value.box && value.box->rotation != 0)) {
          return Error{
              fmt::format("OpenLABEL holds upright boxes and polygons of frames: track {} of {} has none at {} ns: {}",
                          track.id, track.camera, keyframe.timestamp, out_.string())};
        }
        const Source::ImageRow* before = nullptr;
        if (keyframe.source_row < kept.size()) {
          const Source::ImageRow& row = source_->image_rows[keyframe.source_row];
          if (row.frame == frame->second && row.camera == track.camera && row.track == track.id &&
              !kept[keyframe.source_row]) {
            before = &row;
            kept[keyframe.source_row] = true;
            if (row.class_name == track.class_name && row.value == value && row.attributes == keyframe.attributes)
              continue;
          }
        }
        image_changes_.push_back({&track, &keyframe, before, frame->second});
      }
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!kept[i]) image_changes_.push_back({nullptr, nullptr, &source_->image_rows[i], source_->image_rows[i].frame});
    }
    return {};
  }

  void put_image_changes() {
    for (const ImageChange& change : image_changes_) {
      if (change.before == nullptr) continue;
      Json& objects = frame(change.frame)["objects"];
      Json& data = objects[change.before->object]["object_data"];
      erase_image_shapes(data, change.before->camera);
      if (data.empty() && change.keyframe == nullptr) objects.erase(change.before->object);
      touched_.insert(change.before->object);
    }
    for (const ImageChange& change : image_changes_) {
      if (change.keyframe == nullptr) continue;
      const std::string uid = uid_of_track_[change.track->id];
      add_image_shapes(frame(change.frame)["objects"][uid]["object_data"], change.track->camera, change.keyframe->value,
                       change.keyframe->attributes);
      touched_.insert(uid);
    }
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
    for (const Track& track : labels_.tracks) name_object(track.id, track.class_name, track.attributes);
    for (const ImageTrack& track : labels_.image_tracks) {
      if (!uid_of_track_.contains(track.id)) name_object(track.id, track.class_name, track.attributes);
    }
  }

  void name_object(const std::string& track_id, const std::string& class_name, const Attributes& track_attributes) {
    Json& objects = root_["openlabel"]["objects"];
    std::string uid;
    if (source_ != nullptr) {
      // "7:box" is the second cuboid of object 7.
      for (std::string id = track_id; uid.empty(); id = id.substr(0, id.rfind(':'))) {
        if (const auto known = source_->object_of_track.find(id); known != source_->object_of_track.end())
          uid = known->second;
        if (id.find(':') == std::string::npos) break;
      }
    }
    const bool is_new = uid.empty();
    if (is_new && is_uid(track_id) && !objects.contains(track_id)) uid = track_id;
    while (uid.empty()) {
      const std::string candidate = std::to_string(next_uid_++);
      const bool taken = objects.contains(candidate) || is_track(candidate);
      if (!taken) uid = candidate;
    }
    Json& object = objects[uid];
    if (is_new) object["name"] = track_id.empty() ? "object" : track_id;
    object["type"] = class_name;
    const Attributes* before = attributes_before(track_id);
    const bool same = before != nullptr ? *before == track_attributes : !is_new && track_attributes.empty();
    if (!same || is_new) {
      Attributes attributes = track_attributes;
      if (uid != track_id && (is_new || before != nullptr)) attributes[id_name] = track_id;
      Json data = object.contains("object_data") ? object["object_data"] : Json::object();
      put_attributes({&data}, attributes);
      if (data.empty()) {
        object.erase("object_data");
      } else {
        object["object_data"] = std::move(data);
      }
    }
    uid_of_track_[track_id] = uid;
  }

  bool is_track(const std::string& id) const {
    const auto has = [&](const auto& tracks) {
      return std::ranges::any_of(tracks, [&](const auto& t) { return t.id == id; });
    };
    return has(labels_.tracks) || has(labels_.image_tracks);
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
    std::set<std::string>& touched = touched_;
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
  std::set<std::string> touched_;  ///< objects whose frames are told anew
  std::vector<ImageChange> image_changes_;
  std::int64_t next_uid_ = 0;
  std::vector<bool> kept_;
};

}  // namespace

void add_attribute(Json& holder, const std::string& name, const std::string& text) {
  const Json value = json::attribute_value(text);
  holder[kind_of(value)].push_back({{"name", name}, {"val", value}});
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  Result<void> written;
  const auto done = json::guard(out, [&] { written = Writer(scene, labels, source, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::openlabel
