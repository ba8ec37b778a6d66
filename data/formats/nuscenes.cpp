// SPDX-License-Identifier: Apache-2.0
//
// Reading of nuScenes tables.
#include "data/formats/nuscenes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "data/formats/bad_rows.h"
#include "data/formats/nuscenes_images.h"
#include "data/formats/nuscenes_index.h"
#include "data/formats/nuscenes_tables.h"
#include "kernels/math/rigid.h"

namespace sweepmark::nuscenes {
namespace fs = std::filesystem;
namespace {

using namespace tables;

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
    index_ = index_of(folder_);
    const auto records = index_->find(scene_.name);
    if (records == index_->end())
      throw BadRecord{fmt::format("no scene named {}: {}", scene_.name, (folder_ / "scene.json").string())};
    records_ = &records->second;
    read_sensors();
    read_samples();
    read_sample_data();
    read_labels();
    read_image_labels(folder_, images_, scene_);
    return std::move(scene_);
  }

 private:
  void read_sensors() {
    Tokens sensors;
    std::vector<std::pair<std::string, SensorKind>> channels;
    read_table(folder_, "sensor", [&](Record& record) {
      sensors[record.text("token")] = channels.size();
      channels.emplace_back(record.text("channel"), kind_of(record.text("modality")));
    });
    // Every calibration is a sensor of ours: one channel may have several over a dataset.
    read_records(folder_, "calibrated_sensor", records_->calibrated_sensors, [&](Record& record) {
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
    return CameraIntrinsics{m[0], m[4], m[2], m[5], 0, 0, "pinhole", read_distortion(record)};
  }

  /// nuScenes, Lyft and TruckScenes publish undistorted images; TIER IV's T4 tables give the lens of images as taken,
  /// in OpenCV's order k1 k2 p1 p2 k3.
  static std::vector<double> read_distortion(Record& record) {
    std::vector<double> k;
    od::array values;
    if (record.object().find_field_unordered("camera_distortion").get_array().get(values) != simdjson::SUCCESS)
      return k;
    for (auto value : values) {
      double number = 0;
      if (k.size() == 8 || value.get_double().get(number) != simdjson::SUCCESS)
        record.fail("camera_distortion", "up to 8 numbers");
      k.push_back(number);
    }
    while (!k.empty() && k.back() == 0) k.pop_back();
    return k;
  }

  void read_samples() {
    read_records(folder_, "sample", records_->samples, [&](Record& record) {
      samples_.emplace_back(record.microseconds("timestamp"), record.text("token"));
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
    read_records(folder_, "ego_pose", records_->ego_poses, [&](Record& record) {
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
    std::string token;
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
    read_records(folder_, "sample_data", records_->sample_data, [&](Record& record) {
      const std::string file = record.text("filename");
      all.push_back({record.text("token"), record.microseconds("timestamp"),
                     follow(calibrations_of_token_, record, "calibrated_sensor_token"),
                     follow(poses_of_token_, record, "ego_pose_token"),
                     follow(frame_of_sample_, record, "sample_token"), record.boolean("is_key_frame"),
                     file.empty() ? fs::path() : data_root / file, static_cast<int>(record.integer_or("width", 0)),
                     static_cast<int>(record.integer_or("height", 0))});
    });
    std::ranges::stable_sort(all, {}, &Data::timestamp);
    std::map<TimestampNs, Pose> poses;
    read_point_label_files();
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
    if (data.file.empty()) {  // labels converted from another dataset: a pose without a recording
      if (data.is_key) frame.world_from_ego = world_from_ego;
      if (calibration.kind != SensorKind::radar) sensor_of(data.calibration);
    } else if (calibration.kind == SensorKind::lidar) {
      if (data.is_key) frame.sweeps.push_back(static_cast<std::uint32_t>(scene_.sweeps.size()));
      const auto kind = data.file.string().ends_with(".bin") ? PointFileKind::nuscenes_bin : PointFileKind::pcd;
      scene_.sweeps.push_back({sensor_of(data.calibration), data.timestamp, data.file, kind, world_from_sensor});
    } else if (calibration.kind == SensorKind::camera) {
      const std::uint32_t sensor = sensor_of(data.calibration);
      if (auto& camera = scene_.sensors[sensor].camera) camera->width = data.width, camera->height = data.height;
      if (data.is_key) frame.images.push_back(static_cast<std::uint32_t>(scene_.images.size()));
      const auto side = [](int pixels) { return static_cast<std::uint32_t>(std::max(pixels, 0)); };
      const std::uint32_t width = side(data.width), height = side(data.height);
      scene_.images.push_back({sensor, data.timestamp, data.file, world_from_sensor, width, height});
      images_[data.token] = {calibration.channel, data.timestamp, width, height};
    }
    if (const auto file = point_label_files_.find(data.token); file != point_label_files_.end()) {
      scene_.labels.point_labels.push_back(
          {data.timestamp, calibration.channel, file->second.first, file->second.second, nullptr});
    }
  }

  /// lidarseg and panoptic: files of point labels by the token of their sweep; panoptic says more.
  void read_point_label_files() {
    const auto read = [&](const char* table, const std::vector<RecordPlace>& records, PointLabelKind kind) {
      read_records(folder_, table, records, [&](Record& record) {
        const std::string sweep = record.text("sample_data_token");
        point_label_files_[sweep] = {folder_.parent_path() / record.text("filename"), kind};
      });
    };
    read("lidarseg", records_->lidarseg, PointLabelKind::class_bytes);
    read("panoptic", records_->panoptic, PointLabelKind::nuscenes_panoptic);
    if (point_label_files_.empty() || !has_table(folder_, "category")) return;
    read_table(folder_, "category", [&](Record& record) {
      const std::int64_t index = record.integer_or("index", -1);
      if (index >= 0 && index <= 0xFFFF)
        scene_.labels.point_classes[static_cast<std::uint16_t>(index)] = record.text("name");
    });
  }

  void read_labels() {
    if (!has_table(folder_, "sample_annotation")) {
      scene_.notes.push_back("no sample_annotation.json: a scene without labels");
      return;
    }
    Tokens categories, instances;
    std::vector<std::string> category_names, instance_tokens, instance_classes;
    read_table(folder_, "category", [&](Record& record) {
      categories[record.text("token")] = category_names.size();
      category_names.push_back(record.text("name"));
    });
    read_records(folder_, "instance", records_->instances, [&](Record& record) {
      instances[record.text("token")] = instance_tokens.size();
      instance_tokens.push_back(record.text("token"));
      instance_classes.push_back(class_of(categories, category_names, record));
    });
    auto source = std::make_shared<Source>();
    source->tables = folder_;
    for (const auto& [time, token] : samples_) source->sample_at[time] = token;
    for (std::size_t i = 0; i < instance_tokens.size(); ++i)
      source->class_of_instance[instance_tokens[i]] = instance_classes[i];
    std::map<std::size_t, std::size_t> track_of_instance;
    std::set<std::pair<std::size_t, TimestampNs>> seen;
    read_records(folder_, "sample_annotation", records_->annotations, [&](Record& record) {
      const auto& [time, sample] = samples_[follow(frame_of_sample_, record, "sample_token")];
      const std::size_t instance = follow(instances, record, "instance_token");
      const Vec3d wlh = record.vector("size");
      const std::int64_t count = record.integer_or("num_lidar_pts", -1);
      const Cuboid cuboid{record.vector("translation"), {wlh.y, wlh.x, wlh.z}, record.rotation_as_is()};
      const std::string token = record.text("token");
      auto fault = cuboid_fault(cuboid);
      if (!fault && !seen.emplace(instance, time).second)
        fault = second_row_fault("instance " + instance_tokens[instance]);
      if (fault) {  // its record stays in the table, since nothing says that it goes
        add_bad_row(scene_.labels.bad_rows,
                    bad_row_at(folder_ / "sample_annotation.json", fmt::format("record {}", record.number()),
                               instance_tokens[instance], time),
                    *std::move(fault));
        source->chain_of_bad_rows[instance_tokens[instance]].emplace_back(time, token);
        return;
      }
      Source::Row row{record.number(),
                      token,
                      sample,
                      time,
                      instance_tokens[instance],
                      {cuboid.center, cuboid.size, Record::as_unit(cuboid.rotation)},
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
  std::shared_ptr<const TableIndex> index_;
  const SceneRecords* records_ = nullptr;
  std::vector<Calibration> calibrations_;
  Tokens calibrations_of_token_, poses_of_token_, frame_of_sample_;
  std::map<std::size_t, std::uint32_t> sensor_of_calibration_;
  std::vector<TimedPose> poses_;
  ImagesOfTokens images_;
  std::unordered_map<std::string, std::pair<fs::path, PointLabelKind>> point_label_files_;
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

Result<std::map<std::string, TimestampNs>> sample_times(const Scene& scene) {
  std::map<std::string, TimestampNs> times;
  try {
    const auto index = index_of(scene.root);
    const auto records = index->find(scene.name);
    if (records == index->end()) return Error{fmt::format("no scene named {}: {}", scene.name, scene.root.string())};
    read_records(scene.root, "sample", records->second.samples,
                 [&](Record& record) { times[record.text("token")] = record.microseconds("timestamp"); });
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  }
  return times;
}

namespace {

/// One table of a scene: records as they are in the file.
class TableText {
 public:
  void add(Record& record) { text_ += fmt::format("{}{}", text_.size() == 1 ? "\n" : ",\n", record.raw()); }
  OriginFile file(const fs::path& folder, const char* name) const {
    return {(folder.filename() / (std::string(name) + ".json")).generic_string(), text_ + "\n]\n"};
  }

 private:
  std::string text_ = "[";
};

}  // namespace

Result<std::vector<OriginFile>> origin_files(const SceneHandle& handle) {
  const fs::path& folder = handle.root;
  std::vector<OriginFile> files;
  try {
    const auto index = index_of(folder);
    const auto found = index->find(handle.name);
    if (found == index->end()) return Error{fmt::format("no scene named {}: {}", handle.name, folder.string())};
    const SceneRecords& records = found->second;
    for (const auto& [name, places] : {std::pair{"sample", &records.samples},
                                       {"sample_data", &records.sample_data},
                                       {"ego_pose", &records.ego_poses},
                                       {"calibrated_sensor", &records.calibrated_sensors},
                                       {"lidarseg", &records.lidarseg},
                                       {"panoptic", &records.panoptic},
                                       {"sample_annotation", &records.annotations},
                                       {"instance", &records.instances}}) {
      if (!has_table(folder, name)) continue;
      TableText table;
      read_records(folder, name, *places, [&](Record& record) { table.add(record); });
      files.push_back(table.file(folder, name));
    }
    // Labels in images name the recordings, not the scene.
    std::set<std::string> recordings;
    read_records(folder, "sample_data", records.sample_data,
                 [&](Record& record) { recordings.insert(record.text("token")); });
    for (const char* name : {"object_ann", "surface_ann"}) {
      if (!has_table(folder, name)) continue;
      TableText table;
      read_table(folder, name, [&](Record& record) {
        if (recordings.contains(record.text("sample_data_token"))) table.add(record);
      });
      files.push_back(table.file(folder, name));
    }
    TableText scene;
    read_table(folder, "scene", [&](Record& record) {
      if (record.text("name") == handle.name) scene.add(record);
    });
    files.push_back(scene.file(folder, "scene"));
  } catch (const BadRecord& bad) {
    return Error{bad.message};
  }
  // Those that do not grow with the scenes.
  for (const char* name : {"sensor", "category", "attribute", "visibility", "log", "map"}) {
    const std::string file = std::string(name) + ".json";
    if (!has_table(folder, name)) continue;
    auto content = read_file(folder / file);
    if (!content) return content.error();
    files.push_back({(folder.filename() / file).generic_string(), *std::move(content)});
  }
  return files;
}

}  // namespace sweepmark::nuscenes
