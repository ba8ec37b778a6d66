// SPDX-License-Identifier: Apache-2.0
//
// The nuScenes table schema (v1.0, and Lyft's v1.01): JSON arrays of records that name each other by token.
#include "data/formats/nuscenes.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "data/atomic_file.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::nuscenes {
namespace fs = std::filesystem;
namespace od = simdjson::ondemand;
namespace {

/// What a record says, or does not: thrown inside this file, reported as an Error with file, record and field.
struct BadRecord {
  std::string message;
};

/// One record of a table, for reading fields by name with good messages.
class Record {
 public:
  Record(od::object& object, const fs::path& file, std::size_t number)
      : object_(object), file_(file), number_(number) {}

  std::string text(const char* field) {
    std::string_view value;
    if (find(field).get_string().get(value) != simdjson::SUCCESS) fail(field, "a text");
    return std::string(value);
  }
  bool boolean(const char* field) {
    bool value = false;
    if (find(field).get_bool().get(value) != simdjson::SUCCESS) fail(field, "true or false");
    return value;
  }
  std::int64_t integer_or(const char* field, std::int64_t otherwise) {
    od::value found;
    if (!find_optional(field, found)) return otherwise;
    double value = 0;
    if (found.get_double().get(value) != simdjson::SUCCESS || !(std::abs(value) < 1e15)) fail(field, "a whole number");
    return static_cast<std::int64_t>(value);
  }
  /// \return false when there is no such field; any other trouble ends the reading: the parser cannot go on after it
  bool find_optional(const char* field, od::value& out) {
    const auto failure = object_.find_field_unordered(field).get(out);
    if (failure != simdjson::SUCCESS && failure != simdjson::NO_SUCH_FIELD) fail(field, "valid JSON");
    return failure == simdjson::SUCCESS;
  }
  /// Microseconds, perhaps with a fraction, to nanoseconds: from the digits, since a double does not hold them all.
  TimestampNs microseconds(const char* field) {
    std::string_view token = find(field).raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    const std::size_t dot = token.find('.');
    std::int64_t whole = 0, nanoseconds = 0;
    std::string fraction = dot == std::string_view::npos ? "0" : std::string(token.substr(dot + 1, 3));
    fraction.resize(3, '0');
    constexpr std::int64_t most = INT64_MAX / 1000 - 1;
    if (!parse_number(token.substr(0, dot), whole) || !parse_number(fraction, nanoseconds) || whole > most ||
        whole < -most)
      fail(field, "a time in microseconds");
    return whole * 1000 + (whole < 0 ? -nanoseconds : nanoseconds);
  }
  template <std::size_t count>
  std::array<double, count> numbers(const char* field) {
    std::array<double, count> values{};
    od::array array;
    if (find(field).get_array().get(array) != simdjson::SUCCESS)
      fail(field, fmt::format("an array of {} numbers", count));
    std::size_t i = 0;
    for (auto element : array) {
      double value = 0;
      if (i == count || element.get_double().get(value) != simdjson::SUCCESS || !std::isfinite(value))
        fail(field, fmt::format("an array of {} finite numbers", count));
      values[i++] = value;
    }
    if (i != count) fail(field, fmt::format("an array of {} numbers", count));
    return values;
  }
  Vec3d vector(const char* field) {
    const auto v = numbers<3>(field);
    return {v[0], v[1], v[2]};
  }
  Quat rotation() {
    const auto v = numbers<4>("rotation");
    const Quat q{v[0], v[1], v[2], v[3]};
    if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3)) fail("rotation", "a unit quaternion");
    return normalized(q);
  }
  [[noreturn]] void fail(const char* field, const std::string& expected) {
    throw BadRecord{fmt::format("record {}, field {}: expected {}: {}", number_, field, expected, file_.string())};
  }
  od::object& object() { return object_; }
  std::size_t number() const { return number_; }

 private:
  od::value find(const char* field) {
    od::value value;
    if (object_.find_field_unordered(field).get(value) != simdjson::SUCCESS) fail(field, "it to be there");
    return value;
  }
  od::object& object_;
  const fs::path& file_;
  std::size_t number_;
};

void read_table(const fs::path& folder, const char* name, const std::function<void(Record&)>& read_record) {
  const fs::path file = folder / (std::string(name) + ".json");
  simdjson::padded_string content;
  if (const auto failure = simdjson::padded_string::load(file.string()).get(content); failure != simdjson::SUCCESS) {
    throw BadRecord{fmt::format("cannot open: {}", file.string())};
  }
  od::parser parser;
  std::size_t number = 0;
  try {
    od::document document = parser.iterate(content);
    od::array records = document.get_array();
    for (auto element : records) {
      od::object object = element.get_object();
      Record record(object, file, number);
      read_record(record);
      ++number;
    }
    const char* behind = nullptr;
    if (document.current_location().get(behind) == simdjson::SUCCESS)
      throw BadRecord{fmt::format("expected nothing after the array of records: {}", file.string())};
  } catch (const simdjson::simdjson_error& error) {
    throw BadRecord{fmt::format("record {}: not valid JSON of a table ({}): {}", number, error.what(), file.string())};
  }
}

/// The folder with the tables: the path itself, or its sub-folder v1.*.
std::optional<fs::path> table_folder(const fs::path& path) {
  std::error_code failure;
  const auto has_tables = [&](const fs::path& folder) {
    return fs::exists(folder / "scene.json", failure) && fs::exists(folder / "sample.json", failure);
  };
  if (has_tables(path)) return path;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (entry.path().filename().string().starts_with("v1.") && has_tables(entry.path())) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  if (found.empty()) return std::nullopt;
  return found.front();
}

struct Source : LabelSource {
  struct Row {
    std::size_t record = 0;  ///< position in sample_annotation.json
    std::string token, sample;
    TimestampNs timestamp = 0;
    std::string instance;
    Cuboid in_world;
    std::optional<std::int64_t> stored_count;
  };
  fs::path tables;
  std::vector<Row> rows;
  std::map<TimestampNs, std::string> sample_at;
};

using Tokens = std::unordered_map<std::string, std::size_t>;

/// Follows a token that has to lead somewhere.
std::size_t follow(const Tokens& tokens, Record& record, const char* field) {
  const std::string token = record.text(field);
  const auto found = tokens.find(token);
  if (found == tokens.end()) record.fail(field, fmt::format("the token of a known record, got \"{}\"", token));
  return found->second;
}

std::string class_of(const Tokens& categories, const std::vector<std::string>& names, Record& record) {
  return names[follow(categories, record, "category_token")];
}

SensorKind kind_of(const std::string& modality) {
  if (modality == "camera") return SensorKind::camera;
  if (modality == "radar") return SensorKind::radar;
  return SensorKind::lidar;
}

class Reader {
 public:
  explicit Reader(const SceneHandle& handle) : folder_(handle.root) {
    scene_.format = Format::nuscenes;
    scene_.root = handle.root;
    scene_.name = handle.name;
  }

  Scene read() {
    read_scene_token();
    read_sensors();
    read_samples();
    read_sample_data();
    read_labels();
    return std::move(scene_);
  }

 private:
  void read_scene_token() {
    read_table(folder_, "scene", [&](Record& record) {
      if (record.text("name") == scene_.name) scene_token_ = record.text("token");
    });
    if (scene_token_.empty())
      throw BadRecord{fmt::format("no scene named {}: {}", scene_.name, (folder_ / "scene.json").string())};
  }

  void read_sensors() {
    Tokens sensors;
    std::vector<std::pair<std::string, SensorKind>> channels;
    read_table(folder_, "sensor", [&](Record& record) {
      sensors[record.text("token")] = channels.size();
      channels.emplace_back(record.text("channel"), kind_of(record.text("modality")));
    });
    // Every calibration is a sensor of ours: one channel may have several over a dataset.
    read_table(folder_, "calibrated_sensor", [&](Record& record) {
      const auto& [channel, kind] = channels[follow(sensors, record, "sensor_token")];
      Calibration calibration{channel, kind, {record.rotation(), record.vector("translation")}, {}};
      if (kind == SensorKind::camera) calibration.camera = read_camera(record);
      calibrations_of_token_[record.text("token")] = calibrations_.size();
      calibrations_.push_back(std::move(calibration));
    });
  }

  static std::optional<CameraIntrinsics> read_camera(Record& record) {
    od::array rows;
    if (record.object().find_field_unordered("camera_intrinsic").get_array().get(rows) != simdjson::SUCCESS)
      return std::nullopt;
    std::vector<double> m;
    for (auto row : rows) {
      od::array values;
      if (row.get_array().get(values) != simdjson::SUCCESS) record.fail("camera_intrinsic", "3 rows of 3 numbers");
      for (auto value : values) {
        double number = 0;
        if (value.get_double().get(number) != simdjson::SUCCESS) record.fail("camera_intrinsic", "3 rows of 3 numbers");
        m.push_back(number);
      }
    }
    if (m.empty()) return std::nullopt;
    if (m.size() != 9) record.fail("camera_intrinsic", "3 rows of 3 numbers");
    return CameraIntrinsics{m[0], m[4], m[2], m[5], 0, 0, "pinhole", {}};
  }

  void read_samples() {
    read_table(folder_, "sample", [&](Record& record) {
      const std::string token = record.text("token");
      if (record.text("scene_token") == scene_token_) {
        samples_.emplace_back(record.microseconds("timestamp"), token);
      } else {
        foreign_samples_[token] = 0;
      }
    });
    std::ranges::sort(samples_);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (i > 0 && samples_[i - 1].first == samples_[i].first)
        throw BadRecord{fmt::format("two samples of scene {} at {} ns: {}", scene_.name, samples_[i].first,
                                    (folder_ / "sample.json").string())};
      frame_of_sample_[samples_[i].second] = i;
      scene_.frames.push_back({samples_[i].first, {}, {}, {}});
    }
  }

  void read_ego_poses() {
    read_table(folder_, "ego_pose", [&](Record& record) {
      poses_of_token_[record.text("token")] = poses_.size();
      poses_.push_back({record.microseconds("timestamp"), {record.rotation(), record.vector("translation")}});
    });
  }

  std::uint32_t sensor_of(std::size_t calibration) {
    const auto [at, is_new] =
        sensor_of_calibration_.try_emplace(calibration, static_cast<std::uint32_t>(scene_.sensors.size()));
    if (is_new) {
      const Calibration& c = calibrations_[calibration];
      scene_.sensors.push_back(
          {.name = c.channel, .kind = c.kind, .ego_from_sensor = c.ego_from_sensor, .camera = c.camera});
    }
    return at->second;
  }

  struct Data {
    TimestampNs timestamp;
    std::size_t calibration, pose, frame;
    bool is_key;
    fs::path file;
    int width, height;
  };

  void read_sample_data() {
    read_ego_poses();
    std::vector<Data> all;
    const fs::path data_root = folder_.parent_path();
    read_table(folder_, "sample_data", [&](Record& record) {
      const std::string sample = record.text("sample_token");
      const auto frame = frame_of_sample_.find(sample);
      if (frame == frame_of_sample_.end()) {
        if (!foreign_samples_.contains(sample))
          record.fail("sample_token", fmt::format("the token of a known sample, got \"{}\"", sample));
        return;
      }
      all.push_back({record.microseconds("timestamp"),
                     follow(calibrations_of_token_, record, "calibrated_sensor_token"),
                     follow(poses_of_token_, record, "ego_pose_token"), frame->second, record.boolean("is_key_frame"),
                     data_root / record.text("filename"), static_cast<int>(record.integer_or("width", 0)),
                     static_cast<int>(record.integer_or("height", 0))});
    });
    std::ranges::stable_sort(all, {}, &Data::timestamp);
    std::map<TimestampNs, Pose> poses;
    for (const Data& data : all) add(data, poses);
    for (const auto& [time, pose] : poses) scene_.ego_poses.push_back({time, pose});
    for (Frame& frame : scene_.frames) {
      // The LiDAR's pose stands for the frame's; any other sensor's is the next best.
      if (!frame.sweeps.empty()) {
        const SweepRef& sweep = scene_.sweeps[frame.sweeps.front()];
        frame.world_from_ego = sweep.world_from_points * inverse(scene_.sensors[sweep.sensor].ego_from_sensor);
      } else if (!frame.images.empty()) {
        const ImageRef& image = scene_.images[frame.images.front()];
        frame.world_from_ego = image.world_from_sensor * inverse(scene_.sensors[image.sensor].ego_from_sensor);
      }
    }
  }

  void add(const Data& data, std::map<TimestampNs, Pose>& poses) {
    const Pose& world_from_ego = poses_[data.pose].world_from_ego;
    poses[poses_[data.pose].timestamp] = world_from_ego;
    const Calibration& calibration = calibrations_[data.calibration];
    const Pose world_from_sensor = world_from_ego * calibration.ego_from_sensor;
    Frame& frame = scene_.frames[data.frame];
    if (calibration.kind == SensorKind::lidar) {
      if (data.is_key) frame.sweeps.push_back(static_cast<std::uint32_t>(scene_.sweeps.size()));
      const auto kind = data.file.string().ends_with(".bin") ? PointFileKind::nuscenes_bin : PointFileKind::pcd;
      scene_.sweeps.push_back({sensor_of(data.calibration), data.timestamp, data.file, kind, world_from_sensor});
    } else if (calibration.kind == SensorKind::camera) {
      const std::uint32_t sensor = sensor_of(data.calibration);
      if (auto& camera = scene_.sensors[sensor].camera) camera->width = data.width, camera->height = data.height;
      if (data.is_key) frame.images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
      scene_.images.push_back({sensor, data.timestamp, data.file, world_from_sensor});
    }
  }

  void read_labels() {
    std::error_code failure;
    if (!fs::exists(folder_ / "sample_annotation.json", failure)) {
      scene_.notes.push_back("no sample_annotation.json: a scene without labels");
      return;
    }
    Tokens categories, instances;
    std::vector<std::string> category_names, instance_tokens, instance_classes;
    read_table(folder_, "category", [&](Record& record) {
      categories[record.text("token")] = category_names.size();
      category_names.push_back(record.text("name"));
    });
    read_table(folder_, "instance", [&](Record& record) {
      instances[record.text("token")] = instance_tokens.size();
      instance_tokens.push_back(record.text("token"));
      instance_classes.push_back(class_of(categories, category_names, record));
    });
    auto source = std::make_shared<Source>();
    source->tables = folder_;
    for (const auto& [time, token] : samples_) source->sample_at[time] = token;
    std::map<std::size_t, std::size_t> track_of_instance;
    read_table(folder_, "sample_annotation", [&](Record& record) {
      const std::string sample = record.text("sample_token");
      const auto frame = frame_of_sample_.find(sample);
      if (frame == frame_of_sample_.end()) {
        if (!foreign_samples_.contains(sample))
          record.fail("sample_token", fmt::format("the token of a known sample, got \"{}\"", sample));
        return;
      }
      const std::size_t instance = follow(instances, record, "instance_token");
      const Vec3d wlh = record.vector("size");
      if (!(wlh.x > 0 && wlh.y > 0 && wlh.z > 0)) record.fail("size", "a width, length and height above 0");
      const std::int64_t count = record.integer_or("num_lidar_pts", -1);
      Source::Row row{record.number(),
                      record.text("token"),
                      sample,
                      samples_[frame->second].first,
                      instance_tokens[instance],
                      {record.vector("translation"), {wlh.y, wlh.x, wlh.z}, record.rotation()},
                      count < 0 ? std::nullopt : std::optional(count)};
      const auto [at, is_new] = track_of_instance.try_emplace(instance, scene_.labels.tracks.size());
      if (is_new)
        scene_.labels.tracks.push_back({.id = row.instance,
                                        .class_name = instance_classes[instance],
                                        .attributes = {},
                                        .keyframes = {},
                                        .absences = {}});
      scene_.labels.tracks[at->second].keyframes.push_back(
          {.timestamp = row.timestamp,
           .cuboid = row.in_world,
           .stored_count = row.stored_count,
           .attributes = {},
           .source_row = static_cast<std::uint32_t>(source->rows.size())});
      source->rows.push_back(std::move(row));
    });
    for (Track& track : scene_.labels.tracks) {
      std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
      const auto twice = std::ranges::adjacent_find(track.keyframes, {}, &Keyframe::timestamp);
      if (twice != track.keyframes.end()) {
        throw BadRecord{fmt::format("instance {} has two annotations at {} ns: {}", track.id, twice->timestamp,
                                    (folder_ / "sample_annotation.json").string())};
      }
    }
    scene_.labels.source = std::move(source);
  }

  struct Calibration {
    std::string channel;
    SensorKind kind;
    Pose ego_from_sensor;
    std::optional<CameraIntrinsics> camera;
  };

  fs::path folder_;
  Scene scene_;
  std::string scene_token_;
  std::vector<Calibration> calibrations_;
  Tokens calibrations_of_token_, poses_of_token_, frame_of_sample_, foreign_samples_;
  std::map<std::size_t, std::uint32_t> sensor_of_calibration_;
  std::vector<TimedPose> poses_;
  std::vector<std::pair<TimestampNs, std::string>> samples_;
};

}  // namespace

bool recognises(const fs::path& path) { return table_folder(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto folder = table_folder(path);
  if (!folder) return Error{fmt::format("expected a folder v1.* with scene.json and sample.json: {}", path.string())};
  std::vector<SceneHandle> handles;
  try {
    read_table(*folder, "scene", [&](Record& record) {
      handles.push_back({Format::nuscenes, *folder, record.text("name")});
    });
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  }
  std::ranges::sort(handles, {}, &SceneHandle::name);
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  try {
    return Reader(handle).read();
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  }
}

namespace {

using Json = nlohmann::ordered_json;

/// 32 hexadecimal digits that depend on the texts alone.
std::string token_of(const std::string& text) {
  std::uint64_t a = 0xCBF29CE484222325ULL, b = 0x9E3779B97F4A7C15ULL;
  for (const char c : text) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    b = (b + a) * 0xBF58476D1CE4E5B9ULL ^ b >> 31;
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

void put_cuboid(Json& record, const Keyframe& keyframe) {
  const Cuboid& c = keyframe.cuboid;
  record["translation"] = {c.center.x, c.center.y, c.center.z};
  record["size"] = {c.size.y, c.size.x, c.size.z};
  record["rotation"] = {c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z};
  if (keyframe.stored_count) record["num_lidar_pts"] = *keyframe.stored_count;
}

/// What becomes of the records of this scene.
struct Changes {
  std::map<std::size_t, std::optional<Json>> of_record;  ///< nothing: dropped
  std::vector<Json> added;
  std::map<std::string, std::vector<std::pair<TimestampNs, std::string>>>
      chain;  ///< annotation tokens of each instance whose rows changed
};

Result<void> add_keyframe(const Source& source, const Track& track, const Keyframe& keyframe, std::vector<bool>& kept,
                          Changes& changes) {
  const auto sample = source.sample_at.find(keyframe.timestamp);
  if (sample == source.sample_at.end()) {
    return Error{
        fmt::format("nuScenes holds labels at samples only: track {} has one at {} ns; our own JSON holds any time",
                    track.id, keyframe.timestamp)};
  }
  if (keyframe.source_row < source.rows.size() && source.rows[keyframe.source_row].timestamp == keyframe.timestamp &&
      source.rows[keyframe.source_row].instance == track.id) {
    const Source::Row& row = source.rows[keyframe.source_row];
    kept[keyframe.source_row] = true;
    if (row.in_world == keyframe.cuboid && row.stored_count == keyframe.stored_count) return {};
    Json change;
    put_cuboid(change, keyframe);
    changes.of_record[row.record] = change;
    return {};
  }
  Json record = {{"token", token_of(track.id + sample->second)},
                 {"sample_token", sample->second},
                 {"instance_token", track.id},
                 {"visibility_token", ""},
                 {"attribute_tokens", Json::array()}};
  put_cuboid(record, keyframe);
  if (!keyframe.stored_count) record["num_lidar_pts"] = -1;
  record["num_radar_pts"] = 0;
  record["prev"] = "";
  record["next"] = "";
  changes.added.push_back(std::move(record));
  changes.chain[track.id];  // to be linked anew
  return {};
}

/// Links all annotations of the instances whose rows came or went.
void relink(const Source& source, const std::vector<bool>& kept, Changes& changes) {
  std::map<std::string, TimestampNs> time_of_sample;
  for (const auto& [time, token] : source.sample_at) time_of_sample[token] = time;
  for (std::size_t i = 0; i < source.rows.size(); ++i) {
    const auto chain = changes.chain.find(source.rows[i].instance);
    if (chain != changes.chain.end() && kept[i])
      chain->second.emplace_back(source.rows[i].timestamp, source.rows[i].token);
  }
  for (const Json& record : changes.added)
    changes.chain[record["instance_token"]].emplace_back(time_of_sample[record["sample_token"]], record["token"]);
  std::map<std::string, std::pair<std::string, std::string>> links;
  for (auto& [instance, tokens] : changes.chain) {
    std::ranges::sort(tokens);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      links[tokens[i].second] = {i == 0 ? "" : tokens[i - 1].second,
                                 i + 1 == tokens.size() ? "" : tokens[i + 1].second};
    }
  }
  for (std::size_t i = 0; i < source.rows.size(); ++i) {
    if (!kept[i]) {
      changes.of_record[source.rows[i].record] = std::nullopt;
    } else if (const auto link = links.find(source.rows[i].token); link != links.end()) {
      auto& change = changes.of_record[source.rows[i].record];
      if (!change) change = Json::object();
      (*change)["prev"] = link->second.first;
      (*change)["next"] = link->second.second;
    }
  }
  for (Json& record : changes.added) std::tie(record["prev"], record["next"]) = links[record["token"]];
}

/// Copies a table record by record: raw where nothing changed.
/// \param change  gives the fields to replace, an empty object for none, nothing to drop the record
std::string copy_table(const fs::path& folder, const char* name,
                       const std::function<std::optional<Json>(Record&)>& change, const std::vector<Json>& added) {
  std::string text = "[";
  const auto append = [&](const std::string& record) { text += (text.size() == 1 ? "\n" : ",\n") + record; };
  read_table(folder, name, [&](Record& record) {
    const auto fields = change(record);
    record.object().reset();
    const std::string raw(record.object().raw_json().value());
    if (!fields) return;
    if (fields->empty()) return append(raw);
    Json changed = Json::parse(raw);
    changed.update(*fields);
    append(changed.dump());
  });
  for (const Json& record : added) append(record.dump());
  return text + "\n]\n";
}

}  // namespace

Result<void> write_labels(const Scene&, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  if (source == nullptr)
    return Error{fmt::format("nuScenes labels refer to the tables they came from; these come from another format: {}",
                             out.string())};
  Changes changes;
  std::vector<bool> kept(source->rows.size(), false);
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      if (auto added = add_keyframe(*source, track, keyframe, kept, changes); !added) return added;
    }
  }
  for (std::size_t i = 0; i < source->rows.size(); ++i) {
    if (!kept[i]) changes.chain[source->rows[i].instance];
  }
  relink(*source, kept, changes);
  try {
    const std::string annotations = copy_table(
        source->tables, "sample_annotation",
        [&](Record& record) {
          const auto found = changes.of_record.find(record.number());
          return found == changes.of_record.end() ? std::optional(Json(Json::object())) : found->second;
        },
        changes.added);
    std::size_t linked = 0;
    const std::string instances =
        copy_table(source->tables, "instance",
                   [&](Record& record) {
                     const auto chain = changes.chain.find(record.text("token"));
                     if (chain == changes.chain.end()) return std::optional(Json(Json::object()));
                     ++linked;
                     if (chain->second.empty()) return std::optional<Json>{};
                     return std::optional(Json{{"nbr_annotations", chain->second.size()},
                                               {"first_annotation_token", chain->second.front().second},
                                               {"last_annotation_token", chain->second.back().second}});
                   },
                   {});
    if (linked != changes.chain.size())
      return Error{
          fmt::format("a track is not in instance.json; new tracks cannot be written as nuScenes: {}", out.string())};
    std::error_code failure;
    fs::create_directories(out, failure);
    if (auto written = write_file(out / "sample_annotation.json", annotations); !written) return written;
    return write_file(out / "instance.json", instances);
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  }
}

}  // namespace sweepmark::nuscenes
