// SPDX-License-Identifier: Apache-2.0
//
// Writing of nuScenes tables: changes to those that labels came from, or all tables of a scene from elsewhere.
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/image_scene.h"
#include "data/formats/nuscenes.h"
#include "data/formats/nuscenes_tables.h"
#include "data/formats/scene_tools.h"

namespace sweepmark::nuscenes {
namespace fs = std::filesystem;
namespace {

using namespace tables;
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

std::string category_token(const std::string& name) { return token_of("category " + name); }

void put_cuboid(Json& record, const Keyframe& keyframe) {
  const Cuboid& c = keyframe.cuboid;
  record["translation"] = {c.center.x, c.center.y, c.center.z};
  record["size"] = {c.size.y, c.size.x, c.size.z};
  record["rotation"] = {c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z};
  if (keyframe.stored_count) record["num_lidar_pts"] = *keyframe.stored_count;
}

Json new_annotation(const std::string& token, const std::string& sample, const std::string& instance,
                    const Keyframe& keyframe) {
  Json record = {{"token", token},
                 {"sample_token", sample},
                 {"instance_token", instance},
                 {"visibility_token", ""},
                 {"attribute_tokens", Json::array()}};
  put_cuboid(record, keyframe);
  if (!keyframe.stored_count) record["num_lidar_pts"] = -1;
  record["num_radar_pts"] = 0;
  record["prev"] = "";
  record["next"] = "";
  return record;
}

/// A table that is written record by record.
class TableFile {
 public:
  explicit TableFile(const fs::path& file) : path_(file), file_(file), out_(file_.temporary_path(), std::ios::binary) {
    out_ << '[';
  }
  void add(std::string_view record) {
    out_ << (is_empty_ ? "\n" : ",\n") << record;
    is_empty_ = false;
  }
  Result<void> finish() {
    out_ << "\n]\n";
    out_.close();
    if (!out_) return Error{fmt::format("cannot write: {}", path_.string())};
    return {};
  }
  Result<void> commit() { return file_.commit(); }

 private:
  fs::path path_;
  AtomicFile file_;
  std::ofstream out_;
  bool is_empty_ = true;
};

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
  changes.added.push_back(new_annotation(token_of(track.id + sample->second), sample->second, track.id, keyframe));
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
  for (auto& [instance, tokens] : changes.chain) {
    const auto bad = source.chain_of_bad_rows.find(instance);
    if (bad != source.chain_of_bad_rows.end()) tokens.insert(tokens.end(), bad->second.begin(), bad->second.end());
  }
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
void copy_table(const fs::path& folder, const char* name, const std::function<std::optional<Json>(Record&)>& change,
                const std::vector<Json>& added, TableFile& out) {
  read_table(folder, name, [&](Record& record) {
    const auto fields = change(record);
    if (!fields) return;
    if (fields->empty()) return out.add(record.raw());
    Json changed = Json::parse(record.raw());
    changed.update(*fields);
    out.add(changed.dump());
  });
  for (const Json& record : added) out.add(record.dump());
}

Json instance_fields(const std::vector<std::pair<TimestampNs, std::string>>& chain) {
  return {{"nbr_annotations", chain.size()},
          {"first_annotation_token", chain.front().second},
          {"last_annotation_token", chain.back().second}};
}

/// Categories by name; classes that the dataset does not have get a record.
struct Categories {
  std::map<std::string, std::string> token_of_name;
  std::vector<Json> added;

  explicit Categories(const fs::path& folder) {
    read_table(folder, "category", [&](Record& record) { token_of_name[record.text("name")] = record.text("token"); });
  }
  std::string token(const std::string& name) {
    const auto [known, is_new] = token_of_name.emplace(name, category_token(name));
    if (is_new) added.push_back({{"token", known->second}, {"name", name}, {"description", ""}});
    return known->second;
  }
};

/// Writes the tables that change into `out`.
Result<void> write_changes(const Source& source, const LabelSet& labels, const fs::path& out) {
  Changes changes;
  std::vector<bool> kept(source.rows.size(), false);
  std::map<std::string, const Track*> track_of_id;
  for (const Track& track : labels.tracks) {
    track_of_id[track.id] = &track;
    for (const Keyframe& keyframe : track.keyframes) {
      if (auto added = add_keyframe(source, track, keyframe, kept, changes); !added) return added;
    }
  }
  for (std::size_t i = 0; i < source.rows.size(); ++i) {
    if (!kept[i]) changes.chain[source.rows[i].instance];
  }
  relink(source, kept, changes);

  Categories categories(source.tables);
  std::vector<Json> new_instances;
  for (const auto& [instance, chain] : changes.chain) {
    if (chain.empty() || source.class_of_instance.contains(instance)) continue;
    Json record = {{"token", instance}, {"category_token", categories.token(track_of_id.at(instance)->class_name)}};
    record.update(instance_fields(chain));
    new_instances.push_back(std::move(record));
  }
  std::error_code failure;
  fs::create_directories(out, failure);
  TableFile annotations(out / "sample_annotation.json"), instances(out / "instance.json"),
      category(out / "category.json");
  copy_table(
      source.tables, "sample_annotation",
      [&](Record& record) {
        const auto found = changes.of_record.find(record.number());
        return found == changes.of_record.end() ? std::optional(Json(Json::object())) : found->second;
      },
      changes.added, annotations);
  copy_table(
      source.tables, "instance",
      [&](Record& record) -> std::optional<Json> {
        Json fields = Json::object();
        const std::string token = record.text("token");
        std::erase_if(new_instances, [&](const Json& added) { return added["token"] == token; });  // of another scene
        if (const auto chain = changes.chain.find(token); chain != changes.chain.end()) {
          if (chain->second.empty()) return std::nullopt;
          fields = instance_fields(chain->second);
        }
        const auto track = track_of_id.find(token);
        const auto before = source.class_of_instance.find(token);
        if (track != track_of_id.end() && before != source.class_of_instance.end() &&
            before->second != track->second->class_name)
          fields["category_token"] = categories.token(track->second->class_name);
        return fields;
      },
      new_instances, instances);
  copy_table(
      source.tables, "category", [](Record&) { return std::optional(Json(Json::object())); }, categories.added,
      category);
  // All are complete before the first takes its place.
  for (TableFile* table : {&annotations, &instances, &category}) {
    if (auto finished = table->finish(); !finished) return finished;
  }
  if (auto done = annotations.commit(); !done) return done;
  if (auto done = instances.commit(); !done) return done;
  return categories.added.empty() ? Result<void>{} : category.commit();
}

/// "1556675185903083.2": exact, where a double would not be.
std::string microseconds(TimestampNs time) {
  std::string text = fmt::format("{}.{:03}", time / 1000, std::abs(time % 1000));
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return time < 0 && time > -1000 ? "-" + text : text;
}

Json numbers(Vec3d v) { return {v.x, v.y, v.z}; }
Json numbers(Quat q) { return {q.w, q.x, q.y, q.z}; }

/// All tables of a scene that came from another format.
class SceneWriter {
 public:
  SceneWriter(const Scene& scene, const LabelSet& labels, const fs::path& folder)
      : scene_(scene), labels_(labels), folder_(folder), name_(file_name_of(scene)) {}

  Result<void> write() {
    if (scene_.frames.empty())
      return Error{fmt::format("nuScenes needs at least one frame, scene {} has none", scene_.name)};
    write_scene_tables();
    write_sensors();
    write_recordings();
    if (auto written = write_point_labels(); !written) return written;
    write_labels();
    for (const auto& [name, records] : records_) {
      std::string text = "[";
      for (const std::string& record : records) text += (text.size() == 1 ? "\n" : ",\n") + record;
      if (auto written = write_file_in_folder(folder_ / version / (name + ".json"), text + "\n]\n"); !written)
        return written;
    }
    return {};
  }

 private:
  static constexpr const char* version = "v1.0-sweepmark";
  static constexpr const char* pose_channel = "LIDAR_TOP";

  void add(const std::string& table, const Json& record) { records_[table].push_back(record.dump()); }
  /// With a time that a JSON number of ours could not hold exactly.
  void add_timed(const std::string& table, Json record, TimestampNs time) {
    std::string text = record.dump();
    text.pop_back();
    records_[table].push_back(text + ",\"timestamp\":" + microseconds(time) + "}");
  }
  std::string token(const std::string& what) const { return token_of(name_ + " " + what); }
  std::string sample(std::size_t frame) const { return token(fmt::format("sample {}", frame)); }

  void write_scene_tables() {
    const std::size_t last = scene_.frames.size() - 1;
    add("log", {{"token", token("log")}, {"logfile", name_}, {"vehicle", ""}, {"date_captured", ""}, {"location", ""}});
    add("map",
        {{"token", token("map")}, {"category", "semantic_prior"}, {"filename", ""}, {"log_tokens", {token("log")}}});
    add("scene", {{"token", token("scene")},
                  {"log_token", token("log")},
                  {"nbr_samples", scene_.frames.size()},
                  {"first_sample_token", sample(0)},
                  {"last_sample_token", sample(last)},
                  {"name", scene_.name},
                  {"description", fmt::format("converted from {}", format_name(scene_.format))}});
    for (std::size_t i = 0; i <= last; ++i) {
      add_timed("sample",
                {{"token", sample(i)},
                 {"scene_token", token("scene")},
                 {"prev", i == 0 ? "" : sample(i - 1)},
                 {"next", i == last ? "" : sample(i + 1)}},
                scene_.frames[i].timestamp);
    }
    records_["attribute"];
    for (const auto& [level, name] : {std::pair{"1", "v0-40"}, {"2", "v40-60"}, {"3", "v60-80"}, {"4", "v80-100"}})
      add("visibility", {{"token", level}, {"level", name}, {"description", ""}});
  }

  void add_sensor(const std::string& name, SensorKind kind, const Pose& ego_from_sensor,
                  const std::optional<CameraIntrinsics>& camera) {
    if (!channels_.insert(name).second) return;
    const char* modality = kind == SensorKind::camera ? "camera" : kind == SensorKind::radar ? "radar" : "lidar";
    add("sensor", {{"token", token("sensor " + name)}, {"channel", name}, {"modality", modality}});
    Json intrinsic = Json::array();
    if (camera)
      intrinsic = Json::array({Json::array({camera->fx, 0.0, camera->cx}), Json::array({0.0, camera->fy, camera->cy}),
                               Json::array({0.0, 0.0, 1.0})});
    add("calibrated_sensor", {{"token", token("calibration " + name)},
                              {"sensor_token", token("sensor " + name)},
                              {"translation", numbers(ego_from_sensor.translation)},
                              {"rotation", numbers(ego_from_sensor.rotation)},
                              {"camera_intrinsic", intrinsic}});
  }

  void write_sensors() {
    for (const Sensor& sensor : scene_.sensors) {
      const bool is_lidar = sensor.kind == SensorKind::lidar;
      if (is_lidar && lidar_.empty()) lidar_ = sensor.name;
      add_sensor(sensor.name, sensor.kind, sensor.ego_from_sensor, sensor.camera);
    }
    if (lidar_.empty()) {
      lidar_ = pose_channel;
      add_sensor(lidar_, SensorKind::lidar, {}, {});
    }
  }

  /// Relative to the dataset's folder; the folder is renamed in place, so paths hold.
  std::string path_of(const fs::path& file) const {
    std::error_code failure;
    return fs::absolute(file, failure).lexically_proximate(fs::absolute(folder_, failure)).generic_string();
  }

  void add_data(const std::string& data, const std::string& channel, std::size_t frame, TimestampNs time,
                const Pose& world_from_ego, const std::string& file, const std::optional<CameraIntrinsics>& camera) {
    add_timed("ego_pose",
              {{"token", data},
               {"rotation", numbers(world_from_ego.rotation)},
               {"translation", numbers(world_from_ego.translation)}},
              time);
    add_timed("sample_data",
              {{"token", data},
               {"sample_token", sample(frame)},
               {"ego_pose_token", data},
               {"calibrated_sensor_token", token("calibration " + channel)},
               {"fileformat", camera ? "jpg" : "pcd"},
               {"is_key_frame", true},
               {"height", camera ? camera->height : 0},
               {"width", camera ? camera->width : 0},
               {"filename", file},
               {"prev", ""},
               {"next", ""}},
              time);
  }

  void write_recordings() {
    for (std::size_t i = 0; i < scene_.frames.size(); ++i) {
      const Frame& frame = scene_.frames[i];
      std::string file;
      for (const std::uint32_t s : frame.sweeps) {
        const SweepRef& sweep = scene_.sweeps[s];
        const bool readable = sweep.kind == PointFileKind::nuscenes_bin || sweep.kind == PointFileKind::pcd;
        if (readable && scene_.sensors[sweep.sensor].name == lidar_) file = path_of(sweep.file);
      }
      add_data(token(fmt::format("data {} {}", lidar_, i)), lidar_, i, frame.timestamp, frame.world_from_ego, file, {});
      for (const std::uint32_t m : frame.images) {
        const ImageRef& image = scene_.images[m];
        const Sensor& sensor = scene_.sensors[image.sensor];
        // A frame has one image of each camera here.
        const std::string data = token(fmt::format("data {} {}", sensor.name, i));
        if (!images_.insert(data).second) continue;
        add_data(data, sensor.name, i, image.timestamp, image.world_from_sensor * inverse(sensor.ego_from_sensor),
                 path_of(image_scene::named_file(image)), sensor.camera ? sensor.camera : CameraIntrinsics{});
      }
    }
  }

  /// Class numbers as the format can hold them: the dataset's own, or positions among the named ones.
  std::map<std::uint16_t, std::uint16_t> point_class_numbers(std::uint16_t most) const {
    std::map<std::uint16_t, std::uint16_t> numbers;
    const bool fits = labels_.point_classes.empty() || labels_.point_classes.rbegin()->first <= most;
    for (const auto& [number, name] : labels_.point_classes)
      numbers[number] = fits ? number : static_cast<std::uint16_t>(numbers.size());
    return numbers;
  }

  Result<void> write_point_labels() {
    if (labels_.point_labels.empty()) return {};
    const auto frames = frame_numbers(scene_);
    bool instances = false;
    for (const SweepPointLabels& sweep : labels_.point_labels)
      instances = instances || (sweep.values != nullptr ? !sweep.values->instances.empty()
                                                        : sweep.kind != PointLabelKind::class_bytes);
    const std::string kind = instances ? "panoptic" : "lidarseg";
    const auto numbers = point_class_numbers(instances ? 64 : 255);
    for (const SweepPointLabels& sweep : labels_.point_labels) {
      const auto frame = frames.find(sweep.timestamp);
      if (frame == frames.end())
        return Error{
            fmt::format("nuScenes holds point labels at frames only: there is no frame at {} ns", sweep.timestamp)};
      auto values = read_point_labels(sweep);
      if (!values) return values.error();
      for (std::uint16_t& c : values->classes) {
        const auto number = numbers.find(c);
        if (number != numbers.end()) c = number->second;
      }
      auto bytes =
          point_label_bytes(*values, instances ? PointLabelKind::nuscenes_panoptic : PointLabelKind::class_bytes);
      if (!bytes) return Error{fmt::format("{} in the labels of {}", bytes.error().message, sweep.file.string())};
      const std::string data = token(fmt::format("data {} {}", lidar_, frame->second));
      const std::string file = fmt::format("{}/{}/{}_{}.{}", kind, version, data, kind, instances ? "npz" : "bin");
      if (auto written = write_file_in_folder(folder_ / file, *bytes); !written) return written;
      add(kind, {{"token", data}, {"sample_data_token", data}, {"filename", file}});
    }
    for (const auto& [number, index] : numbers) index_of_class_[labels_.point_classes.at(number)] = index;
    return {};
  }

  void write_labels() {
    records_["instance"], records_["sample_annotation"], records_["category"];
    const auto frames = frame_numbers(scene_);
    std::map<std::string, std::optional<std::uint16_t>> categories;
    for (const auto& [name, index] : index_of_class_) categories[name] = index;
    for (const Track& track : labels_.tracks) {
      if (track.keyframes.empty()) continue;
      categories.try_emplace(track.class_name);
      // Tokens of instances are what our reader calls the track.
      const auto annotation = [&](std::size_t i) { return token(fmt::format("annotation {} {}", track.id, i)); };
      add("instance", {{"token", track.id},
                       {"category_token", category_token(track.class_name)},
                       {"nbr_annotations", track.keyframes.size()},
                       {"first_annotation_token", annotation(0)},
                       {"last_annotation_token", annotation(track.keyframes.size() - 1)}});
      for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
        const Keyframe& keyframe = track.keyframes[i];
        const auto frame = frames.find(keyframe.timestamp);
        if (frame == frames.end())
          throw BadRecord{fmt::format("nuScenes holds labels at frames only: track {} has one at {} ns", track.id,
                                      keyframe.timestamp)};
        Json record = new_annotation(annotation(i), sample(frame->second), track.id, keyframe);
        if (i > 0) record["prev"] = annotation(i - 1);
        if (i + 1 < track.keyframes.size()) record["next"] = annotation(i + 1);
        add("sample_annotation", record);
      }
    }
    for (const auto& [name, index] : categories) {
      Json record = {{"token", category_token(name)}, {"name", name}, {"description", ""}};
      if (index) record["index"] = *index;
      add("category", record);
    }
  }

  const Scene& scene_;
  const LabelSet& labels_;
  const fs::path& folder_;
  std::string name_, lidar_;
  std::set<std::string> channels_, images_;
  std::map<std::string, std::uint16_t> index_of_class_;
  std::map<std::string, std::vector<std::string>> records_;
};

Result<void> without_throwing(const fs::path& out, const std::function<Result<void>()>& write) {
  try {
    return write();
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  } catch (const Json::exception& error) {  // a text that is not UTF-8
    return Error{fmt::format("cannot be written as JSON ({}): {}", error.what(), out.string())};
  }
}

}  // namespace

Result<void> write_labels(const Scene&, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  if (source == nullptr)
    return Error{fmt::format(
        "nuScenes labels refer to the tables they came from; these come from another format (`sweepmark convert` "
        "writes all tables): {}",
        out.string())};
  return without_throwing(out, [&] { return write_changes(*source, labels, out); });
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  return without_throwing(folder, [&]() -> Result<void> {
    const auto* source = dynamic_cast<const Source*>(labels.source.get());
    if (source == nullptr) return SceneWriter(scene, labels, folder).write();
    // Every table goes along; those that change are written anew.
    const fs::path tables = folder / source->tables.filename();
    std::error_code failure;
    fs::create_directories(tables, failure);
    for (const auto& entry : fs::directory_iterator(source->tables, failure)) {
      if (entry.path().extension() == ".json") fs::copy_file(entry.path(), tables / entry.path().filename(), failure);
      if (failure) return Error{fmt::format("cannot copy ({}): {}", failure.message(), entry.path().string())};
    }
    return write_changes(*source, labels, tables);
  });
}

}  // namespace sweepmark::nuscenes
