// SPDX-License-Identifier: Apache-2.0
//
// Supervisely point cloud episodes: a dataset's folder with annotation.json (objects, and figures by frame),
// pointcloud/*.pcd and frame_pointcloud_map.json. Cuboids in the cloud's frame: centre, dimensions along their own
// axes, Euler angles x y z. Source: Supervisely's documentation of its format for point cloud episodes.
#include "data/formats/supervisely.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/numbered_names.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"

namespace sweepmark::supervisely {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* label_file = "annotation.json";
constexpr const char* id_tag = "track_id";
constexpr const char* cuboid_type = "cuboid_3d";

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    if (has_other_figures) return {"figures that are no cuboids"};
    return {};
  }
  std::string text;
  Json root;
  LabelElements elements;
  std::vector<std::int64_t> frame_index;  ///< of the file, by our number
  std::map<TimestampNs, std::size_t> frame_at;
  std::map<std::string, std::string> key_of_track;
  std::map<std::string, Attributes> attributes_of_track;
  bool has_other_figures = false;
};

/// Tags are {"name":, "value":}; a tag without a value is a flag.
Attributes read_tags(const Json& object, const std::string& where) {
  Attributes out;
  json::each(object, "tags", where, [&](const Json& tag, const std::string& at) {
    const Json* value = json::optional_member(tag, "value");
    out[json::text_of(tag, "name", at)] = value == nullptr ? "" : json::attribute_text(*value);
  });
  return out;
}

Json tags_of(const Attributes& attributes) {
  Json out = Json::array();
  for (const auto& [name, text] : attributes) {
    Json tag = {{"name", name}};
    if (!text.empty()) tag["value"] = json::attribute_value(text);
    out.push_back(std::move(tag));
  }
  return out;
}

struct Object {
  std::string track, class_name;
};

class Reader {
 public:
  explicit Reader(Source& source) : source_(source) {}

  void read() {
    const Json& root = json::object(source_.root, "");
    json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string key = json::text_of(object, "key", at);
      Attributes tags = read_tags(object, at);
      std::string track = key;
      if (const auto id = tags.find(id_tag); id != tags.end()) {
        track = id->second;
        tags.erase(id);
      }
      if (!source_.key_of_track.emplace(track, key).second ||
          !objects_.emplace(key, Object{track, json::text_of(object, "classTitle", at)}).second)
        json::fail(at + "/key", fmt::format("each key once, got \"{}\" again", key));
      source_.attributes_of_track[track] = std::move(tags);
    });
    std::set<std::int64_t> indices;
    json::each(root, "frames", "", [&](const Json& frame, const std::string& at) {
      const std::int64_t index = json::integer_of(frame, "index", at);
      if (index < 0 || index > INT32_MAX)
        json::fail(at + "/index", fmt::format("the number of a frame, got {}", index));
      if (!indices.insert(index).second) json::fail(at + "/index", fmt::format("each frame once, got {} again", index));
    });
    constexpr std::int64_t most_frames = 100'000;
    const Json* count = json::optional_member(root, "framesCount");
    const std::int64_t frames = count == nullptr ? 0 : json::integer(*count, "/framesCount");
    if (frames < 0 || frames > most_frames)
      json::fail("/framesCount", fmt::format("a number of frames up to {}, got {}", most_frames, frames));
    for (std::int64_t i = 0; i < frames; ++i) indices.insert(i);
    source_.frame_index.assign(indices.begin(), indices.end());
    std::map<std::int64_t, std::size_t> number_of_index;
    for (std::size_t i = 0; i < source_.frame_index.size(); ++i) {
      number_of_index[source_.frame_index[i]] = i;
      source_.frame_at[source_.frame_index[i] * numbered_frame_period] = i;
    }
    json::each(root, "frames", "", [&](const Json& frame, const std::string& at) {
      const std::int64_t index = json::integer_of(frame, "index", at);
      json::each(frame, "figures", at, [&](const Json& figure, const std::string& place) {
        read_figure(figure, place, index, number_of_index[index]);
      });
    });
  }

 private:
  void read_figure(const Json& figure, const std::string& at, std::int64_t index, std::size_t number) {
    if (json::text_of(figure, "geometryType", at) != cuboid_type) {
      source_.has_other_figures = true;
      source_.elements.keep(number, figure);
      return;
    }
    const std::string key = json::text_of(figure, "objectKey", at);
    const auto object = objects_.find(key);
    if (object == objects_.end()) json::fail(at + "/objectKey", fmt::format("the key of an object, got \"{}\"", key));
    const Json& geometry = json::member(figure, "geometry", at);
    const std::string place = at + "/geometry";
    const Vec3d position = json::vector_of_members(json::member(geometry, "position", place), place + "/position"),
                angles = json::vector_of_members(json::member(geometry, "rotation", place), place + "/rotation"),
                size = json::vector_of_members(json::member(geometry, "dimensions", place), place + "/dimensions");
    if (!(size.x > 0 && size.y > 0 && size.z > 0)) json::fail(place + "/dimensions", "dimensions above 0");
    LabelRow row{index * numbered_frame_period,
                 object->second.track,
                 object->second.class_name,
                 {position, size, quat_from_xyz(angles)},
                 {},
                 read_tags(figure, at)};
    if (!source_.elements.add(number, figure, std::move(row)))
      json::fail(at, fmt::format("one cuboid of an object in a frame, got a second of {}", key));
  }

  Source& source_;
  std::map<std::string, Object> objects_;
};

/// Clouds by the index of their frame: frame_pointcloud_map.json, or else the files in the order of their names.
Result<std::map<std::int64_t, fs::path>> read_clouds(const fs::path& folder) {
  std::map<std::int64_t, fs::path> clouds;
  std::error_code failure;
  const fs::path file = folder / "frame_pointcloud_map.json";
  if (fs::exists(file, failure)) {
    auto content = read_file(file);
    if (!content) return content.error();
    const auto root = json::parse(*content, file);
    if (!root) return root.error();
    const auto read = json::guard(file, [&] {
      for (const auto& [key, name] : json::object(*root, "").items()) {
        std::int64_t index = 0;
        if (!parse_number(key, index) || index < 0 || index > INT32_MAX)
          json::fail("/" + key, "the index of a frame as the member's name");
        const fs::path cloud = folder / "pointcloud" / json::text(name, "/" + key);
        if (fs::exists(cloud, failure)) clouds[index] = cloud;
      }
    });
    if (!read) return read.error();
    return clouds;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / "pointcloud", failure)) {
    if (point_file_kind(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files, natural_less, [](const fs::path& cloud) { return cloud.stem().string(); });
  for (std::size_t i = 0; i < files.size(); ++i) clouds[static_cast<std::int64_t>(i)] = files[i];
  return clouds;
}

fs::path file_of(const fs::path& path) { return path.filename() == label_file ? path : path / label_file; }

}  // namespace

bool recognises(const fs::path& path) {
  return begins_like(head_of(file_of(path), ".json"), '{', {"\"objects\"", "\"frames\"", "\"framesCount\""}) ||
         begins_like(head_of(file_of(path), ".json"), '{', {"\"objects\"", "\"classTitle\""});
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected an annotation.json with objects and frames: {}", path.string())};
  const fs::path folder = fs::absolute(file_of(path)).parent_path();
  return std::vector<SceneHandle>{{Format::supervisely, file_of(path).parent_path(), folder.filename().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  const fs::path file = handle.root / label_file;
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse(*content, file);
  if (!root) return root.error();
  auto source = std::make_shared<Source>();
  source->text = *std::move(content);
  source->root = *std::move(root);
  if (const auto read = json::guard(file, [&] { Reader(*source).read(); }); !read) return read.error();
  auto clouds = read_clouds(handle.root);
  if (!clouds) return clouds.error();

  Scene scene;
  scene.format = Format::supervisely;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.assume_times("frames have numbers but no times, and no poses: 100 ms apart, in the cloud's frame");
  scene.sensors.push_back({.name = "pointcloud", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  for (const std::int64_t index : source->frame_index) {
    Frame frame{index * numbered_frame_period, {}, {}, {}};
    if (const auto cloud = clouds->find(index); cloud != clouds->end()) {
      auto kind = point_file_kind(cloud->second);
      if (!kind) return kind.error();
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, frame.timestamp, cloud->second, *kind, {}});
    }
    scene.frames.push_back(std::move(frame));
  }
  scene.labels.tracks = source->elements.rows.tracks();
  for (Track& track : scene.labels.tracks) track.attributes = source->attributes_of_track[track.id];
  scene.labels.source = std::move(source);
  return scene;
}

namespace {

/// 32 hexadecimal digits from a text, as the format's keys are.
std::string key_of(const std::string& text) {
  std::uint64_t a = 0xCBF29CE484222325ULL, b = 0x9E3779B97F4A7C15ULL;
  for (const char c : text) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    b = ((b + a) * 0xBF58476D1CE4E5B9ULL) ^ (b >> 31);
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

bool is_key(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Source none;
  const LabelElements& elements = source != nullptr ? source->elements : none.elements;
  auto ordered = labels_in_order(labels, source != nullptr ? source->frame_at : frame_numbers(scene), &elements.rows,
                                 "Supervisely", out);
  if (!ordered) return ordered.error();
  const auto has_old_attributes = [&](const Track& track) {
    if (source == nullptr) return false;
    const auto before = source->attributes_of_track.find(track.id);
    return before != source->attributes_of_track.end() && before->second == track.attributes;
  };
  if (source != nullptr && std::ranges::all_of(labels.tracks, has_old_attributes) && elements.all_unchanged(*ordered))
    return write_file_in_folder(out / label_file, source->text);

  std::map<std::string, std::string> keys;
  if (source != nullptr) keys = source->key_of_track;
  for (const Track& track : labels.tracks) keys.try_emplace(track.id, is_key(track.id) ? track.id : key_of(track.id));
  Result<void> written;
  const auto done = json::guard(out, [&] {
    Json root = source != nullptr ? source->root : Json::object();
    if (source == nullptr) root = {{"description", scene.name}, {"key", key_of(scene.name)}, {"tags", Json::array()}};
    Json objects = Json::array();
    std::set<std::string> placed;
    const auto put_object = [&](Json object, const Track& track) {
      object["key"] = keys[track.id];
      object["classTitle"] = track.class_name;
      Attributes tags = track.attributes;
      if (keys[track.id] != track.id) tags[id_tag] = track.id;
      if (!has_old_attributes(track)) object["tags"] = tags_of(tags);
      objects.push_back(std::move(object));
      placed.insert(track.id);
    };
    if (source != nullptr) {
      json::each(source->root, "objects", "", [&](const Json& object, const std::string&) {
        const std::string key = json::text_of(object, "key", "");
        const auto track = std::ranges::find_if(labels.tracks, [&](const Track& t) { return keys[t.id] == key; });
        if (track != labels.tracks.end()) put_object(object, *track);
      });
    }
    for (const Track& track : labels.tracks) {
      if (!placed.contains(track.id)) put_object(Json::object(), track);
    }
    const std::size_t frames = source != nullptr ? source->frame_index.size() : scene.frames.size();
    root["objects"] = std::move(objects);
    if (source == nullptr) root["framesCount"] = frames;
    const auto merged = elements.merged(frames, *ordered, [&](Json& element, const OutputLabel& label) {
      const Cuboid& c = label.keyframe->cuboid;
      if (!element.contains("key"))
        element["key"] = key_of(fmt::format("{} {}", label.track->id, label.keyframe->timestamp));
      element["objectKey"] = keys[label.track->id];
      element["geometryType"] = cuboid_type;
      element["geometry"] = {{"position", json::members_of(c.center)},
                             {"rotation", json::members_of(xyz_from_quat(c.rotation))},
                             {"dimensions", json::members_of(c.size)}};
      if (element.contains("tags") || !label.keyframe->attributes.empty())
        element["tags"] = tags_of(label.keyframe->attributes);
    });
    // Frames of the file keep what else they hold.
    std::map<std::int64_t, Json> old_frames;
    if (source != nullptr) {
      json::each(source->root, "frames", "", [&](const Json& frame, const std::string&) {
        old_frames[frame["index"].get<std::int64_t>()] = frame;
      });
    }
    Json list = Json::array();
    for (std::size_t i = 0; i < merged.size(); ++i) {
      const std::int64_t index = source != nullptr ? source->frame_index[i] : static_cast<std::int64_t>(i);
      const auto old = old_frames.find(index);
      if (old == old_frames.end() && merged[i].empty()) continue;
      Json frame = old != old_frames.end() ? old->second : Json{{"index", index}};
      frame["figures"] = merged[i];
      list.push_back(std::move(frame));
    }
    root["frames"] = std::move(list);
    written = write_file_in_folder(out / label_file, root.dump(1) + "\n");
  });
  return done ? written : done;
}

}  // namespace sweepmark::supervisely
