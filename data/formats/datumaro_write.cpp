// SPDX-License-Identifier: Apache-2.0
//
// Writing of Datumaro's format.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "data/atomic_file.h"
#include "data/formats/class_skeleton.h"
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

/// Makes the annotations of one label that changed. What the file says beside a shape stays with a shape of that type.
class AnnotationMaker {
 public:
  using Test = std::function<bool(const Json&)>;
  /// \param row  of the file, or null
  AnnotationMaker(const Row* row, Json attributes, Json label_id, std::int64_t& largest_id)
      : attributes_(std::move(attributes)), label_id_(std::move(label_id)), largest_id_(largest_id) {
    for (std::size_t i = 0; row != nullptr && i < row->annotations.size(); ++i) old_.push_back(&row->annotations[i]);
  }

  bool has(const Test& is_same) const {
    return std::ranges::any_of(old_, [&](const Json* a) { return is_same(*a); });
  }
  /// The next annotation: that of the file which passes the test, made one of `type`, or a new one.
  Json& begin(const char* type, const Test& is_same) {
    const auto same = std::ranges::find_if(old_, [&](const Json* a) { return is_same(*a); });
    Json a = Json::object();
    if (same != old_.end()) {
      a = **same;
      old_.erase(same);
    } else {
      a = {{"id", ++largest_id_}, {"type", type}, {"attributes", Json::object()}, {"group", 0}};
    }
    a["type"] = type;
    a["attributes"] = attributes_;
    a["label_id"] = label_id_;
    if (std::string_view(type) != "cuboid_3d" && !a.contains("z_order")) a["z_order"] = 0;
    made.push_back(std::move(a));
    return made.back();
  }
  Json& begin(const char* type) {
    return begin(type, [&](const Json& a) { return a["type"] == type; });
  }

  std::vector<Json> made;

 private:
  std::vector<const Json*> old_;
  Json attributes_, label_id_;
  std::int64_t& largest_id_;
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
    Json members = Json::object();
    for (const auto& [name, value] : attributes) members[name] = attribute_value(value);
    if (!output.is_single) members[track_attribute] = attribute_value(*output.track);
    const auto number = std::ranges::find(names_, class_name);
    AnnotationMaker maker(row, std::move(members), number == names_.end() ? Json() : Json(number - names_.begin()),
                          largest_id_);
    if (output.cuboid != nullptr) {
      put_cuboid(*output.cuboid, maker);
      return std::move(maker.made);
    }
    const ImageValue& value = *output.value;
    if (value.box) put_box(*value.box, maker);
    if (value.polygon) {
      for (const Ring& ring : value.polygon->rings) put_ring(ring, maker);
    }
    if (value.mask) {
      maker.begin("mask")["rle"] = rle_of(*value.mask);
    }
    if (value.skeleton) put_skeleton(*value.skeleton, class_name, maker);
    // Shapes of a label of one item belong together by their group.
    if (output.is_single && maker.made.size() > 1 && maker.made[0].contains("id")) {
      for (Json& a : maker.made) a["group"] = maker.made[0]["id"];
    }
    return std::move(maker.made);
  }

  static void put_cuboid(const Cuboid& c, AnnotationMaker& maker) {
    Json& a = maker.begin("cuboid_3d");
    const Vec3d angles = xyz_from_quat(c.rotation);
    a["position"] = {c.center.x, c.center.y, c.center.z};
    a["rotation"] = {angles.x, angles.y, angles.z};
    a["scale"] = {c.size.x, c.size.y, c.size.z};
  }

  static void put_box(const ImageBox& b, AnnotationMaker& maker) {
    Json place =
        Json::array({b.left, b.top, image_scene::extent(b.left, b.right), image_scene::extent(b.top, b.bottom)});
    maker.begin("bbox")["bbox"] = std::move(place);
  }

  /// An ellipse stays one while its outline is as it was read; a changed one is a polygon from then on.
  static void put_ring(const Ring& ring, AnnotationMaker& maker) {
    const bool is_area = ring.kind != RingKind::line;
    const auto is_ellipse = [](const Json& a) { return a["type"] == "ellipse"; };
    const auto is_this_ellipse = [&](const Json& a) { return is_ellipse(a) && ellipse_of(a, "") == ring; };
    if (is_area && maker.has(is_this_ellipse)) {
      maker.begin("ellipse", is_this_ellipse);
      return;
    }
    const char* type = is_area ? "polygon" : "polyline";
    const auto is_polygon = [&](const Json& a) { return a["type"] == type; };
    Json& a = is_area && !maker.has(is_polygon) ? maker.begin(type, is_ellipse) : maker.begin(type, is_polygon);
    a["points"] = list_of(ring);
  }

  /// A skeleton stays as the file has it, in `elements` or in one list; others are points.
  void put_skeleton(const Skeleton& skeleton, const std::string& class_name, AnnotationMaker& maker) const {
    const auto is_skeleton = [](const Json& a) { return a["type"] == "skeleton"; };
    if (!maker.has(is_skeleton)) {
      put_points(skeleton.points, maker.begin("points"));
      return;
    }
    Json& a = maker.begin("skeleton", is_skeleton);
    if (!a.contains("elements")) {
      a["points"] = Json::array();
      for (const Keypoint& k : skeleton.points) {
        a["points"].push_back(k.position.x);
        a["points"].push_back(k.position.y);
        a["points"].push_back(static_cast<int>(k.visibility));
      }
    } else if (!put_elements(skeleton, class_name, a)) {
      a["type"] = "points";
      a.erase("elements");
      put_points(skeleton.points, a);
    }
  }

  static void put_points(const std::vector<Keypoint>& points, Json& a) {
    a["points"] = Json::array();
    a["visibility"] = Json::array();
    for (const Keypoint& k : points) {
      a["points"].push_back(k.position.x);
      a["points"].push_back(k.position.y);
      a["visibility"].push_back(static_cast<int>(k.visibility));
    }
  }

  /// \return false where a point has no element, or the elements are of another class's skeleton
  bool put_elements(const Skeleton& skeleton, const std::string& class_name, Json& a) const {
    const SkeletonDefinition* definition = skeleton_of_class(source_->ontology, class_name);
    std::vector<bool> is_put(skeleton.points.size(), false);
    Json elements = a["elements"];
    for (std::size_t e = 0; e < elements.size(); ++e) {
      const auto i =
          definition == nullptr
              ? std::optional(e)
              : skeleton_point_of(elements[e], *definition, {source_->labels, source_->label_names, source_->ontology});
      if (!i || *i >= skeleton.points.size()) return false;
      put_points({skeleton.points[*i]}, elements[e]);
      is_put[*i] = true;
    }
    for (std::size_t i = 0; i < is_put.size(); ++i) {
      if (!is_put[i] && skeleton.points[i] != Keypoint{}) return false;
    }
    a["elements"] = std::move(elements);
    return true;
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
