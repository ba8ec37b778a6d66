// SPDX-License-Identifier: Apache-2.0
//
// Source: Supervisely's documentation of its format for point cloud episodes, and its SDK's
// PointcloudEpisodeAnnotation, PointcloudEpisodeProject and VideoTag.
#include "data/formats/supervisely_episode.h"

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

namespace sweepmark::supervisely::episode {
namespace fs = std::filesystem;
namespace {

using json::Json;

constexpr const char* project_type = "point_cloud_episodes";
constexpr const char* label_file = "annotation.json";
constexpr const char* cloud_map_file = "frame_pointcloud_map.json";

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    if (other_figures > 0) return {"figures that are no cuboids"};
    return {};
  }
  std::string text;
  Json root;
  Place place;
  ProjectMeta meta{project_type};
  LabelElements elements;
  std::vector<std::int64_t> frame_index;  ///< of the file, by our number
  std::map<TimestampNs, std::size_t> frame_at;
  std::map<std::string, std::string> key_of_track;
  std::map<std::string, std::vector<Tag>> tags_of_track;
  std::string cloud_map;  ///< the file as it was; empty: none
  std::vector<std::string> cloud_of_frame;
  std::size_t other_figures = 0;
  std::set<std::string> keys_of_other_figures;  ///< of their objects, and of those of bad rows
};

struct Object {
  std::string track, class_name;
};

class Reader {
 public:
  Reader(Source& source, const fs::path& file, std::vector<BadRow>& bad_rows)
      : source_(source), file_(file), bad_rows_(bad_rows) {}

  void read() {
    const Json& root = json::object(source_.root, "");
    json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
      const std::string key = json::text_of(object, "key", at);
      std::vector<Tag> tags = read_tags(object, at);
      std::string track = key;
      const auto id = std::ranges::find_if(tags, [](const Tag& tag) { return tag.name == id_tag && !tag.frames; });
      if (id != tags.end()) {
        track = id->value;
        tags.erase(id);
      }
      if (!source_.key_of_track.emplace(track, key).second ||
          !objects_.emplace(key, Object{track, json::text_of(object, "classTitle", at)}).second)
        json::fail(at + "/key", fmt::format("each key once, got \"{}\" again", key));
      source_.tags_of_track[track] = std::move(tags);
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
      ++source_.other_figures;
      if (const Json* key = json::optional_member(figure, "objectKey"))
        source_.keys_of_other_figures.insert(json::text(*key, at + "/objectKey"));
      source_.elements.keep(number, figure);
      return;
    }
    const std::string key = json::text_of(figure, "objectKey", at);
    const auto object = objects_.find(key);
    if (object == objects_.end()) json::fail(at + "/objectKey", fmt::format("the key of an object, got \"{}\"", key));
    const std::size_t bad_before = bad_rows_.size();
    const BadRow place = bad_row_at(file_, at, object->second.track, index * numbered_frame_period);
    source_.elements.read(number, figure, place, bad_rows_, [&](BadRow&) {
      LabelRow row{index * numbered_frame_period,
                   object->second.track,
                   object->second.class_name,
                   read_cuboid(figure, at),
                   {},
                   attributes_in(source_.tags_of_track[object->second.track], index)};
      // Figures have no tags in the format; our files had them there once.
      for (auto& [name, value] : attributes_of(read_tags(figure, at))) row.attributes[name] = value;
      source_.elements.add(number, figure, std::move(row), at);
    });
    if (bad_rows_.size() > bad_before) source_.keys_of_other_figures.insert(key);
  }

  Source& source_;
  const fs::path& file_;
  std::vector<BadRow>& bad_rows_;
  std::map<std::string, Object> objects_;
};

/// Clouds by the index of their frame: frame_pointcloud_map.json, or else the files in the order of their names.
Result<std::map<std::int64_t, std::string>> read_cloud_names(const fs::path& folder, Source& source) {
  std::map<std::int64_t, std::string> clouds;
  std::error_code failure;
  const fs::path file = folder / cloud_map_file;
  if (fs::exists(file, failure)) {
    auto content = read_file(file);
    if (!content) return content.error();
    source.cloud_map = *std::move(content);
    const auto root = json::parse(source.cloud_map, file);
    if (!root) return root.error();
    const auto read = json::guard(file, [&] {
      for (const auto& [key, name] : json::object(*root, "").items()) {
        std::int64_t index = 0;
        if (!parse_number(key, index) || index < 0 || index > INT32_MAX)
          json::fail("/" + key, "the index of a frame as the member's name");
        clouds[index] = json::text(name, "/" + key);
      }
    });
    if (!read) return read.error();
    return clouds;
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "pointcloud", failure)) {
    if (point_file_kind(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names, natural_less);
  for (std::size_t i = 0; i < names.size(); ++i) clouds[static_cast<std::int64_t>(i)] = names[i];
  return clouds;
}

fs::path file_of(const fs::path& path) { return path.filename() == label_file ? path : path / label_file; }

}  // namespace

bool recognises(const fs::path& path) {
  return begins_like(head_of(file_of(path), ".json"), '{', {"\"objects\"", "\"frames\"", "\"framesCount\""}) ||
         begins_like(head_of(file_of(path), ".json"), '{', {"\"objects\"", "\"classTitle\""});
}

fs::path folder_of(const fs::path& path) { return file_of(path).parent_path(); }

Result<Scene> open(const SceneHandle& handle) {
  const fs::path file = handle.root / label_file;
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse(*content, file);
  if (!root) return root.error();
  auto source = std::make_shared<Source>();
  source->text = *std::move(content);
  source->root = *std::move(root);
  source->place = place_of(handle.root);
  if (!source->place.project.empty()) {
    if (auto read = source->meta.read(source->place.project / ProjectMeta::file_name); !read) return read.error();
  }
  std::vector<BadRow> bad_rows;
  if (const auto read = json::guard(file, [&] { Reader(*source, file, bad_rows).read(); }); !read) return read.error();
  auto clouds = read_cloud_names(handle.root, *source);
  if (!clouds) return clouds.error();

  Scene scene;
  scene.format = Format::supervisely;
  scene.root = handle.root;
  scene.name = handle.name;
  scene.assume_times("frames have numbers but no times, and no poses: 100 ms apart, in the cloud's frame");
  scene.sensors.push_back({.name = "pointcloud", .kind = SensorKind::lidar, .ego_from_sensor = {}, .camera = {}});
  for (const std::int64_t index : source->frame_index) {
    Frame frame{index * numbered_frame_period, {}, {}, {}};
    const std::string& name = source->cloud_of_frame.emplace_back((*clouds)[index]);
    const fs::path cloud = handle.root / "pointcloud" / name;
    std::error_code failure;
    if (!name.empty() && fs::exists(cloud, failure)) {
      auto kind = point_file_kind(cloud);
      if (!kind) return kind.error();
      frame.sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
      scene.sweeps.push_back({0, frame.timestamp, cloud, *kind, {}});
    }
    scene.frames.push_back(std::move(frame));
  }
  if (auto read = read_related_images(handle.root, source->cloud_of_frame, scene); !read) return read.error();
  if (source->other_figures > 0)
    scene.notes.push_back(fmt::format("{} figures that are no cuboids are kept, but not shown", source->other_figures));
  scene.labels.tracks = source->elements.rows.tracks();
  scene.labels.bad_rows = std::move(bad_rows);
  for (Track& track : scene.labels.tracks) track.attributes = attributes_of(source->tags_of_track[track.id]);
  scene.labels.source = std::move(source);
  return scene;
}

namespace {

/// The names that clouds have in a project: those of their files, as .pcd, which Supervisely wants.
std::vector<std::string> cloud_names(const Scene& scene) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < scene.frames.size(); ++i) {
    const auto& sweeps = scene.frames[i].sweeps;
    std::string name = sweeps.empty() ? "" : scene.sweeps[sweeps.front()].file.stem().string() + ".pcd";
    if (name.empty() || !taken.insert(name).second) {
      name = fmt::format("{:06}.pcd", i);
      taken.insert(name);
    }
    names.push_back(std::move(name));
  }
  return names;
}

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const fs::path& out)
      : scene_(scene),
        labels_(labels),
        source_(dynamic_cast<const Source*>(labels.source.get())),
        elements_(source_ != nullptr ? source_->elements : none_),
        meta_(source_ != nullptr ? source_->meta : ProjectMeta(project_type)),
        out_(out),
        folder_(out / (source_ != nullptr ? source_->place.dataset : fs::path(file_name_of(scene)))) {}

  Result<void> write() {
    auto ordered = labels_in_order(labels_, source_ != nullptr ? source_->frame_at : frame_numbers(scene_),
                                   &elements_.rows, "Supervisely", out_);
    if (!ordered) return ordered.error();
    if (source_ != nullptr) keys_ = source_->key_of_track;
    for (const Track& track : labels_.tracks)
      keys_.try_emplace(track.id, is_key(track.id) ? track.id : key_of(track.id));
    find_tags(*ordered);
    const bool is_as_read = source_ != nullptr && elements_.all_unchanged(*ordered) && tags_.empty();
    const std::string text = is_as_read ? source_->text : changed(*ordered).dump(1) + "\n";
    // Where nobody changed anything, nothing is completed either.
    const std::string meta = is_as_read && source_->meta.is_there() ? source_->meta.text() : meta_.text();
    for (const auto& [file, content] : {std::pair{folder_ / label_file, text},
                                        {folder_ / cloud_map_file, cloud_map()},
                                        {out_ / ProjectMeta::file_name, meta}}) {
      if (auto written = write_file_in_folder(file, content); !written) return written;
    }
    // The clouds' place: a dataset without this folder is none for Supervisely.
    return make_folder_of(folder_ / "pointcloud" / "cloud");
  }

 private:
  std::int64_t index_of(std::size_t frame) const {
    return source_ != nullptr ? source_->frame_index[frame] : static_cast<std::int64_t>(frame);
  }

  /// The tags of tracks whose attributes changed, and what the project has to know.
  void find_tags(const std::vector<OutputLabel>& ordered) {
    std::map<std::string, std::vector<const OutputLabel*>> labels_of_track;
    for (const OutputLabel& label : ordered) labels_of_track[label.track->id].push_back(&label);
    for (const Track& track : labels_.tracks) {
      meta_.need_class(track.class_name);
      auto& labels = labels_of_track[track.id];
      std::ranges::sort(labels, {}, [](const OutputLabel* label) { return label->frame; });
      std::vector<Tag> wanted = tags_of(track.attributes);
      if (keys_.at(track.id) != track.id) wanted.push_back({id_tag, track.id});
      for (Tag& tag : tags_of_labels(labels)) wanted.push_back(std::move(tag));
      for (const Tag& tag : wanted) meta_.need_tag(tag.name, tag.value);
      if (!has_old_tags(track, labels)) tags_[track.id] = std::move(wanted);
    }
  }

  bool has_old_tags(const Track& track, const std::vector<const OutputLabel*>& labels) const {
    if (source_ == nullptr) return false;
    const auto before = source_->tags_of_track.find(track.id);
    if (before == source_->tags_of_track.end() || attributes_of(before->second) != track.attributes) return false;
    return std::ranges::all_of(labels, [&](const OutputLabel* label) {
      return label->is_unchanged ||
             attributes_in(before->second, index_of(label->frame)) == label->keyframe->attributes;
    });
  }

  /// A run of labels with the same value is one tag.
  std::vector<Tag> tags_of_labels(const std::vector<const OutputLabel*>& labels) const {
    std::vector<Tag> tags;
    std::map<std::string, std::size_t> running;  // the tag of each name
    for (const OutputLabel* label : labels) {
      const std::int64_t frame = index_of(label->frame);
      const Attributes& attributes = label->keyframe->attributes;
      std::erase_if(running, [&](const auto& run) { return !attributes.contains(run.first); });
      for (const auto& [name, value] : attributes) {
        const auto run = running.find(name);
        if (run != running.end() && tags[run->second].value == value) {
          tags[run->second].frames->second = frame;
          continue;
        }
        running[name] = tags.size();
        tags.push_back({name, value, std::pair{frame, frame}});
      }
    }
    return tags;
  }

  std::string cloud_map() const {
    if (source_ != nullptr && !source_->cloud_map.empty()) return source_->cloud_map;
    const std::vector<std::string> names = source_ != nullptr ? source_->cloud_of_frame : cloud_names(scene_);
    Json map = Json::object();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].empty()) map[std::to_string(index_of(i))] = names[i];
    }
    return map.dump(1) + "\n";
  }

  Json changed(const std::vector<OutputLabel>& ordered) const {
    Json root = source_ != nullptr ? source_->root : Json::object();
    const std::size_t frames = source_ != nullptr ? source_->frame_index.size() : scene_.frames.size();
    if (source_ == nullptr)
      root = {{"description", scene_.name},
              {"key", key_of(scene_.name)},
              {"tags", Json::array()},
              {"objects", Json::array()},
              {"framesCount", frames}};
    root["objects"] = objects();
    root["frames"] = frames_with(
        elements_.merged(frames, ordered, [&](Json& figure, const OutputLabel& label) { update(figure, label); }));
    return root;
  }

  /// Those of the file in their order, then new ones.
  Json objects() const {
    Json objects = Json::array();
    std::set<std::string> placed;
    const auto put_object = [&](Json object, const Track& track) {
      object["key"] = keys_.at(track.id);
      object["classTitle"] = track.class_name;
      if (const auto tags = tags_.find(track.id); tags != tags_.end()) put_tags(object, tags->second, meta_);
      objects.push_back(std::move(object));
      placed.insert(track.id);
    };
    if (source_ != nullptr) {
      std::set<std::string> deleted;
      for (std::size_t i = 0; i < elements_.rows.size(); ++i) deleted.insert(keys_.at(elements_.rows[i].track));
      for (const std::string& key : source_->keys_of_other_figures) deleted.erase(key);
      json::each(source_->root, "objects", "", [&](const Json& object, const std::string&) {
        const std::string key = json::text_of(object, "key", "");
        const auto track = std::ranges::find_if(labels_.tracks, [&](const Track& t) { return keys_.at(t.id) == key; });
        if (track != labels_.tracks.end())
          put_object(object, *track);
        else if (!deleted.contains(key))
          objects.push_back(object);  // of figures that are no cuboids, or of none
      });
    }
    for (const Track& track : labels_.tracks) {
      if (!placed.contains(track.id)) put_object(Json::object(), track);
    }
    return objects;
  }

  void update(Json& figure, const OutputLabel& label) const {
    if (!figure.contains("key"))
      figure["key"] = key_of(fmt::format("{} {}", label.track->id, label.keyframe->timestamp));
    figure["objectKey"] = keys_.at(label.track->id);
    figure.erase("tags");
    if (!label.row || elements_.rows[*label.row].in_world != label.keyframe->cuboid)
      put_cuboid(figure, label.keyframe->cuboid);
  }

  /// Frames of the file keep what else they hold.
  Json frames_with(const std::vector<std::vector<Json>>& figures) const {
    std::map<std::int64_t, Json> old_frames;
    if (source_ != nullptr) {
      json::each(source_->root, "frames", "", [&](const Json& frame, const std::string&) {
        old_frames[frame["index"].get<std::int64_t>()] = frame;
      });
    }
    Json list = Json::array();
    for (std::size_t i = 0; i < figures.size(); ++i) {
      const auto old = old_frames.find(index_of(i));
      if (old == old_frames.end() && figures[i].empty()) continue;
      Json frame = old != old_frames.end() ? old->second : Json{{"index", index_of(i)}};
      frame["figures"] = figures[i];
      list.push_back(std::move(frame));
    }
    return list;
  }

  const Scene& scene_;
  const LabelSet& labels_;
  const Source* source_;
  const LabelElements none_;
  const LabelElements& elements_;
  ProjectMeta meta_;
  const fs::path& out_;
  const fs::path folder_;
  std::map<std::string, std::string> keys_;       ///< by track
  std::map<std::string, std::vector<Tag>> tags_;  ///< of tracks whose tags are others than in the file
};

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  Result<void> written;
  const auto done = json::guard(out, [&] { written = Writer(scene, labels, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::supervisely::episode
