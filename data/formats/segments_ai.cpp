// SPDX-License-Identifier: Apache-2.0
//
// Segments.ai release files: a dataset with samples, each a sequence of frames with point cloud, ego pose and labels.
// Cuboids in the frame of the ego pose, which is the cloud's: centre, dimensions x y z, yaw, and a rotation qx qy qz qw
// where they are tilted. Tracks are numbers (segments_ai_parts.h). A frame
// between keyframes has its (computed) label too, with is_keyframe false. Source: Segments.ai documentation, label
// types and sample types of point cloud sequences.
#include "data/formats/segments_ai.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/segments_ai_parts.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::segments_ai {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* task = "pointcloud-cuboid-sequence";
constexpr const char* provenance = "provenance";
constexpr const char* computed = "interpolated";
constexpr int angle_decimals = 12, metre_decimals = 9;

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override { return {"index", "id", "label_status"}; }
  std::string text;
  Json root;
  std::size_t sample = 0;
  std::string label_set;  ///< "ground-truth"
  LabelElements elements;
  std::map<TimestampNs, std::size_t> frame_at;
  std::vector<Pose> world_from_ego;
  std::map<std::string, std::int64_t> category_of_class;
  TrackNumbers numbers;
};

/// Nanoseconds as a text or number.
TimestampNs read_time(const Json& value, const std::string& where) {
  if (value.is_string()) {
    std::int64_t time = 0;
    if (parse_number(value.get<std::string>(), time)) return time;
  }
  if (value.is_number_integer()) return json::integer(value, where);
  if (value.is_number() && std::abs(json::number(value, where)) < 9e18) return std::llround(value.get<double>());
  json::fail(where, "a time in nanoseconds, got " + value.dump());
}

Quat read_rotation(const Json& object, const std::string& where) {
  return normalized(json::unit_quaternion(json::number_of(object, "qw", where), json::number_of(object, "qx", where),
                                          json::number_of(object, "qy", where), json::number_of(object, "qz", where),
                                          where));
}

const Json* labels_of(const Json& sample, std::string& label_set) {
  const Json* labels = json::optional_member(sample, "labels");
  if (labels == nullptr || !labels->is_object()) return nullptr;
  for (const auto& [name, label] : labels->items()) {
    const Json* attributes = json::optional_member(label, "attributes");
    if (attributes != nullptr && json::optional_member(*attributes, "frames") != nullptr) {
      label_set = name;
      return attributes;
    }
  }
  return nullptr;
}

class Reader {
 public:
  Reader(Source& source, const fs::path& file) : source_(source), folder_(file.parent_path()) {
    scene_.format = Format::segments_ai;
    scene_.root = file;
  }

  Scene read(const std::string& name) {
    const Json& root = json::object(source_.root, "");
    read_categories(root);
    const Json& samples =
        json::array(json::member(json::member(root, "dataset", ""), "samples", "/dataset"), "/dataset/samples");
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::string at = fmt::format("/dataset/samples/{}", i);
      if (json::text_of(samples[i], "name", at) != name) continue;
      source_.sample = i;
      scene_.name = name;
      read_frames(json::member(json::member(samples[i], "attributes", at), "frames", at + "/attributes"),
                  at + "/attributes/frames");
      if (const Json* labels = labels_of(samples[i], source_.label_set))
        read_labels((*labels)["frames"], fmt::format("{}/labels/{}/attributes/frames", at, source_.label_set));
      if (others_ > 0)
        scene_.notes.push_back(fmt::format("{} annotations that are no cuboids are kept, not shown", others_));
      scene_.labels.tracks = source_.elements.rows.tracks();
      return std::move(scene_);
    }
    json::fail("/dataset/samples", fmt::format("a sample named \"{}\"", name));
  }

 private:
  void read_categories(const Json& root) {
    const Json* dataset = json::optional_member(root, "dataset");
    const Json* attributes = dataset == nullptr ? nullptr : json::optional_member(*dataset, "task_attributes");
    if (attributes == nullptr) return;
    json::each(*attributes, "categories", "/dataset/task_attributes", [&](const Json& category, const std::string& at) {
      const std::int64_t id = json::integer_of(category, "id", at);
      class_of_category_[id] = json::text_of(category, "name", at);
      source_.category_of_class[class_of_category_[id]] = id;
    });
  }

  void read_frames(const Json& frames, const std::string& where) {
    json::array(frames, where);
    scene_.sensors.push_back({.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
    bool timed = !frames.empty(), posed = false;
    for (const Json& frame : frames) timed = timed && json::optional_member(frame, "timestamp") != nullptr;
    if (!timed) scene_.assume_times("frames without times: 100 ms apart");
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const std::string at = fmt::format("{}/{}", where, i);
      TimestampNs time = static_cast<TimestampNs>(i) * numbered_frame_period;
      if (timed) time = read_time(frames[i]["timestamp"], at + "/timestamp");
      if (!source_.frame_at.empty() && time <= source_.frame_at.rbegin()->first)
        json::fail(at + "/timestamp", fmt::format("times in ascending order, got {}", time));
      Pose world_from_ego;
      if (const Json* pose = json::optional_member(frames[i], "ego_pose")) {
        world_from_ego = {
            read_rotation(json::member(*pose, "heading", at + "/ego_pose"), at + "/ego_pose/heading"),
            json::vector_of_members(json::member(*pose, "position", at + "/ego_pose"), at + "/ego_pose/position")};
        posed = true;
      }
      source_.frame_at[time] = i;
      source_.world_from_ego.push_back(world_from_ego);
      Frame frame{time, world_from_ego, {}, {}};
      const Json* cloud = json::optional_member(frames[i], "pcd");
      const Json* url = cloud == nullptr ? nullptr : json::optional_member(*cloud, "url");
      // Clouds on the network are not fetched; a path that is here is read.
      if (url != nullptr && url->is_string()) {
        const fs::path file = folder_ / url->get<std::string>();
        const auto kind = point_file_kind(file);
        std::error_code failure;
        if (kind && fs::is_regular_file(file, failure)) {
          frame.sweeps.push_back(static_cast<std::uint32_t>(scene_.sweeps.size()));
          scene_.sweeps.push_back({0, time, file, *kind, world_from_ego});
        }
      }
      scene_.frames.push_back(std::move(frame));
    }
    if (posed) {
      for (const Frame& frame : scene_.frames) scene_.ego_poses.push_back({frame.timestamp, frame.world_from_ego});
    } else {
      scene_.notes.push_back("no ego poses: the world frame is the ego frame");
    }
  }

  void read_labels(const Json& frames, const std::string& where) {
    json::array(frames, where);
    if (frames.size() > scene_.frames.size())
      json::fail(where, fmt::format("labels of up to {} frames, got {}", scene_.frames.size(), frames.size()));
    source_.numbers.read(frames);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      json::each(frames[i], "annotations", fmt::format("{}/{}", where, i),
                 [&](const Json& annotation, const std::string& at) { read_annotation(annotation, at, i); });
    }
  }

  void read_annotation(const Json& annotation, const std::string& at, std::size_t frame) {
    if (json::text_of(annotation, "type", at) != "cuboid") {
      source_.elements.keep(frame, annotation);
      ++others_;
      return;
    }
    const BadRow place = bad_row_at(scene_.root, at, {}, scene_.frames[frame].timestamp);
    source_.elements.read(frame, annotation, place, scene_.labels.bad_rows,
                          [&](BadRow& bad) { read_cuboid(annotation, at, frame, bad); });
  }

  void read_cuboid(const Json& annotation, const std::string& at, std::size_t frame, BadRow& bad) {
    const std::string number = json::attribute_text(json::member(annotation, "track_id", at));
    source_.numbers.add(number);
    bad.object = source_.numbers.id_of(number);
    const Vec3d center = json::vector_of_members(json::member(annotation, "position", at), at + "/position"),
                size = json::vector_of_members(json::member(annotation, "dimensions", at), at + "/dimensions");
    expect_no_fault(size_fault(size), at + "/dimensions");
    Quat rotation = quat_from_yaw(json::number_of(annotation, "yaw", at));
    if (const Json* full = json::optional_member(annotation, "rotation"))
      rotation = read_rotation(*full, at + "/rotation");
    const std::int64_t category = json::integer_of(annotation, "category_id", at);
    const auto known = class_of_category_.find(category);
    LabelRow row{scene_.frames[frame].timestamp, source_.numbers.id_of(number),
                 known == class_of_category_.end() ? std::to_string(category) : known->second,
                 source_.world_from_ego[frame] * Cuboid{center, size, rotation}};
    if (const Json* attributes = json::optional_member(annotation, "attributes")) {
      for (const auto& [name, value] : json::object(*attributes, at + "/attributes").items())
        row.attributes[name] = json::attribute_text(value);
    }
    if (source_.numbers.has_ids()) row.attributes.erase(id_attribute);
    if (const Json* key = json::optional_member(annotation, "is_keyframe");
        key != nullptr && !json::boolean(*key, at + "/is_keyframe"))
      row.attributes[provenance] = computed;
    source_.elements.add(frame, annotation, std::move(row), at + "/track_id");
  }

  Source& source_;
  fs::path folder_;
  Scene scene_;
  std::map<std::int64_t, std::string> class_of_category_;
  std::size_t others_ = 0;  ///< annotations of other types
};

Result<Json> read_root(const fs::path& file, std::string& text) {
  auto content = read_file(file);
  if (!content) return content.error();
  text = *std::move(content);
  return json::parse(text, file);
}

}  // namespace

bool recognises(const fs::path& path) {
  const std::string head = head_of(path, ".json");
  return begins_like(head, '{', {"\"dataset\"", "\"task_type\""}) &&
         head.find("pointcloud-cuboid") != std::string::npos;
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path)) return Error{fmt::format("expected a release file of a {} dataset: {}", task, path.string())};
  std::string text;
  const auto root = read_root(path, text);
  if (!root) return root.error();
  std::vector<SceneHandle> handles;
  const auto read = json::guard(path, [&] {
    json::each(json::member(*root, "dataset", ""), "samples", "/dataset",
               [&](const Json& sample, const std::string& at) {
                 handles.push_back({Format::segments_ai, path, json::text_of(sample, "name", at)});
               });
  });
  if (!read) return read.error();
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  auto source = std::make_shared<Source>();
  auto root = read_root(handle.root, source->text);
  if (!root) return root.error();
  source->root = *std::move(root);
  Scene scene;
  const auto read = json::guard(handle.root, [&] { scene = Reader(*source, handle.root).read(handle.name); });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

namespace {

Json rotation_of(Quat q) { return {{"qx", q.x}, {"qy", q.y}, {"qz", q.z}, {"qw", q.w}}; }
double metres(double value) { return rounded(value, metre_decimals); }

/// \param number  of the track
void update(Json& element, const OutputLabel& label, const Pose& world_from_cloud, std::int64_t category,
            std::int64_t number) {
  const Cuboid c =
      world_from_cloud == Pose{} ? label.keyframe->cuboid : inverse(world_from_cloud) * label.keyframe->cuboid;
  if (!element.contains("id")) element["id"] = 0;  // numbered below
  element["category_id"] = category;
  element["type"] = "cuboid";
  element["position"] = json::members_of(Vec3d{metres(c.center.x), metres(c.center.y), metres(c.center.z)});
  element["dimensions"] = json::members_of(c.size);
  element["yaw"] = rounded(yaw_of(c.rotation), angle_decimals);
  const bool upright = std::abs(c.rotation.x) < 1e-12 && std::abs(c.rotation.y) < 1e-12;
  if (!upright) element["rotation"] = rotation_of(c.rotation);
  if (upright) element.erase("rotation");
  element["track_id"] = number;
  Attributes attributes = label.keyframe->attributes;
  if (std::to_string(number) != label.track->id) attributes[id_attribute] = label.track->id;
  const auto said = attributes.find(provenance);
  const bool is_computed = said != attributes.end() && said->second == computed;
  element["is_keyframe"] = !is_computed;
  if (is_computed) attributes.erase(said);
  if (element.contains("attributes") || !attributes.empty()) {
    Json members = Json::object();
    for (const auto& [name, text] : attributes) members[name] = json::attribute_value(text);
    element["attributes"] = std::move(members);
  }
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Source none;
  const LabelElements& elements = source != nullptr ? source->elements : none.elements;
  auto ordered = labels_in_order(labels, source != nullptr ? source->frame_at : frame_numbers(scene), &elements.rows,
                                 "Segments.ai", out);
  if (!ordered) return ordered.error();
  if (source != nullptr && elements.all_unchanged(*ordered)) return write_file(out, source->text);

  TrackNumbers numbers = source != nullptr ? source->numbers : TrackNumbers();
  numbers.reserve(labels);
  std::error_code failure;
  const fs::path folder = fs::absolute(out, failure).lexically_normal().parent_path();
  std::vector<Pose> world_from_cloud;
  if (source != nullptr) world_from_cloud = source->world_from_ego;
  Result<void> written;
  const auto done = json::guard(out, [&] {
    Json root;
    if (source != nullptr) {
      root = source->root;
    } else {
      Json frames = Json::array();
      for (std::size_t i = 0; i < scene.frames.size(); ++i) {
        const NamedCloud cloud = cloud_of(scene, i, folder);
        world_from_cloud.push_back(cloud.world_from_cloud);
        frames.push_back({{"name", std::to_string(i)},
                          {"pcd", cloud.pcd},
                          {"timestamp", std::to_string(scene.frames[i].timestamp)},
                          {"ego_pose",
                           {{"position", json::members_of(cloud.world_from_cloud.translation)},
                            {"heading", rotation_of(cloud.world_from_cloud.rotation)}}}});
      }
      root = {{"name", scene.name},
              {"dataset",
               {{"name", scene.name},
                {"task_type", task},
                {"task_attributes", {{"format_version", "0.1"}, {"categories", Json::array()}}},
                {"samples",
                 Json::array(
                     {{{"name", scene.name}, {"attributes", {{"frames", frames}}}, {"labels", Json::object()}}})}}}};
    }
    std::map<std::string, std::int64_t> categories;
    if (source != nullptr) categories = source->category_of_class;
    std::int64_t next = 1;
    for (const auto& [name, id] : categories) next = std::max(next, id + 1);
    for (const Track& track : labels.tracks) {
      for_each_class(track, [&](const std::string& name) {
        if (!categories.emplace(name, next).second) return;
        root["dataset"]["task_attributes"]["categories"].push_back({{"id", next++}, {"name", name}});
      });
    }
    auto merged = elements.merged(world_from_cloud.size(), *ordered, [&](Json& element, const OutputLabel& label) {
      update(element, label, world_from_cloud[label.frame], categories[label.class_name()],
             numbers.number_of(label.track->id));
    });
    Json& sample = root["dataset"]["samples"][source != nullptr ? source->sample : 0];
    const std::string name = source != nullptr && !source->label_set.empty() ? source->label_set : "ground-truth";
    Json& attributes = sample["labels"][name]["attributes"];
    if (!attributes.contains("format_version")) attributes["format_version"] = "0.2";
    for (std::size_t i = 0; i < merged.size(); ++i) {
      std::int64_t id = 0;
      for (const Json& element : merged[i]) {
        if (element.contains("id") && element["id"].is_number_integer())
          id = std::max(id, element["id"].get<std::int64_t>());
      }
      for (Json& element : merged[i]) {
        if (element.contains("id") && element["id"] == 0) element["id"] = ++id;
      }
      Json& frame = attributes["frames"][i];
      if (source == nullptr) frame["timestamp"] = std::to_string(scene.frames[i].timestamp);
      frame["annotations"] = std::move(merged[i]);
    }
    written = write_file(out, root.dump(1) + "\n");
  });
  return done ? written : done;
}

}  // namespace sweepmark::segments_ai
