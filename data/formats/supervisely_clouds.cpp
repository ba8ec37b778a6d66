// SPDX-License-Identifier: Apache-2.0
//
// Source: Supervisely's documentation of its format for point clouds, its SDK's PointcloudAnnotation, and the plugin
// sly_pointcloud of Datumaro as CVAT uses it.
#include "data/formats/supervisely_clouds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/label_elements.h"
#include "data/formats/numbered_names.h"
#include "data/formats/sniff.h"
#include "data/formats/supervisely_parts.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"

namespace sweepmark::supervisely::clouds {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* project_type = "point_clouds";
constexpr const char* label_folder = "ann";
constexpr const char* label_suffix = ".json";

/// A cloud and its label file.
struct Cloud {
  std::string name = {};  ///< "frame_0.pcd", below its folder
  fs::path points = {};   ///< empty: not there
  std::string text = {};  ///< of the label file; empty: not there
  Json root = nullptr;
};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    return {"tags of clouds", "figures that are no cuboids", "users and dates"};
  }
  Place place;
  ProjectMeta meta{project_type};
  KeyIdMap ids;
  std::vector<Cloud> clouds;
  LabelElements elements;  ///< figures
  std::map<TimestampNs, std::size_t> frame_at;
  std::vector<std::string> key_of_row;              ///< of its object
  std::map<std::string, std::string> key_of_track;  ///< of its first object
};

/// "a/b.pcd" for ann/a/b.pcd.json; empty for any other file.
std::string cloud_of(const fs::path& label_file, const fs::path& folder) {
  std::string name = label_file.lexically_relative(folder).string();
  const std::string suffix = label_suffix;
  if (!name.ends_with(suffix)) return {};
  name.resize(name.size() - suffix.size());
  return point_file_kind(name) ? name : std::string();
}

/// All files below a folder.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; entry != end; entry.increment(failure)) {
    if (failure) break;
    if (entry->is_regular_file(failure)) files.push_back(entry->path());
  }
  return files;
}

class Reader {
 public:
  explicit Reader(Source& source) : source_(source) {}

  /// Throws BadValue inside `json::guard`.
  Result<void> read(const std::vector<TimestampNs>& times, const fs::path& folder) {
    // First what objects are called in all clouds, then labels, since what all have in common is the track's.
    for (const bool is_second : {false, true}) {
      for (std::size_t i = 0; i < source_.clouds.size(); ++i) {
        const Cloud& cloud = source_.clouds[i];
        if (cloud.text.empty()) continue;
        const fs::path file = folder / (cloud.name + label_suffix);
        auto done = json::guard(file, [&] { read_cloud(i, times[i], file, is_second); });
        if (!done) return done;
      }
    }
    return {};
  }

  const Attributes& common_of(const std::string& track) const { return common_.at(track); }
  std::size_t other_figures() const { return other_figures_; }
  const std::vector<BadRow>& bad_rows() const { return bad_rows_; }

 private:
  struct Object {
    std::string track, class_name;
    Attributes attributes;
  };

  void read_cloud(std::size_t number, TimestampNs time, const fs::path& file, bool is_second) {
    const Json& root = json::object(source_.clouds[number].root, "");
    std::map<std::string, Object> objects;
    json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string key = json::text_of(object, "key", at);
      Object known{key, json::text_of(object, "classTitle", at), attributes_of(read_tags(object, at))};
      if (const auto id = known.attributes.find(id_tag); id != known.attributes.end()) {
        known.track = id->second;
        known.attributes.erase(id);
      }
      source_.key_of_track.emplace(known.track, key);
      if (!objects.emplace(key, std::move(known)).second)
        json::fail(at + "/key", fmt::format("each key once, got \"{}\" again", key));
    });
    json::each(root, "figures", "", [&](const Json& figure, const std::string& at) {
      const std::string key = json::text_of(figure, "objectKey", at);
      const auto object = objects.find(key);
      if (object == objects.end()) json::fail(at + "/objectKey", fmt::format("the key of an object, got \"{}\"", key));
      const bool is_cuboid = json::text_of(figure, "geometryType", at) == cuboid_type;
      if (!is_second) {
        if (is_cuboid) find_common(object->second);
        return;
      }
      if (!is_cuboid) {
        ++other_figures_;
        source_.elements.keep(number, figure);
        return;
      }
      const BadRow place = bad_row_at(file, at, object->second.track, time);
      source_.elements.read(number, figure, place, bad_rows_, [&](BadRow&) {
        LabelRow row{time,
                     object->second.track,
                     object->second.class_name,
                     read_cuboid(figure, at),
                     {},
                     without(object->second.attributes, common_.at(object->second.track))};
        source_.elements.add(number, figure, std::move(row), at);
        source_.key_of_row.push_back(key);
      });
    });
  }

  void find_common(const Object& object) {
    const auto [common, is_first] = common_.emplace(object.track, object.attributes);
    if (is_first) return;
    std::erase_if(common->second, [&](const auto& attribute) {
      const auto same = object.attributes.find(attribute.first);
      return same == object.attributes.end() || same->second != attribute.second;
    });
  }

  static Attributes without(Attributes all, const Attributes& common) {
    for (const auto& [name, value] : common) all.erase(name);
    return all;
  }

  Source& source_;
  std::map<std::string, Attributes> common_;  ///< by track
  std::size_t other_figures_ = 0;
  std::vector<BadRow> bad_rows_;
};

Result<void> read_clouds(const fs::path& dataset, Source& source) {
  std::map<std::string, Cloud> by_name;
  const fs::path labels = dataset / label_folder, points = dataset / "pointcloud";
  for (const fs::path& file : files_below(points)) {
    if (point_file_kind(file)) by_name[file.lexically_relative(points).string()].points = file;
  }
  for (const fs::path& file : files_below(labels)) {
    const std::string name = cloud_of(file, labels);
    if (name.empty()) continue;
    auto content = read_file(file);
    if (!content) return content.error();
    auto root = json::parse(*content, file);
    if (!root) return root.error();
    by_name[name].text = *std::move(content);
    by_name[name].root = *std::move(root);
  }
  for (auto& [name, cloud] : by_name) {
    cloud.name = name;
    source.clouds.push_back(std::move(cloud));
  }
  std::ranges::sort(source.clouds, natural_less, &Cloud::name);
  return {};
}

}  // namespace

bool recognises(const fs::path& folder) {
  std::error_code failure;
  const fs::path labels = folder / label_folder;
  if (!fs::is_directory(labels, failure)) return false;
  for (const fs::path& file : files_below(labels)) {
    if (!cloud_of(file, labels).empty()) return begins_like(head_of(file, label_suffix), '{', {"\"objects\""});
  }
  return false;
}

Result<Scene> open(const SceneHandle& handle) {
  auto source = std::make_shared<Source>();
  source->place = place_of(handle.root);
  if (!source->place.project.empty()) {
    if (auto read = source->meta.read(source->place.project / ProjectMeta::file_name); !read) return read.error();
    if (auto read = source->ids.read(source->place.project / KeyIdMap::file_name); !read) return read.error();
  }
  if (auto read = read_clouds(handle.root, *source); !read) return read.error();
  std::vector<std::string> names, stems;
  for (const Cloud& cloud : source->clouds) {
    names.push_back(cloud.name);
    stems.push_back(fs::path(cloud.name).replace_extension().string());
  }
  const NameTimes times = times_of_names(stems);
  Reader reader(*source);
  if (auto read = reader.read(times.times, handle.root / label_folder); !read) return read.error();

  Scene scene;
  scene.format = Format::supervisely;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.assume_times(times.note + "; no poses: labels stay in the cloud's frame");
  scene.sensors.push_back({.name = "pointcloud", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  for (std::size_t i = 0; i < source->clouds.size(); ++i) {
    source->frame_at[times.times[i]] = i;
    Frame frame{times.times[i], {}, {}, {}};
    if (const fs::path& points = source->clouds[i].points; !points.empty()) {
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, frame.timestamp, points, *point_file_kind(points), {}});
    }
    scene.frames.push_back(std::move(frame));
  }
  if (auto read = read_related_images(handle.root, names, scene); !read) return read.error();
  if (reader.other_figures() > 0)
    scene.notes.push_back(
        fmt::format("{} figures that are no cuboids are kept, but not shown", reader.other_figures()));
  scene.labels.tracks = source->elements.rows.tracks();
  scene.labels.bad_rows = reader.bad_rows();
  for (Track& track : scene.labels.tracks) track.attributes = reader.common_of(track.id);
  scene.labels.source = std::move(source);
  return scene;
}

bool are_source_of(const LabelSet& labels) { return dynamic_cast<const Source*>(labels.source.get()) != nullptr; }

namespace {

class Writer {
 public:
  Writer(const LabelSet& labels, const Source& source, const fs::path& out)
      : labels_(labels), source_(source), meta_(source.meta), ids_(source.ids), out_(out) {}

  Result<void> write() {
    auto ordered = labels_in_order(labels_, source_.frame_at, &source_.elements.rows, "Supervisely", out_);
    if (!ordered) return ordered.error();
    labels_of_cloud_.resize(source_.clouds.size());
    for (const OutputLabel& label : *ordered) labels_of_cloud_[label.frame].push_back(&label);
    name_objects(*ordered);
    const auto figures = source_.elements.merged(
        source_.clouds.size(), *ordered, [&](Json& figure, const OutputLabel& label) { update(figure, label); });
    for (std::size_t i = 0; i < source_.clouds.size(); ++i) {
      if (auto written = write_cloud(i, figures[i]); !written) return written;
    }
    // Where nobody changed anything, nothing is completed either.
    const bool is_as_read = !is_changed_ && source_.meta.is_there();
    const std::string meta = is_as_read ? source_.meta.text() : meta_.text();
    if (auto written = write_file_in_folder(out_ / ProjectMeta::file_name, meta); !written) return written;
    if (!ids_.is_there()) return {};
    return write_file_in_folder(out_ / KeyIdMap::file_name, is_changed_ ? ids_.text() : source_.ids.text());
  }

 private:
  /// What the object of a label is called: as it was, unless the label went to another track.
  std::string key_of_label(const OutputLabel& label) const {
    const auto& rows = source_.elements.rows;
    if (label.row && rows[*label.row].track == label.track->id) return source_.key_of_row[*label.row];
    return keys_.at(label.track->id);
  }

  void name_objects(const std::vector<OutputLabel>& ordered) {
    keys_ = source_.key_of_track;
    for (const Track& track : labels_.tracks)
      keys_.try_emplace(track.id, is_key(track.id) ? track.id : key_of(track.id));
    for (const OutputLabel& label : ordered) {
      meta_.need_class(label.track->class_name);
      for (const auto& [name, value] : wanted_tags(label)) meta_.need_tag(name, value);
    }
  }

  /// Of an object in a cloud.
  Attributes wanted_tags(const OutputLabel& label) const {
    Attributes tags = label.track->attributes;
    for (const auto& [name, value] : label.keyframe->attributes) tags[name] = value;
    if (key_of_label(label) != label.track->id) tags[id_tag] = label.track->id;
    return tags;
  }

  void update(Json& figure, const OutputLabel& label) const {
    if (!figure.contains("key"))
      figure["key"] = key_of(fmt::format("{} {}", label.track->id, label.keyframe->timestamp));
    figure["objectKey"] = key_of_label(label);
    if (!label.row || source_.elements.rows[*label.row].in_world != label.keyframe->cuboid)
      put_cuboid(figure, label.keyframe->cuboid);
  }

  Result<void> write_cloud(std::size_t i, const std::vector<Json>& figures) {
    const Cloud& cloud = source_.clouds[i];
    if (cloud.text.empty() && figures.empty()) return {};
    Result<void> written;
    const fs::path file = out_ / source_.place.dataset / label_folder / (cloud.name + label_suffix);
    const auto done = json::guard(file, [&] {
      Json root = cloud.root;
      if (root.is_null())
        root = {{"description", ""},
                {"key", key_of(cloud.name)},
                {"tags", Json::array()},
                {"objects", Json::array()},
                {"figures", Json::array()}};
      if (root.contains("figures") || !figures.empty()) root["figures"] = figures;
      put_objects(root, figures, i);
      if (ids_.is_there()) number(root);
      is_changed_ = is_changed_ || root != cloud.root;
      written = write_file_in_folder(file, root == cloud.root ? cloud.text : root.dump(1) + "\n");
    });
    return done ? written : done;
  }

  void put_objects(Json& root, const std::vector<Json>& figures, std::size_t i) const {
    std::map<std::string, const OutputLabel*> wanted;
    for (const OutputLabel* label : labels_of_cloud_[i]) wanted[key_of_label(*label)] = label;
    std::set<std::string> used;  // by any figure, ours or not
    for (const Json& figure : figures) used.insert(figure["objectKey"].get<std::string>());
    std::set<std::string> was_used;
    json::each(source_.clouds[i].root, "figures", "", [&](const Json& figure, const std::string&) {
      was_used.insert(figure["objectKey"].get<std::string>());
    });
    Json objects = Json::array();
    json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string key = json::text_of(object, "key", at);
      if (was_used.contains(key) && !used.contains(key)) return;  // its figures were deleted
      objects.push_back(object);
      const auto label = wanted.find(key);
      if (label == wanted.end()) return;
      put_object(objects.back(), *label->second);
      wanted.erase(label);
    });
    for (const auto& [key, label] : wanted) {
      objects.push_back({{"key", key}, {"classTitle", ""}, {"tags", Json::array()}});
      put_object(objects.back(), *label);
    }
    if (root.contains("objects") || !objects.empty()) root["objects"] = std::move(objects);
  }

  void put_object(Json& object, const OutputLabel& label) const {
    // An object may be of another class in some clouds: that of a track is the first one's.
    if (object["classTitle"].get<std::string>().empty() || !label.row ||
        source_.elements.rows[*label.row].class_name != label.track->class_name)
      object["classTitle"] = label.track->class_name;
    const Attributes wanted = wanted_tags(label);
    if (attributes_of(read_tags(object, "")) != wanted) put_tags(object, tags_of(wanted), meta_);
  }

  /// CVAT's reader looks every key up.
  void number(const Json& root) {
    const auto need = [&](const char* kind, const Json& holder) {
      const Json* key = json::optional_member(holder, "key");
      if (key != nullptr && key->is_string()) ids_.need(kind, key->get<std::string>());
    };
    need("videos", root);
    json::each(root, "objects", "", [&](const Json& object, const std::string&) { need("objects", object); });
    json::each(root, "figures", "", [&](const Json& figure, const std::string&) { need("figures", figure); });
  }

  const LabelSet& labels_;
  const Source& source_;
  ProjectMeta meta_;
  KeyIdMap ids_;
  const fs::path& out_;
  bool is_changed_ = false;
  std::vector<std::vector<const OutputLabel*>> labels_of_cloud_;
  std::map<std::string, std::string> keys_;  ///< by track
};

}  // namespace

Result<void> write_labels(const Scene&, const LabelSet& labels, const fs::path& out) {
  const auto& source = dynamic_cast<const Source&>(*labels.source);
  Result<void> written;
  const auto done = json::guard(out, [&] { written = Writer(labels, source, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::supervisely::clouds
