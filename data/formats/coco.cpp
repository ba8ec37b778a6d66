// SPDX-License-Identifier: Apache-2.0
//
// https://cocodataset.org/#format-data. Boxes are x, y, width, height from the top left corner, from 0; runs go down
// the columns; a keypoint's third number is its visibility; edges of skeletons count from 1.
#include "data/formats/coco.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/coco_tables.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_keys.h"
#include "data/formats/json_reader.h"
#include "data/formats/json_shapes.h"
#include "data/formats/text.h"
#include "tracking/class_at.h"

namespace sweepmark::coco {
namespace fs = std::filesystem;
namespace {

using namespace json;

struct Source : LabelSource {
  Json root = Json::object();     ///< all but the rows below
  std::vector<Json> categories;   ///< in the order of the file
  std::vector<Json> images;       ///< in the order of Scene::images
  std::vector<Json> annotations;  ///< by source_row
  std::vector<Json> others;       ///< annotations without a shape: captions, for one
  struct Bad {
    std::size_t before = 0;  ///< which of `annotations` follows
    Json annotation;
  };
  std::vector<Bad> bad;  ///< no labels: written back as they are

  std::vector<std::string> other_fields() const override {
    if (others.empty()) return {};
    return {"annotations without a shape"};
  }
};

/// What one annotation says, beside its names.
struct Row {
  std::int64_t image_id = 0, category_id = 0;
  std::string id, track;  ///< track: empty for a label of one image
  ImageValue value;
  Attributes attributes;
};

std::string id_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// What the annotation is of, for messages: its track, or else its own id.
std::string object_of(const Json& a) {
  for (const char* name : {"track_id", "instance_id", "id"}) {
    if (const Json* id = optional_member(a, name)) return id_text(*id);
  }
  return "";
}

Row read_annotation(const Json& a, const std::string& at) {
  Row row;
  row.image_id = integer_of(a, "image_id", at);
  if (const Json* id = optional_member(a, "id")) row.id = id_text(*id);
  for (const char* name : {"track_id", "instance_id"}) {
    if (const Json* id = optional_member(a, name); id != nullptr && row.track.empty()) row.track = id_text(*id);
  }
  if (const Json* bbox = optional_member(a, "bbox"); bbox != nullptr && !bbox->empty()) {
    const auto v = numbers<4>(*bbox, at + "/bbox");
    row.value.box = ImageBox{v[0], v[1], v[0] + v[2], v[1] + v[3], 0};
    // By the file's own numbers: a width that its place swallows is 0 in pixels.
    expect_no_fault(box_fault({0, 0, v[2], v[3], 0}), at + "/bbox");
    expect_no_fault(box_fault(*row.value.box), at + "/bbox");
  }
  if (const Json* segmentation = optional_member(a, "segmentation")) {
    const std::string where = at + "/segmentation";
    if (segmentation->is_object()) {
      row.value.mask = mask_of(*segmentation, where);
    } else if (!array(*segmentation, where).empty()) {
      row.value.polygon.emplace();
      for (std::size_t i = 0; i < segmentation->size(); ++i)
        row.value.polygon->rings.push_back(ring_of((*segmentation)[i], fmt::format("{}/{}", where, i)));
    }
  }
  if (const Json* keypoints = optional_member(a, "keypoints"); keypoints != nullptr && !keypoints->empty()) {
    const std::string where = at + "/keypoints";
    if (!keypoints->is_array() || keypoints->size() % 3 != 0) fail(where, "x, y and visibility of each point");
    row.value.skeleton.emplace();
    for (std::size_t i = 0; i < keypoints->size(); i += 3) {
      const std::int64_t visibility = integer((*keypoints)[i + 2], where);
      if (visibility < 0 || visibility > 2) fail(where, fmt::format("a visibility of 0, 1 or 2, got {}", visibility));
      row.value.skeleton->points.push_back(
          {{number((*keypoints)[i], where), number((*keypoints)[i + 1], where)}, static_cast<Visibility>(visibility)});
    }
  }
  if (const Json* crowd = optional_member(a, "iscrowd"); crowd != nullptr && (*crowd == 1 || *crowd == true))
    row.attributes["iscrowd"] = "1";
  if (const Json* score = optional_member(a, "score")) row.attributes["score"] = attribute_text(*score);
  if (const Json* more = optional_member(a, "attributes"); more != nullptr && more->is_object()) {
    for (const auto& [name, value] : more->items()) row.attributes.insert_or_assign(name, attribute_text(value));
  }
  if (!row.value.is_empty()) row.category_id = integer_of(a, "category_id", at);
  return row;
}

void read_annotations(const Json& root, const std::map<std::int64_t, std::size_t>& index_of_image,
                      const std::map<std::int64_t, std::string>& name_of_category, Source& source, Scene& scene) {
  std::map<std::string, std::size_t> track_of_name;
  std::vector<std::string> class_of_row;
  std::set<std::pair<std::string, TimestampNs>> seen;
  const auto read_row = [&](const Json& a, const std::string& at, BadRow& bad) {
    bad.object = object_of(a);
    const Row row = read_annotation(a, at);
    if (row.value.is_empty()) {
      source.others.push_back(a);
      return;
    }
    const auto image = index_of_image.find(row.image_id);
    if (image == index_of_image.end())
      expect_no_fault(missing_image_fault(fmt::format("image {}", row.image_id)), at + "/image_id");
    const TimestampNs time = bad.timestamp = scene.images[image->second].timestamp;
    const auto category = name_of_category.find(row.category_id);
    if (category == name_of_category.end())
      throw RowFault{BadRow::Kind::other, fmt::format("category {}", row.category_id), "a category that is in the file",
                     at + "/category_id"};
    // Labels of single images have names that no track has.
    const bool is_single = row.track.empty();
    const std::string name = !is_single ? row.track : "annotation " + (row.id.empty() ? "at " + at : row.id);
    if (is_single && track_of_name.contains(name))
      throw RowFault{BadRow::Kind::second_row, fmt::format("annotation {} again", row.id), "each id once", at + "/id"};
    if (!seen.emplace(name, time).second) expect_no_fault(second_row_fault("track " + name), at);
    const auto [place, is_new] = track_of_name.emplace(name, scene.labels.image_tracks.size());
    if (is_new) {
      scene.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera, .id = name, .class_name = category->second});
    }
    ImageTrack& track = scene.labels.image_tracks[place->second];
    track.keyframes.push_back({.timestamp = time,
                               .value = row.value,
                               .attributes = row.attributes,
                               .source_row = static_cast<std::uint32_t>(source.annotations.size())});
    source.annotations.push_back(a);
    class_of_row.push_back(category->second);
  };
  each(root, "annotations", "", [&](const Json& a, const std::string& at) {
    const bool is_right =
        collect(scene.labels.bad_rows, bad_row_at(scene.root, at), [&](BadRow& bad) { read_row(a, at, bad); });
    if (!is_right) source.bad.push_back({source.annotations.size(), a});
  });
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
    set_classes_of_rows(track, class_of_row, std::identity{});
    image_scene::mark_gaps(track, frames);
  }
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return path.extension() == ".json" && fs::is_regular_file(path, failure) &&
         has_top_level_keys(path, {"images", "annotations", "categories"});
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return Error{fmt::format("expected a COCO .json file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::coco, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  auto root = json::parse(content, file);
  if (!root) return root.error();
  Scene scene = image_scene::make(Format::coco, file, file.stem().string());
  auto source = std::make_shared<Source>();
  const auto read = guard(file, [&] {
    array(member(*root, "images", ""), "/images");
    array(member(*root, "annotations", ""), "/annotations");
    const auto name_of_category = read_categories(*root, source->categories, scene.labels.ontology, scene.notes);
    const auto index_of_image = read_images(*root, file.parent_path(), source->images, scene);
    read_annotations(*root, index_of_image, name_of_category, *source, scene);
    source->root = unknown_members(*root, {"images", "annotations", "categories"});
  });
  if (!read) return read.error();
  if (!source->others.empty())
    scene.notes.push_back(fmt::format("{} annotations without a shape are kept, not shown", source->others.size()));
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

namespace {

void put_shapes(const ImageValue& value, Json& row) {
  if (value.box || !row.contains("bbox")) {
    const ImageBox box = bounds(value);
    row["bbox"] = {box.left, box.top, image_scene::extent(box.left, box.right),
                   image_scene::extent(box.top, box.bottom)};
    row["area"] = box.area();
  }
  row.erase("segmentation");
  if (value.polygon) {
    Json rings = Json::array();
    for (const Ring& ring : value.polygon->rings) rings.push_back(list_of(ring));
    row["segmentation"] = std::move(rings);
    row["area"] = area(*value.polygon);
  } else if (value.mask) {
    row["segmentation"] = rle_of(*value.mask);
    row["area"] = area(*value.mask);
  }
  if (value.skeleton) {
    Json list = Json::array();
    int labelled = 0;
    for (const Keypoint& point : value.skeleton->points) {
      list.push_back(point.position.x);
      list.push_back(point.position.y);
      list.push_back(static_cast<int>(point.visibility));
      labelled += point.visibility == Visibility::absent ? 0 : 1;
    }
    row["keypoints"] = std::move(list);
    row["num_keypoints"] = labelled;
  } else {
    row.erase("keypoints");
    row.erase("num_keypoints");
  }
}

/// What COCO cannot hold of a value, or nothing.
std::string beyond_coco(const ImageValue& value) {
  if (value.box && value.box->rotation != 0) return "a turned box";
  if (value.polygon && value.mask) return "a polygon and a mask at once";
  if (value.polygon) {
    for (const Ring& ring : value.polygon->rings) {
      if (ring.kind == RingKind::hole) return "a polygon with a hole";
      if (ring.kind == RingKind::line) return "a line";
    }
  }
  return "";
}

}  // namespace

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const Categories categories = written_categories(labels, source == nullptr ? nullptr : &source->categories);
  const auto found_images = written_images(scene, source == nullptr ? nullptr : &source->images, out);
  if (!found_images) return found_images.error();
  const Images& images = *found_images;
  const image_scene::ImageIndex index(scene);

  struct Written {
    std::size_t order;
    Json row;
  };
  std::vector<Written> rows;
  std::int64_t largest_id = 0;
  if (source != nullptr) {
    for (const Json& a : source->annotations) {
      if (const Json* id = optional_member(a, "id"); id != nullptr && id->is_number_integer())
        largest_id = std::max(largest_id, id->get<std::int64_t>());
    }
  }
  std::size_t order = source == nullptr ? 0 : source->annotations.size();
  // Bad rows stay between those that they were between: even places are theirs.
  for (std::size_t i = 0; source != nullptr && i < source->bad.size(); ++i) {
    rows.push_back({2 * source->bad[i].before, source->bad[i].annotation});
    if (const Json* id = optional_member(rows.back().row, "id"); id != nullptr && id->is_number_integer())
      largest_id = std::max(largest_id, id->get<std::int64_t>());
  }
  for (const ImageTrack& track : labels.image_tracks) {
    const bool is_single = track.keyframes.size() == 1 && track.id.starts_with("annotation ");
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto image = index.find(track.camera, keyframe.timestamp);
      if (!image) {
        return Error{
            fmt::format("COCO holds labels of images only: track {} has one at {} ns, where camera {} has no "
                        "image: {}",
                        track.id, keyframe.timestamp, track.camera, out.string())};
      }
      if (const std::string beyond = beyond_coco(keyframe.value); !beyond.empty()) {
        return Error{fmt::format("COCO cannot hold {}: track {} at {} ns: {}", beyond, track.id, keyframe.timestamp,
                                 out.string())};
      }
      Attributes attributes = keyframe.attributes;
      const std::int64_t category = categories.number_of_class.at(class_at(track, keyframe.timestamp));
      Json row = Json::object();
      std::size_t place = order++;
      if (source != nullptr && keyframe.source_row < source->annotations.size()) {
        place = keyframe.source_row;
        row = source->annotations[place];
        const Row before = read_annotation(row, "");
        if (before.image_id == images.ids[*image] && before.category_id == category && before.value == keyframe.value &&
            before.attributes == attributes && (before.track.empty() ? is_single : before.track == track.id)) {
          rows.push_back({2 * place + 1, std::move(row)});
          continue;
        }
      } else {
        row["id"] = ++largest_id;
      }
      row["image_id"] = images.ids[*image];
      row["category_id"] = category;
      if (!is_single) {
        std::int64_t number = 0;
        if (parse_number(std::string_view(track.id), number) && std::to_string(number) == track.id) {
          row["track_id"] = number;
        } else {
          row["track_id"] = track.id;
        }
      }
      put_shapes(keyframe.value, row);
      row["iscrowd"] = attributes.erase("iscrowd") > 0 ? 1 : 0;
      if (const auto score = attributes.find("score"); score != attributes.end()) {
        row["score"] = attribute_value(score->second);
        attributes.erase(score);
      }
      row.erase("attributes");
      for (const auto& [name, value] : attributes) row["attributes"][name] = attribute_value(value);
      rows.push_back({2 * place + 1, std::move(row)});
    }
  }
  std::ranges::stable_sort(rows, {}, &Written::order);
  Json root = source != nullptr ? source->root : Json::object();
  root["images"] = images.rows;
  root["annotations"] = Json::array();
  for (Written& row : rows) root["annotations"].push_back(std::move(row.row));
  if (source != nullptr) {
    for (const Json& row : source->others) root["annotations"].push_back(row);
  }
  root["categories"] = categories.rows;
  return json::dumped(root, out);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::coco
