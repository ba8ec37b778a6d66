// SPDX-License-Identifier: Apache-2.0
//
// Writing of Datumaro's format.
#include <fmt/format.h>

#include <algorithm>

#include "data/atomic_file.h"
#include "data/formats/datumaro.h"
#include "data/formats/datumaro_source.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_shapes.h"
#include "data/formats/label_elements.h"
#include "data/formats/text.h"
#include "tracking/class_at.h"

namespace sweepmark::datumaro {
namespace fs = std::filesystem;
using namespace json;

namespace {

/// Numbers that Datumaro has for kinds of media.
enum class Media { element = 1, image = 2, point_cloud = 6 };

/// A keyframe of either kind on its way into an item.
struct Output {
  const std::string* track;
  const Attributes* attributes;
  std::string class_name;
  const ImageValue* value = nullptr;
  const Cuboid* cuboid = nullptr;
  std::uint32_t source_row = 0;
  bool is_single = false;
};

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const Source* source, const fs::path& out)
      : scene_(scene), labels_(labels), source_(source), out_(out) {}

  Result<std::string> text() {
    if (source_ != nullptr) {
      root_ = source_->root;
      item_of_key_ = source_->item_of_key;
      names_ = source_->labels;
    } else if (auto made = make_items(); !made) {
      return made.error();
    }
    put_categories();
    of_item_.resize(root_["items"].size());
    if (auto placed = place_labels(); !placed) return placed.error();
    find_largest_id();
    for (std::size_t i = 0; i < of_item_.size(); ++i) put_item(i);
    if (source_ != nullptr && root_ == source_->root) return source_->text;
    return json::dumped(root_, out_);
  }

 private:
  /// Items for a scene from elsewhere: a cloud for each frame where there are cuboids, and every image.
  Result<void> make_items() {
    std::vector<std::string> names, stems;
    if (!labels_.image_tracks.empty()) {
      auto found_names = image_scene::image_names(scene_, out_), found_stems = image_scene::image_stems(scene_, out_);
      if (!found_names) return found_names.error();
      if (!found_stems) return found_stems.error();
      names = *std::move(found_names);
      stems = *std::move(found_stems);
    }
    const bool has_clouds = !labels_.tracks.empty() || labels_.image_tracks.empty();
    Json items = Json::array();
    for (std::size_t f = 0; f < scene_.frames.size() && has_clouds; ++f) {
      const Frame& frame = scene_.frames[f];
      const fs::path file = frame.sweeps.empty() ? fs::path() : scene_.sweeps[frame.sweeps.front()].file;
      item_of_key_[{true, "point_cloud", frame.timestamp}] = items.size();
      items.push_back({{"id", fmt::format("{:06}", f)},
                       {"annotations", Json::array()},
                       {"attr", {{"frame", f}, {"timestamp_ns", frame.timestamp}}},
                       {"point_cloud", {{"path", file.filename().generic_string()}}}});
    }
    const std::vector<TimestampNs> times = image_scene::frame_times(scene_);
    for (const ImageRef& image : scene_.images) {
      if (labels_.image_tracks.empty()) break;
      const std::string& camera = scene_.sensors[image.sensor].name;
      const bool is_named = camera != image_scene::unnamed_camera;
      const auto number = std::ranges::lower_bound(times, image.timestamp) - times.begin();
      item_of_key_[{false, camera, image.timestamp}] = items.size();
      const auto place = static_cast<std::size_t>(&image - scene_.images.data());
      const std::string id =
          image.file.empty() ? fmt::format("{}{:06}", is_named ? camera + "/" : "", number) : stems[place];
      Json item = {{"id", id},
                   {"annotations", Json::array()},
                   {"attr", {{"frame", number}, {"timestamp_ns", image.timestamp}}},
                   {"image", {{"path", image.file.empty() ? id + ".jpg" : names[place]}}}};
      if (is_named) item["attr"]["camera"] = camera;
      if (image.width > 0 && image.height > 0) item["image"]["size"] = {image.height, image.width};
      items.push_back(std::move(item));
    }
    const bool has_images = !labels_.image_tracks.empty();
    const Media media = has_clouds && has_images ? Media::element : has_images ? Media::image : Media::point_cloud;
    root_ = {{"dm_format_version", "1.0"},
             {"media_type", static_cast<int>(media)},
             {"infos", Json::object()},
             {"categories", Json::object()},
             {"items", std::move(items)}};
    return {};
  }

  /// Classes keep their numbers; new ones come behind.
  void put_categories() {
    std::vector<Json> rows, colors, skeletons;
    const auto add = [&](const std::string& name, const ClassDefinition* definition) {
      if (std::ranges::find(names_, name) != names_.end()) return;
      const std::size_t number = names_.size();
      names_.push_back(name);
      rows.push_back(
          {{"name", name}, {"parent", definition == nullptr ? "" : definition->parent}, {"attributes", Json::array()}});
      if (definition == nullptr) return;
      if (definition->color.size() == 7) {
        const auto part = [&](std::size_t at) {
          return std::strtol(definition->color.substr(at, 2).c_str(), nullptr, 16);
        };
        colors.push_back({{"label_id", number}, {"r", part(1)}, {"g", part(3)}, {"b", part(5)}});
      }
      if (const SkeletonDefinition* skeleton = find_skeleton(labels_.ontology, definition->skeleton)) {
        Json joints = Json::array();
        for (const auto& [from, to] : skeleton->edges) joints.push_back(Json::array({from + 1, to + 1}));
        skeletons.push_back(
            {{"label_id", number}, {"labels", skeleton->points}, {"joints", joints}, {"positions", Json::array()}});
      }
    };
    for (const ClassDefinition& c : labels_.ontology.classes) add(c.name, &c);
    const auto add_used = [&](const std::string& name) {
      if (name != no_class) add(name, nullptr);
    };
    for (const Track& track : labels_.tracks) for_each_class(track, add_used);
    for (const ImageTrack& track : labels_.image_tracks) for_each_class(track, add_used);
    // Looked up anew for each part: a member that is added moves those beside it.
    const auto put = [&](const char* kind, const char* list, std::vector<Json>& made) {
      for (Json& row : made) root_["categories"][kind][list].push_back(std::move(row));
    };
    if (!root_["categories"].contains("label"))
      root_["categories"]["label"] = {
          {"labels", Json::array()}, {"label_groups", Json::array()}, {"attributes", Json::array()}};
    put("label", "labels", rows);
    put("mask", "colormap", colors);
    put("points", "items", skeletons);
  }

  template <class Track, class Keyframe>
  Output output_of(const Track& track, const Keyframe& keyframe) const {
    Output out{
        &track.id, &keyframe.attributes, class_at(track, keyframe.timestamp), nullptr, nullptr, keyframe.source_row,
        false};
    out.is_single = track.keyframes.size() == 1 && track.id.starts_with("annotation ");
    return out;
  }

  Result<void> place(const ItemKey& key, Output output) {
    const auto item = item_of_key_.find(key);
    if (item == item_of_key_.end()) {
      return Error{
          fmt::format("Datumaro holds labels of items only: track {} has one at {} ns, where there is no {}: {}",
                      *output.track, key.time, key.is_cloud ? "point cloud" : "image of " + key.camera, out_.string())};
    }
    of_item_[item->second].push_back(std::move(output));
    return {};
  }

  Result<void> place_labels() {
    for (const Track& track : labels_.tracks) {
      for (const Keyframe& k : track.keyframes) {
        Output output = output_of(track, k);
        output.cuboid = &k.cuboid;
        if (auto placed = place({true, "point_cloud", k.timestamp}, std::move(output)); !placed) return placed;
      }
    }
    for (const ImageTrack& track : labels_.image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        if (k.value.box && k.value.box->rotation != 0)
          return Error{
              fmt::format("Datumaro has no turned boxes: track {} at {} ns: {}", track.id, k.timestamp, out_.string())};
        Output output = output_of(track, k);
        output.value = &k.value;
        if (auto placed = place({false, track.camera, k.timestamp}, std::move(output)); !placed) return placed;
      }
    }
    return {};
  }

  void find_largest_id() {
    for (const Json& item : root_["items"]) {
      const Json* annotations = optional_member(item, "annotations");
      if (annotations == nullptr) continue;
      for (const Json& a : *annotations) {
        if (const Json* id = optional_member(a, "id"); id != nullptr && id->is_number_integer())
          largest_id_ = std::max(largest_id_, id->get<std::int64_t>());
      }
    }
  }

  void put_item(std::size_t i) {
    Json annotations = Json::array();
    std::vector<bool> is_placed(of_item_[i].size(), false);
    const auto put = [&](std::size_t o, const Row* row) {
      is_placed[o] = true;
      for (Json& a : annotations_of(of_item_[i][o], row)) annotations.push_back(std::move(a));
    };
    if (source_ != nullptr) {
      for (const Source::Slot& slot : source_->items[i]) {
        if (!slot.row) {
          annotations.push_back(slot.other);
          continue;
        }
        for (std::size_t o = 0; o < of_item_[i].size(); ++o) {
          if (of_item_[i][o].source_row == *slot.row && !is_placed[o]) {
            put(o, &source_->rows[*slot.row]);
            break;
          }
        }
      }
    }
    for (std::size_t o = 0; o < of_item_[i].size(); ++o) {
      if (!is_placed[o]) put(o, nullptr);
    }
    Json& item = root_["items"][i];
    if (!annotations.empty() || item.contains("annotations")) item["annotations"] = std::move(annotations);
  }

  std::vector<Json> annotations_of(const Output& output, const Row* row) {
    const Attributes& attributes = *output.attributes;
    const std::string& class_name = output.class_name;
    const bool same_track = row != nullptr && (row->track.empty() ? output.is_single : row->track == *output.track);
    if (same_track && row->class_name == class_name && row->attributes == attributes &&
        (output.cuboid != nullptr ? row->cuboid == *output.cuboid : row->value == *output.value))
      return row->annotations;
    std::vector<Json> made;
    std::vector<const Json*> old;
    if (row != nullptr) {
      for (const Json& a : row->annotations) old.push_back(&a);
    }
    // What the file says beside the shape stays with a shape of that type.
    const auto begin = [&](const char* type) {
      const auto same = std::ranges::find_if(old, [&](const Json* a) { return (*a)["type"] == type; });
      Json a = Json::object();
      if (same != old.end()) {
        a = **same;
        old.erase(same);
      } else {
        a["id"] = ++largest_id_;
        a["type"] = type;
        a["attributes"] = Json::object();
        a["group"] = 0;
      }
      Json members = Json::object();
      for (const auto& [name, value] : attributes) members[name] = attribute_value(value);
      if (!output.is_single) members[track_attribute] = attribute_value(*output.track);
      a["attributes"] = std::move(members);
      const auto number = std::ranges::find(names_, class_name);
      a["label_id"] = number == names_.end() ? Json() : Json(number - names_.begin());
      if (std::string_view(type) != "cuboid_3d" && !a.contains("z_order")) a["z_order"] = 0;
      return a;
    };
    if (output.cuboid != nullptr) {
      Json a = begin("cuboid_3d");
      const Cuboid& c = *output.cuboid;
      const Vec3d angles = xyz_from_quat(c.rotation);
      a["position"] = {c.center.x, c.center.y, c.center.z};
      a["rotation"] = {angles.x, angles.y, angles.z};
      a["scale"] = {c.size.x, c.size.y, c.size.z};
      made.push_back(std::move(a));
    } else {
      put_shapes(*output.value, begin, made);
      // Shapes of a label of one item belong together by their group.
      if (output.is_single && made.size() > 1 && made[0].contains("id")) {
        for (Json& a : made) a["group"] = made[0]["id"];
      }
    }
    return made;
  }

  template <class Begin>
  static void put_shapes(const ImageValue& value, const Begin& begin, std::vector<Json>& made) {
    if (value.box) {
      Json a = begin("bbox");
      const ImageBox& b = *value.box;
      Json place =
          Json::array({b.left, b.top, image_scene::extent(b.left, b.right), image_scene::extent(b.top, b.bottom)});
      a["bbox"] = std::move(place);
      made.push_back(std::move(a));
    }
    if (value.polygon) {
      for (const Ring& ring : value.polygon->rings) {
        Json a = begin(ring.kind == RingKind::line ? "polyline" : "polygon");
        a["points"] = list_of(ring);
        made.push_back(std::move(a));
      }
    }
    if (value.mask) {
      Json a = begin("mask");
      a["rle"] = rle_of(*value.mask);
      made.push_back(std::move(a));
    }
    if (value.skeleton) {
      Json a = begin("points");
      a["points"] = Json::array();
      a["visibility"] = Json::array();
      for (const Keypoint& point : value.skeleton->points) {
        a["points"].push_back(point.position.x);
        a["points"].push_back(point.position.y);
        a["visibility"].push_back(static_cast<int>(point.visibility));
      }
      made.push_back(std::move(a));
    }
  }

  const Scene& scene_;
  const LabelSet& labels_;
  const Source* source_;
  const fs::path& out_;
  Json root_;
  std::map<ItemKey, std::size_t> item_of_key_;
  std::vector<std::string> names_;
  std::vector<std::vector<Output>> of_item_;
  std::int64_t largest_id_ = 0;
};

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  Result<std::string> text = Error{};
  const auto made = guard(out, [&] { text = Writer(scene, labels, source, out).text(); });
  if (!made) return made.error();
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::datumaro
