// SPDX-License-Identifier: Apache-2.0
//
// Source: Datumaro 1.13's documentation of its format, https://open-edge-platform.github.io/datumaro.
// A cuboid is position, rotation about x, y and z (XYZ), and scale: its full sizes. Shapes: datumaro_annotations.cpp.
#include "data/formats/datumaro.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/datumaro_source.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_keys.h"
#include "data/formats/json_shapes.h"
#include "data/formats/label_elements.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/point_cloud.h"
#include "tracking/class_at.h"

namespace sweepmark::datumaro {
namespace fs = std::filesystem;
using namespace json;

namespace {

constexpr const char* cloud_sensor = "point_cloud";

std::string track_of(const Json& annotation) {
  const Json* attributes = optional_member(annotation, "attributes");
  const Json* id =
      attributes == nullptr || !attributes->is_object() ? nullptr : optional_member(*attributes, track_attribute);
  return id == nullptr ? "" : attribute_text(*id);
}

class Reader {
 public:
  Reader(Source& source, const fs::path& file) : source_(source), file_(file) {
    subset_ = file.stem().string();
    root_folder_ =
        file.parent_path().filename() == "annotations" ? file.parent_path().parent_path() : file.parent_path();
    scene_.format = Format::datumaro;
    scene_.root = file;
    scene_.name = subset_;
  }

  Scene read() {
    array(member(source_.root, "items", ""), "/items");
    read_categories();
    read_times();
    for (std::size_t i = 0; i < source_.root["items"].size(); ++i) read_item(i);
    make_frames();
    make_tracks();
    tell_what_is_not_shown();
    source_.ontology = scene_.labels.ontology;
    return std::move(scene_);
  }

 private:
  void read_categories() {
    const Json& categories = object(member(source_.root, "categories", ""), "/categories");
    if (const Json* label = optional_member(categories, "label")) {
      each(*label, "labels", "/categories/label", [&](const Json& l, const std::string& at) {
        ClassDefinition made{.name = text_of(l, "name", at)};
        if (const Json* parent = optional_member(l, "parent"); parent != nullptr && parent->is_string())
          made.parent = parent->get<std::string>();
        source_.label_names.push_back(made.name);
        const auto is_taken = [&] { return std::ranges::find(source_.labels, made.name) != source_.labels.end(); };
        // Points of two skeletons may have one name: CVAT tells them apart by their parents.
        if (is_taken() && !made.parent.empty()) made.name = made.parent + "/" + made.name;
        if (is_taken()) fail(at + "/name", fmt::format("each name once, got \"{}\" again", made.name));
        source_.labels.push_back(made.name);
        scene_.labels.ontology.classes.push_back(std::move(made));
      });
    }
    const auto class_at = [&](const Json& entry, const std::string& at) -> ClassDefinition& {
      const std::int64_t id = integer_of(entry, "label_id", at);
      if (id < 0 || static_cast<std::size_t>(id) >= source_.labels.size())
        fail(at + "/label_id", fmt::format("a label below {}, got {}", source_.labels.size(), id));
      return scene_.labels.ontology.classes[static_cast<std::size_t>(id)];
    };
    if (const Json* mask = optional_member(categories, "mask")) {
      each(*mask, "colormap", "/categories/mask", [&](const Json& c, const std::string& at) {
        const auto part = [&](const char* name) { return integer_of(c, name, at) & 255; };
        // Colours of labels that are not there have no use.
        if (integer_of(c, "label_id", at) < static_cast<std::int64_t>(source_.labels.size()))
          class_at(c, at).color = fmt::format("#{:02x}{:02x}{:02x}", part("r"), part("g"), part("b"));
      });
    }
    if (const Json* points = optional_member(categories, "points")) {
      each(*points, "items", "/categories/points", [&](const Json& p, const std::string& at) {
        ClassDefinition& of = class_at(p, at);
        SkeletonDefinition skeleton{.name = of.name};
        each(p, "labels", at,
             [&](const Json& name, const std::string& place) { skeleton.points.push_back(text(name, place)); });
        skeleton.edges = json::edges_of(p, "joints", skeleton.points.size(), at, scene_.notes);
        of.skeleton = of.name;
        scene_.labels.ontology.skeletons.push_back(std::move(skeleton));
      });
    }
  }

  static ItemKey key_of(const Json& item, TimestampNs time) {
    const Json* attr = optional_member(item, "attr");
    const Json* camera = attr == nullptr ? nullptr : optional_member(*attr, "camera");
    const bool is_cloud = optional_member(item, "point_cloud") != nullptr;
    const std::string name = is_cloud                                   ? cloud_sensor
                             : camera != nullptr && camera->is_string() ? camera->get<std::string>()
                                                                        : image_scene::unnamed_camera;
    return {is_cloud, name, time};
  }

  /// Times of the items: those of the file, numbers of frames, or the item's place.
  void read_times() {
    const Json& items = source_.root["items"];
    for (const auto& [name, unit] : {std::pair{"timestamp_ns", TimestampNs{1}}, {"frame", numbered_frame_period}}) {
      std::set<ItemKey> seen;
      bool all = !items.empty();
      times_.clear();
      for (std::size_t i = 0; i < items.size() && all; ++i) {
        const Json* attr = items[i].is_object() ? optional_member(items[i], "attr") : nullptr;
        const Json* value = attr == nullptr || !attr->is_object() ? nullptr : optional_member(*attr, name);
        all = value != nullptr && value->is_number_integer();
        if (!all) break;
        const auto number = value->get<std::int64_t>();
        if (unit != 1 && (number < 0 || number > INT32_MAX))
          fail(fmt::format("/items/{}/attr/{}", i, name), "the number of a frame");
        times_.push_back(number * unit);
        all = seen.insert(key_of(items[i], times_.back())).second;
      }
      if (all) {
        if (unit != 1) scene_.assume_times("frames have numbers but no times: 100 ms apart");
        return;
      }
    }
    times_.clear();
    for (std::size_t i = 0; i < items.size(); ++i)
      times_.push_back(static_cast<TimestampNs>(i) * numbered_frame_period);
    if (!items.empty()) scene_.assume_times("items have neither times nor frames: 100 ms apart in their order");
  }

  void read_item(std::size_t i) {
    const std::string at = fmt::format("/items/{}", i);
    const Json& item = object(source_.root["items"][i], at);
    const ItemKey key = key_of(item, times_[i]);
    source_.item_of_key.emplace(key, i);
    keys_.push_back(key);
    add_media(item, key, at);
    source_.items.emplace_back();
    // Annotations of a track, or of a group and class, are one label.
    std::map<std::string, std::size_t> row_of_name;
    each(item, "annotations", at, [&](const Json& a, const std::string& place) {
      const std::string type = text_of(a, "type", place);
      if (!is_label_type(type)) {
        source_.items.back().push_back({std::nullopt, a, false});
        return;
      }
      const Json* group = optional_member(a, "group");
      const Json* label = optional_member(a, "label_id");
      const std::string track = track_of(a), kind = type == "cuboid_3d" ? "cuboid " : "shape ";
      std::string name = kind;
      if (!track.empty()) {
        name += "track " + track;
      } else if (group != nullptr && group->is_number_integer() && *group != 0) {
        name += fmt::format("group {} {}", group->dump(), label == nullptr ? "" : label->dump());
      } else {
        name += place;
      }
      const auto known = row_of_name.find(name);
      Row fresh{.item = i, .track = track};
      Row& row = known == row_of_name.end() ? fresh : source_.rows[known->second];
      const bool is_right = collect(scene_.labels.bad_rows, bad_row_at(file_, place, track, key.time), [&](BadRow&) {
        if (known == row_of_name.end() && !track.empty() && !seen_.emplace(kind, track, key).second)
          expect_no_fault(second_row_fault("track " + track), place);
        add_annotation(a, place, {source_.labels, source_.label_names, scene_.labels.ontology}, row);
      });
      if (!is_right) {
        source_.items.back().push_back({std::nullopt, a, true});
        return;
      }
      if (type == "ellipse") ++ellipses_;
      row.annotations.push_back(a);
      if (known != row_of_name.end()) return;
      row_of_name.emplace(name, source_.rows.size());
      source_.items.back().push_back({source_.rows.size(), {}, false});
      source_.rows.push_back(std::move(fresh));
    });
  }

  void add_media(const Json& item, const ItemKey& key, const std::string& at) {
    std::error_code failure;
    const auto sensor = [&](SensorKind kind) {
      auto found = std::ranges::find(scene_.sensors, key.camera, &Sensor::name);
      if (found == scene_.sensors.end()) {
        scene_.sensors.push_back({key.camera, kind, {}, {}});
        found = scene_.sensors.end() - 1;
      }
      return static_cast<std::uint32_t>(found - scene_.sensors.begin());
    };
    const auto file_of = [&](const char* folder, const Json& media, const std::string& place) {
      const Json* path = optional_member(media, "path");
      const fs::path name = path == nullptr ? fs::path() : fs::path(text(*path, place + "/path"));
      const fs::path in_subset = root_folder_ / folder / subset_ / name, in_folder = root_folder_ / folder / name;
      return name.empty()                                                        ? name
             : fs::exists(in_subset, failure) || !fs::exists(in_folder, failure) ? in_subset
                                                                                 : in_folder;
    };
    if (key.is_cloud) {
      const std::uint32_t number = sensor(SensorKind::lidar);
      const fs::path file =
          file_of("point_clouds", object(item["point_cloud"], at + "/point_cloud"), at + "/point_cloud");
      if (file.empty() || !fs::is_regular_file(file, failure)) return;
      const auto kind = point_file_kind(file);
      if (kind) scene_.sweeps.push_back({number, key.time, file, *kind, {}});
      return;
    }
    ImageRef image;
    image.sensor = sensor(SensorKind::camera);
    image.timestamp = key.time;
    if (const Json* media = optional_member(item, "image")) {
      image.file = file_of("images", object(*media, at + "/image"), at + "/image");
      if (const Json* size = optional_member(*media, "size")) {
        const auto hw = numbers<2>(*size, at + "/image/size");
        image.height = static_cast<std::uint32_t>(std::clamp(hw[0], 0.0, 1e6));
        image.width = static_cast<std::uint32_t>(std::clamp(hw[1], 0.0, 1e6));
      }
    }
    scene_.images.push_back(std::move(image));
  }

  void make_frames() {
    std::set<TimestampNs> times(times_.begin(), times_.end());
    for (const TimestampNs time : times) scene_.frames.push_back({time, {}, {}, {}});
    std::ranges::stable_sort(scene_.images, {}, &ImageRef::timestamp);
    std::ranges::stable_sort(scene_.sweeps, {}, &SweepRef::timestamp);
    const auto numbers = frame_numbers(scene_);
    for (std::size_t i = 0; i < scene_.images.size(); ++i)
      scene_.frames[numbers.at(scene_.images[i].timestamp)].images.push_back(static_cast<std::uint32_t>(i));
    for (std::size_t i = 0; i < scene_.sweeps.size(); ++i)
      scene_.frames[numbers.at(scene_.sweeps[i].timestamp)].sweeps.push_back(static_cast<std::uint32_t>(i));
  }

  void tell_what_is_not_shown() {
    std::map<std::string, std::size_t> others;
    for (const auto& item : source_.items) {
      for (const Source::Slot& slot : item) {
        if (!slot.row && !slot.is_bad) ++others[slot.other["type"].get<std::string>()];
      }
    }
    for (const auto& [type, count] : others)
      scene_.notes.push_back(fmt::format("{} annotation{} of type {} {} kept in the file but not shown", count,
                                         count == 1 ? "" : "s", type, count == 1 ? "is" : "are"));
    if (ellipses_ > 0)
      scene_.notes.push_back(fmt::format("{} ellipse{} shown as {} of 64 corners", ellipses_,
                                         ellipses_ == 1 ? " is" : "s are", ellipses_ == 1 ? "a polygon" : "polygons"));
  }

  void make_tracks() {
    std::map<std::string, std::size_t> track_of_id;
    std::map<std::pair<std::string, std::string>, std::size_t> image_track_of_id;
    for (std::size_t r = 0; r < source_.rows.size(); ++r) {
      const Row& row = source_.rows[r];
      const ItemKey& key = keys_[row.item];
      const std::string id = row.track.empty() ? fmt::format("annotation {}", r) : row.track;
      const auto source_row = static_cast<std::uint32_t>(r);
      if (row.cuboid) {
        const auto [at, is_new] = track_of_id.emplace(id, scene_.labels.tracks.size());
        if (is_new) scene_.labels.tracks.push_back({id, row.class_name, {}, {}, {}});
        Track& track = scene_.labels.tracks[at->second];
        track.keyframes.push_back({key.time, *row.cuboid, {}, row.attributes, source_row});
      } else {
        const auto [at, is_new] =
            image_track_of_id.emplace(std::pair(key.camera, id), scene_.labels.image_tracks.size());
        if (is_new)
          scene_.labels.image_tracks.push_back({.camera = key.camera, .id = id, .class_name = row.class_name});
        ImageTrack& track = scene_.labels.image_tracks[at->second];
        track.keyframes.push_back(
            {.timestamp = key.time, .value = row.value, .attributes = row.attributes, .source_row = source_row});
      }
    }
    const std::vector<TimestampNs> frames = image_scene::frame_times(scene_);
    for (ImageTrack& track : scene_.labels.image_tracks) {
      std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
      set_classes_of_rows(track, source_.rows, &Row::class_name);
      image_scene::mark_gaps(track, frames);
    }
    for (Track& track : scene_.labels.tracks) {
      std::ranges::stable_sort(track.keyframes, {}, &Keyframe::timestamp);
      set_classes_of_rows(track, source_.rows, &Row::class_name);
    }
  }

  Source& source_;
  fs::path file_, root_folder_;
  std::string subset_;
  Scene scene_;
  std::vector<TimestampNs> times_;
  std::vector<ItemKey> keys_;
  std::set<std::tuple<std::string, std::string, ItemKey>> seen_;  ///< kind and track of labels
  std::size_t ellipses_ = 0;
};

std::vector<fs::path> files_of(const fs::path& path) {
  const auto is_one = [](const fs::path& file) {
    return file.extension() == ".json" && has_top_level_keys(file, {"categories", "items"});
  };
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) return is_one(path) ? std::vector{path} : std::vector<fs::path>{};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path / "annotations", failure)) {
    if (entry.is_regular_file() && is_one(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

bool recognises(const fs::path& path) { return !files_of(path).empty(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::vector<SceneHandle> handles;
  for (const fs::path& file : files_of(path)) handles.push_back({Format::datumaro, file, file.stem().string()});
  if (handles.empty())
    return Error{fmt::format("expected Datumaro's annotations/*.json with categories and items: {}", path.string())};
  return handles;
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  auto root = json::parse(content, file);
  if (!root) return root.error();
  auto source = std::make_shared<Source>();
  source->text = content;
  source->root = *std::move(root);
  Scene scene;
  const auto read = guard(file, [&] { scene = Reader(*source, file).read(); });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  const auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse({content->data(), content->size()}, handle.root);
}

}  // namespace sweepmark::datumaro
