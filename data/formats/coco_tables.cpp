// SPDX-License-Identifier: Apache-2.0
#include "data/formats/coco_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>

#include "data/formats/image_scene.h"
#include "data/formats/json_shapes.h"
#include "tracking/class_at.h"

namespace sweepmark::coco {
namespace fs = std::filesystem;
using namespace json;

namespace {

constexpr TimestampNs image_period = 1'000'000'000;

}  // namespace

std::map<std::int64_t, std::string> read_categories(const Json& root, std::vector<Json>& rows, Ontology& ontology,
                                                    std::vector<std::string>& notes) {
  std::map<std::int64_t, std::string> name_of_category;
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
      skeleton.edges = json::edges_of(c, "skeleton", skeleton.points.size(), at, notes);
      ontology.skeletons.push_back(std::move(skeleton));
    }
    if (!name_of_category.emplace(*made.number, made.name).second)
      fail(at + "/id", fmt::format("each id once, got {} again", *made.number));
    rows.push_back(c);
    ontology.classes.push_back(std::move(made));
  });
  return name_of_category;
}

std::map<std::int64_t, std::size_t> read_images(const Json& root, const fs::path& folder, std::vector<Json>& rows,
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
    rows.push_back(i);
  }
  if (!all_have_times && !images.empty())
    scene.assume_times("COCO images have no times: they are taken to be one second apart");
  return index_of_id;
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

}  // namespace

Categories written_categories(const LabelSet& labels, const std::vector<Json>* rows_read) {
  Categories out;
  std::map<std::int64_t, const Json*> row_of_id;
  std::map<std::string, Category> as_read;
  if (rows_read != nullptr) {
    std::vector<Json> again;
    Ontology ontology;
    const Json root = {{"categories", *rows_read}};
    std::vector<std::string> notes;
    read_categories(root, again, ontology, notes);  // they were read before: nothing to complain about
    as_read = categories_of(ontology);
    for (const Json& row : *rows_read) row_of_id.emplace(row["id"].get<std::int64_t>(), &row);
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
    for_each_class(track, [&](const std::string& name) {
      if (out.number_of_class.contains(name)) return;
      const std::int64_t number = next_free();
      out.rows.push_back({{"id", number}, {"name", name}});
      out.number_of_class.emplace(name, number);
    });
  }
  return out;
}

Result<Images> written_images(const Scene& scene, const std::vector<Json>* rows_read, const fs::path& out_file) {
  Images out;
  std::error_code failure;
  const fs::path folder = fs::absolute(out_file, failure).parent_path();
  std::map<std::string, TimestampNs> time_of_name;
  const bool is_as_read = rows_read != nullptr && rows_read->size() == scene.images.size();
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    const ImageRef& image = scene.images[i];
    if (is_as_read) {
      out.rows.push_back((*rows_read)[i]);
      out.ids.push_back((*rows_read)[i]["id"].get<std::int64_t>());
      continue;
    }
    out.ids.push_back(static_cast<std::int64_t>(i) + 1);
    Json row = {{"id", out.ids.back()}};
    if (!image.file.empty()) {
      const std::string name =
          fs::absolute(image_scene::named_file(image), failure).lexically_proximate(folder).generic_string();
      if (const auto [first, is_new] = time_of_name.try_emplace(name, image.timestamp); !is_new) {
        return Error{fmt::format("COCO tells images by their files, and those at {} ns and {} ns are both {}: {}",
                                 first->second, image.timestamp, name, out_file.string())};
      }
      row["file_name"] = name;
    }
    if (image.width > 0) row["width"] = image.width;
    if (image.height > 0) row["height"] = image.height;
    row["timestamp_ns"] = image.timestamp;
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace sweepmark::coco
