// SPDX-License-Identifier: Apache-2.0
//
// https://cocodataset.org/#format-data. Boxes are x, y, width, height from the top left corner, from 0; runs go down
// the columns; a keypoint's third number is its visibility; edges of skeletons count from 1.
#include "data/formats/coco.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_keys.h"
#include "data/formats/json_reader.h"
#include "data/formats/text.h"
#include "geometry/mask_convert.h"

namespace sweepmark::coco {
namespace fs = std::filesystem;
namespace {

using namespace json;

constexpr TimestampNs image_period = 1'000'000'000;

struct Source : LabelSource {
  Json root = Json::object();     ///< all but the rows below
  std::vector<Json> categories;   ///< in the order of the file
  std::vector<Json> images;       ///< in the order of Scene::images
  std::vector<Json> annotations;  ///< by source_row
  std::vector<Json> others;       ///< annotations without a shape: captions, for one
};

/// What one annotation says, beside its names.
struct Row {
  std::int64_t image_id = 0, category_id = 0;
  std::string id, track;  ///< track: empty for a label of one image
  ImageValue value;
  Attributes attributes;
};

Ring ring_of(const Json& list, const std::string& where) {
  if (!list.is_array() || list.size() % 2 != 0) fail(where, "pairs of x and y");
  Ring ring;
  for (std::size_t i = 0; i < list.size(); i += 2)
    ring.vertices.push_back({number(list[i], where), number(list[i + 1], where)});
  return ring;
}

Mask mask_of(const Json& rle, const std::string& where) {
  const Json& size = member(rle, "size", where);
  if (!size.is_array() || size.size() != 2) fail(where + "/size", "a height and a width");
  const auto pixels = [&](std::size_t i) {
    const std::int64_t count = integer(size[i], where + "/size");
    if (count < 0 || count > 0xFFFFFFFFLL) fail(where + "/size", "a height and a width");
    return static_cast<std::uint32_t>(count);
  };
  const std::uint32_t height = pixels(0), width = pixels(1);
  const Json& counts = member(rle, "counts", where);
  Result<Mask> mask = Error{};
  if (counts.is_string()) {
    mask = from_coco_text(width, height, counts.get_ref<const std::string&>());
  } else {
    std::vector<std::uint32_t> runs;
    for (const Json& run : array(counts, where + "/counts")) {
      const std::int64_t length = integer(run, where + "/counts");
      if (length < 0 || length > 0xFFFFFFFFLL) fail(where + "/counts", "lengths of runs");
      runs.push_back(static_cast<std::uint32_t>(length));
    }
    mask = Mask::from_runs(width, height, runs);
  }
  if (!mask) fail(where + "/counts", "the runs of a mask (" + mask.error().message + ")");
  return *std::move(mask);
}

std::string id_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Row read_annotation(const Json& a, const std::string& at) {
  Row row;
  row.image_id = integer_of(a, "image_id", at);
  if (const Json* id = optional_member(a, "id")) row.id = id_text(*id);
  for (const char* name : {"track_id", "instance_id"}) {
    if (const Json* id = optional_member(a, name); id != nullptr && row.track.empty()) row.track = id_text(*id);
  }
  if (const Json* bbox = optional_member(a, "bbox"); bbox != nullptr && !bbox->empty()) {
    const auto v = numbers<4>(*bbox, at + "/bbox");
    if (v[2] < 0 || v[3] < 0) fail(at + "/bbox", "x, y, width and height, the last two not below 0");
    row.value.box = ImageBox{v[0], v[1], v[0] + v[2], v[1] + v[3], 0};
    if (!std::isfinite(row.value.box->right) || !std::isfinite(row.value.box->bottom))
      fail(at + "/bbox", "a finite box");
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

void read_categories(const Json& root, Source& source, Ontology& ontology,
                     std::map<std::int64_t, std::string>& name_of_category) {
  std::set<std::string> names;
  each(root, "categories", "", [&](const Json& c, const std::string& at) {
    ClassDefinition made{.name = text_of(c, "name", at), .number = integer_of(c, "id", at)};
    if (!names.insert(made.name).second) {  // two of one name: told apart by their numbers
      made.name += fmt::format("#{}", *made.number);
      if (!names.insert(made.name).second) fail(at + "/id", fmt::format("each id once, got {} again", *made.number));
    }
    if (const Json* parent = optional_member(c, "supercategory"); parent != nullptr && parent->is_string())
      made.parent = parent->get<std::string>();
    if (const Json* is_thing = optional_member(c, "isthing")) made.is_countable = *is_thing != 0 && *is_thing != false;
    if (const Json* color = optional_member(c, "color"); color != nullptr && color->is_array() && color->size() == 3) {
      made.color = "#";
      for (const Json& part : *color) made.color += fmt::format("{:02x}", integer(part, at + "/color") & 255);
    }
    if (const Json* points = optional_member(c, "keypoints"); points != nullptr && !points->empty()) {
      made.skeleton = made.name;
      SkeletonDefinition skeleton{.name = made.name};
      for (const Json& point : array(*points, at + "/keypoints"))
        skeleton.points.push_back(text(point, at + "/keypoints"));
      each(c, "skeleton", at, [&](const Json& edge, const std::string& place) {
        const auto ends = numbers<2>(edge, place);
        for (const double end : ends) {
          if (!(end >= 1 && end <= static_cast<double>(skeleton.points.size())))
            fail(place, fmt::format("numbers of points from 1 to {}", skeleton.points.size()));
        }
        skeleton.edges.emplace_back(static_cast<std::uint32_t>(ends[0]) - 1, static_cast<std::uint32_t>(ends[1]) - 1);
      });
      ontology.skeletons.push_back(std::move(skeleton));
    }
    if (!name_of_category.emplace(*made.number, made.name).second)
      fail(at + "/id", fmt::format("each id once, got {} again", *made.number));
    source.categories.push_back(c);
    ontology.classes.push_back(std::move(made));
  });
}

/// \return the index of the image by its id
std::map<std::int64_t, std::size_t> read_images(const Json& root, const fs::path& folder, Source& source,
                                                Scene& scene) {
  std::map<std::int64_t, std::size_t> index_of_id;
  struct Image {
    TimestampNs time;
    const Json* row;
  };
  std::vector<Image> images;
  bool all_have_times = true;
  each(root, "images", "", [&](const Json& i, const std::string& at) {
    const Json* time = optional_member(i, "timestamp_ns");
    all_have_times = all_have_times && time != nullptr;
    images.push_back({time == nullptr ? 0 : integer(*time, at + "/timestamp_ns"), &i});
  });
  if (all_have_times) std::ranges::stable_sort(images, {}, &Image::time);
  for (std::size_t k = 0; k < images.size(); ++k) {
    const Json& i = *images[k].row;
    const std::string at = fmt::format("/images/{}", &i - &root["images"][0]);
    const auto pixels = [&](const char* name) {
      const Json* value = optional_member(i, name);
      return value == nullptr ? 0U
                              : static_cast<std::uint32_t>(std::clamp<std::int64_t>(integer(*value, at), 0, 1 << 20));
    };
    const TimestampNs time = all_have_times ? images[k].time : static_cast<TimestampNs>(k) * image_period;
    if (k > 0 && time <= scene.images.back().timestamp) fail(at + "/timestamp_ns", "a time of its own for each image");
    const Json* name = optional_member(i, "file_name");
    image_scene::add_image(scene, time, name == nullptr ? fs::path() : folder / text(*name, at + "/file_name"),
                           pixels("width"), pixels("height"));
    if (!index_of_id.emplace(integer_of(i, "id", at), k).second) fail(at + "/id", "each id once");
    source.images.push_back(i);
  }
  if (!all_have_times && !images.empty())
    scene.notes.emplace_back("COCO images have no times: they are taken to be one second apart");
  return index_of_id;
}

void read_annotations(const Json& root, const std::map<std::int64_t, std::size_t>& index_of_image,
                      const std::map<std::int64_t, std::string>& name_of_category, Source& source, Scene& scene) {
  std::map<std::string, std::size_t> track_of_name;
  each(root, "annotations", "", [&](const Json& a, const std::string& at) {
    const Row row = read_annotation(a, at);
    if (row.value.is_empty()) {
      source.others.push_back(a);
      return;
    }
    const auto image = index_of_image.find(row.image_id);
    if (image == index_of_image.end()) fail(at + "/image_id", fmt::format("the id of an image, got {}", row.image_id));
    const auto category = name_of_category.find(row.category_id);
    if (category == name_of_category.end())
      fail(at + "/category_id", fmt::format("the id of a category, got {}", row.category_id));
    // Labels of single images have names that no track has.
    const bool is_single = row.track.empty();
    const std::string name = !is_single ? row.track : "annotation " + (row.id.empty() ? "at " + at : row.id);
    const auto [place, is_new] = track_of_name.emplace(name, scene.labels.image_tracks.size());
    if (is_new) {
      scene.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera, .id = name, .class_name = category->second});
    } else if (is_single) {
      fail(at + "/id", fmt::format("each id once, got {} again", row.id));
    }
    ImageTrack& track = scene.labels.image_tracks[place->second];
    ImageKeyframe keyframe{.timestamp = scene.images[image->second].timestamp,
                           .value = row.value,
                           .attributes = row.attributes,
                           .source_row = static_cast<std::uint32_t>(source.annotations.size())};
    if (track.class_name != category->second) keyframe.attributes["category"] = category->second;
    track.keyframes.push_back(std::move(keyframe));
    source.annotations.push_back(a);
  });
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
    for (std::size_t k = 1; k < track.keyframes.size(); ++k) {
      if (track.keyframes[k].timestamp == track.keyframes[k - 1].timestamp)
        fail("/annotations", fmt::format("at most one label of track {} in an image", track.id));
    }
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
    std::map<std::int64_t, std::string> name_of_category;
    read_categories(*root, *source, scene.labels.ontology, name_of_category);
    const auto index_of_image = read_images(*root, file.parent_path(), *source, scene);
    read_annotations(*root, index_of_image, name_of_category, *source, scene);
    source->root = unknown_members(*root, {"images", "annotations", "categories"});
  });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

namespace {

Json category_row(const ClassDefinition& definition, std::int64_t id, const Ontology& ontology, Json row) {
  row["id"] = id;
  if (!row.contains("name")) row["name"] = definition.name;
  if (!definition.parent.empty()) row["supercategory"] = definition.parent;
  if (!definition.is_countable) row["isthing"] = 0;
  if (definition.color.size() == 7) {
    Json color = Json::array();
    for (std::size_t i = 1; i < 7; i += 2)
      color.push_back(std::strtol(definition.color.substr(i, 2).c_str(), nullptr, 16));
    row["color"] = color;
  }
  if (const SkeletonDefinition* skeleton = find_skeleton(ontology, definition.skeleton)) {
    row["keypoints"] = skeleton->points;
    Json edges = Json::array();
    for (const auto& [from, to] : skeleton->edges) edges.push_back(Json::array({from + 1, to + 1}));
    row["skeleton"] = edges;
  }
  return row;
}

/// Everything about one category that our model holds: what says whether a row is still as it was read.
struct Category {
  ClassDefinition definition;
  std::optional<SkeletonDefinition> skeleton;
  friend bool operator==(const Category&, const Category&) = default;
};
std::map<std::string, Category> categories_of(const Ontology& ontology) {
  std::map<std::string, Category> out;
  for (const ClassDefinition& c : ontology.classes) {
    Category category{c, {}};
    if (const SkeletonDefinition* skeleton = find_skeleton(ontology, c.skeleton)) category.skeleton = *skeleton;
    category.definition.attributes.clear();  // COCO has none
    out.emplace(c.name, std::move(category));
  }
  return out;
}

/// Rows of the categories, and the number of each class.
struct Categories {
  Json rows = Json::array();
  std::map<std::string, std::int64_t> number_of_class;
};

Categories written_categories(const LabelSet& labels, const Source* source) {
  Categories out;
  std::map<std::int64_t, const Json*> row_of_id;
  std::map<std::string, Category> as_read;
  if (source != nullptr) {
    Source again;
    Ontology ontology;
    std::map<std::int64_t, std::string> names;
    Json root = {{"categories", source->categories}};
    read_categories(root, again, ontology, names);  // they were read before: nothing to complain about
    as_read = categories_of(ontology);
    for (const Json& row : source->categories) row_of_id.emplace(row["id"].get<std::int64_t>(), &row);
  }
  std::set<std::int64_t> taken;
  for (const ClassDefinition& c : labels.ontology.classes) {
    if (c.number) taken.insert(*c.number);
  }
  const auto next_free = [&] {
    std::int64_t number = 1;
    while (taken.contains(number)) ++number;
    taken.insert(number);
    return number;
  };
  const auto now = categories_of(labels.ontology);
  for (const ClassDefinition& c : labels.ontology.classes) {
    std::int64_t number = c.number ? *c.number : next_free();
    const auto row = row_of_id.find(number);
    const auto old = as_read.find(c.name);
    if (row != row_of_id.end() && old != as_read.end() && old->second == now.at(c.name)) {
      out.rows.push_back(*row->second);
    } else {
      out.rows.push_back(category_row(c, number, labels.ontology, Json::object()));
    }
    out.number_of_class.emplace(c.name, number);
  }
  // Classes that no ontology says.
  for (const ImageTrack& track : labels.image_tracks) {
    if (out.number_of_class.contains(track.class_name)) continue;
    const std::int64_t number = next_free();
    out.rows.push_back({{"id", number}, {"name", track.class_name}});
    out.number_of_class.emplace(track.class_name, number);
  }
  return out;
}

struct Images {
  Json rows = Json::array();
  std::vector<std::int64_t> ids;  ///< by index of Scene::images
};

Images written_images(const Scene& scene, const Source* source, const fs::path& folder) {
  Images out;
  const bool is_as_read = source != nullptr && source->images.size() == scene.images.size();
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    const ImageRef& image = scene.images[i];
    if (is_as_read) {
      out.rows.push_back(source->images[i]);
      out.ids.push_back(source->images[i]["id"].get<std::int64_t>());
      continue;
    }
    out.ids.push_back(static_cast<std::int64_t>(i) + 1);
    Json row = {{"id", out.ids.back()}};
    if (!image.file.empty()) {
      std::error_code failure;
      row["file_name"] = fs::absolute(image.file, failure).lexically_proximate(folder).generic_string();
    }
    if (image.width > 0) row["width"] = image.width;
    if (image.height > 0) row["height"] = image.height;
    row["timestamp_ns"] = image.timestamp;
    out.rows.push_back(std::move(row));
  }
  return out;
}

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
    for (const Ring& ring : value.polygon->rings) {
      Json list = Json::array();
      for (const Vec2d& v : ring.vertices) {
        list.push_back(v.x);
        list.push_back(v.y);
      }
      rings.push_back(std::move(list));
    }
    row["segmentation"] = std::move(rings);
    row["area"] = area(*value.polygon);
  } else if (value.mask) {
    row["segmentation"] = {{"size", {value.mask->height(), value.mask->width()}},
                           {"counts", to_coco_text(*value.mask)}};
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
  std::error_code failure;
  const fs::path folder = fs::absolute(out, failure).parent_path();
  const Categories categories = written_categories(labels, source);
  const Images images = written_images(scene, source, folder);
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
      std::string class_name = track.class_name;
      if (const auto own = attributes.find("category");
          own != attributes.end() && categories.number_of_class.contains(own->second)) {
        class_name = own->second;
        attributes.erase(own);
      }
      const std::int64_t category = categories.number_of_class.at(class_name);
      Json row = Json::object();
      std::size_t place = order++;
      if (source != nullptr && keyframe.source_row < source->annotations.size()) {
        place = keyframe.source_row;
        row = source->annotations[place];
        const Row before = read_annotation(row, "");
        if (before.image_id == images.ids[*image] && before.category_id == category && before.value == keyframe.value &&
            before.attributes == attributes && (before.track.empty() ? is_single : before.track == track.id)) {
          rows.push_back({place, std::move(row)});
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
      rows.push_back({place, std::move(row)});
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
