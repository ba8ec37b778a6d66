// SPDX-License-Identifier: Apache-2.0
//
// Source: schema_nuimages.md of nuscenes-devkit. A sample is one annotated image, `key_camera_token`, with six before
// and six behind it; samples belong to logs, and there are no scenes.
#include "data/formats/nuimages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "data/formats/nuscenes_images.h"
#include "data/formats/nuscenes_tables.h"

namespace sweepmark::nuimages {
namespace fs = std::filesystem;
namespace {

using namespace nuscenes::tables;

std::optional<fs::path> table_folder(const fs::path& path) {
  const auto has_tables = [](const fs::path& folder) {
    return std::ranges::all_of(std::array{"sample", "sample_data", "log", "object_ann"},
                               [&](const char* table) { return has_table(folder, table); }) &&
           !has_table(folder, "scene");
  };
  if (has_tables(path)) return path;
  std::set<fs::path> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (entry.path().filename().string().starts_with("v1.") && has_tables(entry.path())) found.insert(entry.path());
  }
  return found.empty() ? std::nullopt : std::optional(*found.begin());
}

/// Names of logs by their tokens: their files, with the token where two have one name.
std::map<std::string, std::string> names_of_logs(const fs::path& folder) {
  std::map<std::string, std::string> names;
  std::set<std::string> taken;
  read_table(folder, "log", [&](Record& record) {
    const std::string token = record.text("token"), name = record.text("logfile");
    names[token] = !name.empty() && taken.insert(name).second ? name : name + (name.empty() ? "" : "-") + token;
  });
  return names;
}

class Reader {
 public:
  explicit Reader(const SceneHandle& handle) : folder_(handle.root) {
    scene_.format = Format::nuimages;
    scene_.root = handle.root;
    scene_.name = handle.name;
  }

  Scene read() {
    const auto names = names_of_logs(folder_);
    const auto log = std::ranges::find(names, scene_.name, [](const auto& entry) { return entry.second; });
    if (log == names.end())
      throw BadRecord{fmt::format("no log named {}: {}", scene_.name, (folder_ / "log.json").string())};
    read_table(folder_, "sample", [&](Record& record) {
      if (record.text("log_token") != log->first) return;
      samples_.insert(record.text("token"));
      key_images_.insert(record.text("key_camera_token"));
    });
    read_cameras();
    read_images();
    read_image_labels(folder_, images_, scene_);
    return std::move(scene_);
  }

 private:
  void read_cameras() {
    std::unordered_map<std::string, std::string> channels;
    read_table(folder_, "sensor", [&](Record& record) { channels[record.text("token")] = record.text("channel"); });
    read_table(folder_, "calibrated_sensor", [&](Record& record) {
      const std::string sensor = record.text("sensor_token");
      const auto channel = channels.find(sensor);
      if (channel == channels.end())
        record.fail("sensor_token", fmt::format("the token of a known record, got \"{}\"", sensor));
      channel_of_calibration_[record.text("token")] = channel->second;
    });
  }

  std::uint32_t sensor_of(const std::string& channel) {
    const auto known = std::ranges::find(scene_.sensors, channel, &Sensor::name);
    if (known != scene_.sensors.end()) return static_cast<std::uint32_t>(known - scene_.sensors.begin());
    scene_.sensors.push_back({channel, SensorKind::camera, {}, {}});
    return static_cast<std::uint32_t>(scene_.sensors.size() - 1);
  }

  void read_images() {
    struct Data {
      ImageRef image;
      bool is_key;
    };
    std::vector<Data> all;
    read_table(folder_, "sample_data", [&](Record& record) {
      if (!samples_.contains(record.text("sample_token"))) return;
      const std::string calibration = record.text("calibrated_sensor_token"), token = record.text("token");
      const auto channel = channel_of_calibration_.find(calibration);
      if (channel == channel_of_calibration_.end())
        record.fail("calibrated_sensor_token", fmt::format("the token of a known record, got \"{}\"", calibration));
      const auto side = [&](const char* name) {
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(record.integer_or(name, 0), 0, 1 << 20));
      };
      const TimestampNs time = record.microseconds("timestamp");
      const ImagePlace place{channel->second, time, side("width"), side("height")};
      ImageRef image{.sensor = sensor_of(place.camera),
                     .timestamp = time,
                     .file = folder_.parent_path() / record.text("filename"),
                     .world_from_sensor = {},
                     .width = place.width,
                     .height = place.height};
      all.push_back({std::move(image), key_images_.contains(token)});
      images_.emplace(token, place);
    });
    std::ranges::stable_sort(all, {}, [](const Data& data) { return data.image.timestamp; });
    for (Data& data : all) {
      const auto number = static_cast<std::uint32_t>(scene_.images.size());
      const TimestampNs time = data.image.timestamp;
      scene_.images.push_back(std::move(data.image));
      if (!data.is_key) continue;
      if (scene_.frames.empty() || scene_.frames.back().timestamp != time) scene_.frames.push_back({time, {}, {}, {}});
      scene_.frames.back().images.push_back(number);
    }
  }

  fs::path folder_;
  Scene scene_;
  std::unordered_set<std::string> samples_, key_images_;
  std::unordered_map<std::string, std::string> channel_of_calibration_;
  ImagesOfTokens images_;
};

}  // namespace

bool recognises(const fs::path& path) { return table_folder(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto folder = table_folder(path);
  if (!folder)
    return Error{
        fmt::format("expected a folder v1.* with sample, sample_data, log and object_ann.json: {}", path.string())};
  std::vector<SceneHandle> handles;
  try {
    std::set<std::string> logs;
    read_table(*folder, "sample", [&](Record& record) { logs.insert(record.text("log_token")); });
    const auto names = names_of_logs(*folder);
    for (const std::string& log : logs) {
      const auto name = names.find(log);
      if (name == names.end())
        return Error{
            fmt::format("expected the log \"{}\" that samples name: {}", log, (*folder / "log.json").string())};
      handles.push_back({Format::nuimages, *folder, name->second});
    }
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

}  // namespace sweepmark::nuimages
