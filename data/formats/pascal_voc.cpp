// SPDX-License-Identifier: Apache-2.0
//
// Source: the VOC2012 development kit's documentation (annotation guidelines and PASreadrecord.m): pixels count from 1,
// and a box holds its last column and row, so that (1, 1, width, height) is the whole image. detectron2 takes the
// challenge's files so. Tools that write the format do not shift their coordinates, which begin with 0: LabelImg
// (libs/labelFile.py, which only lifts a 0 to 1) and Datumaro, which is CVAT's export (data_formats/voc). The
// challenge's own files say in <source> whose they are.
#include "data/formats/pascal_voc.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/sniff.h"
#include "data/formats/text.h"
#include "data/formats/xml_reader.h"
#include "data/image_file.h"

namespace sweepmark::pascal_voc {
namespace fs = std::filesystem;
using namespace xml;
namespace {

constexpr TimestampNs image_period = 1'000'000'000;
constexpr const char *annotation_folder = "Annotations", *image_folder = "JPEGImages";

/// CVAT's own files begin with <annotations>.
bool is_annotation(const fs::path& file) {
  if (file.extension() != ".xml") return false;
  const std::string head = read_head(file, 1024);
  return head.find("<annotation>") != std::string::npos || head.find("<annotation ") != std::string::npos;
}

/// The folder of annotation files; nothing where the first ones in it are none.
std::optional<fs::path> annotations_in(const fs::path& root) {
  constexpr int looked_at = 8;
  std::error_code failure;
  for (const fs::path& folder : {root / annotation_folder, root}) {
    int left = looked_at;
    const bool is_own = folder != root;
    const auto options = fs::directory_options::skip_permission_denied;
    for (auto entry = fs::recursive_directory_iterator(folder, options, failure);
         !failure && entry != fs::recursive_directory_iterator() && left > 0; entry.increment(failure)) {
      if (entry->is_directory(failure) && !is_own) entry.disable_recursion_pending();
      if (entry->path().extension() != ".xml") continue;
      if (is_annotation(entry->path())) return folder;
      --left;
    }
  }
  return std::nullopt;
}

/// Files below a folder by their paths from it without suffix. \param levels_below  folders in it too
template <class Wanted>
std::map<std::string, fs::path> files_in(const fs::path& folder, bool levels_below, const Wanted& is_wanted) {
  std::map<std::string, fs::path> files;
  std::error_code failure;
  for (auto entry = fs::recursive_directory_iterator(folder, failure);
       !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    if (entry->is_directory(failure)) {
      if (!levels_below) entry.disable_recursion_pending();
    } else if (is_wanted(entry->path())) {
      const fs::path name = entry->path().lexically_relative(folder);
      files[fs::path(name).replace_extension().generic_string()] = entry->path();
    }
  }
  return files;
}

double edge(const pugi::xml_node& box, const char* name, const std::string& place) {
  const auto words = words_of(box.child_value(name));
  if (words.size() != 1) fail(place, fmt::format("expected a number in <{}>, got \"{}\"", name, box.child_value(name)));
  return number(words[0], place);
}

ImageBox box_of(const pugi::xml_node& node, bool counts_from_1, const std::string& place) {
  ImageBox box{edge(node, "xmin", place), edge(node, "ymin", place), edge(node, "xmax", place),
               edge(node, "ymax", place), 0};
  if (counts_from_1) box.left -= 1, box.top -= 1;
  expect_no_fault(box_fault(box), place);
  return box;
}

/// Whether it is one of the challenge's own files.
bool is_of_the_challenge(const pugi::xml_node& root) {
  const pugi::xml_node source = root.child("source");
  const std::string_view database = source.child_value("database"), annotation = source.child_value("annotation");
  return annotation.starts_with("PASCAL VOC") || database.starts_with("The VOC");
}

/// What is known of an object beside its box: difficult, truncated, occluded, pose, and CVAT's named attributes.
Attributes attributes_of(const pugi::xml_node& object) {
  Attributes attributes;
  for (const char* name : {"difficult", "truncated", "occluded", "pose"}) {
    if (const pugi::xml_node child = object.child(name); child && *child.child_value() != '\0')
      attributes[name] = child.child_value();
  }
  for (const pugi::xml_node& a : object.child("attributes").children("attribute")) {
    if (*a.child_value("name") != '\0') attributes.insert_or_assign(a.child_value("name"), a.child_value("value"));
  }
  return attributes;
}

/// What a whole dataset's files hold, counted as they are read.
struct Counts {
  std::size_t from_1 = 0, as_written = 0, without_box = 0;
  std::map<std::string, std::size_t> not_shown;  ///< elements of objects
};

const std::set<std::string_view> shown_elements = {"name",     "pose",   "truncated", "difficult",
                                                   "occluded", "bndbox", "attributes"};

PictureSize stated_size(const pugi::xml_node& root) {
  const auto side = [&](const char* name) {
    return static_cast<std::uint32_t>(std::clamp(root.child("size").child(name).text().as_llong(), 0LL, 1LL << 20));
  };
  return {side("width"), side("height")};
}

void read_objects(const pugi::xml_node& root, const fs::path& file, Scene& scene, Counts& counts) {
  const bool counts_from_1 = is_of_the_challenge(root);
  const TimestampNs time = scene.images.back().timestamp;
  std::size_t number = 0;
  for (const pugi::xml_node& object : root.children("object")) {
    const std::string place = fmt::format("object {}", ++number);
    const std::string class_name = object.child_value("name");
    if (class_name.empty()) fail(place, "expected a <name>");
    for (const pugi::xml_node& child : object.children()) {
      if (child.type() == pugi::node_element && !shown_elements.contains(child.name()) && child.first_child() &&
          child.first_child().type() == pugi::node_element)
        ++counts.not_shown[child.name()];
    }
    const pugi::xml_node box = object.child("bndbox");
    if (!box) {
      ++counts.without_box;
      continue;
    }
    ImageBox in_image;
    if (!collect(scene.labels.bad_rows, bad_row_at(file, place, {}, time),
                 [&](BadRow&) { in_image = box_of(box, counts_from_1, place); }))
      continue;
    ++(counts_from_1 ? counts.from_1 : counts.as_written);
    scene.labels.image_tracks.push_back(
        {.camera = image_scene::unnamed_camera,
         .id = std::to_string(scene.labels.image_tracks.size()),
         .class_name = class_name,
         .keyframes = {{.timestamp = time, .value = {.box = in_image}, .attributes = attributes_of(object)}}});
  }
}

/// CVAT's labelmap.txt: "name:r,g,b:parts:actions". Without it classes are those that objects have.
Ontology ontology_of(const fs::path& root, const Scene& scene) {
  Ontology ontology;
  const auto add = [&](ClassDefinition c) {
    if (!c.name.empty() && find_class(ontology, c.name) == nullptr) ontology.classes.push_back(std::move(c));
  };
  const std::string content = read_head(root / "labelmap.txt", 1 << 20);
  for (const Line& line : lines_of(content)) {
    if (line.text.starts_with('#')) continue;
    const std::size_t end = line.text.find(':');
    ClassDefinition made{.name = std::string(line.text.substr(0, end))};
    int r = 0, g = 0, b = 0;
    if (end != std::string_view::npos &&
        std::sscanf(std::string(line.text.substr(end)).c_str(), ":%3d,%3d,%3d", &r, &g, &b) == 3)
      made.color = fmt::format("#{:02x}{:02x}{:02x}", r & 255, g & 255, b & 255);
    add(std::move(made));
  }
  for (const ImageTrack& track : scene.labels.image_tracks) add({.name = track.class_name});
  return ontology;
}

void tell(const Counts& counts, const fs::path& root, Scene& scene) {
  if (counts.from_1 > 0 && counts.as_written > 0) {
    scene.notes.push_back(
        fmt::format("{} boxes are of the challenge's own files, whose pixels count from 1; {} are of other tools and "
                    "stay as written",
                    counts.from_1, counts.as_written));
  } else if (counts.from_1 > 0) {
    scene.notes.push_back("the challenge's own files: pixels count from 1, the last column and row are in the box");
  } else if (counts.as_written > 0) {
    scene.notes.push_back("edges of boxes are taken as written, from 0: <source> does not say PASCAL VOC");
  }
  for (const auto& [name, count] : counts.not_shown)
    scene.notes.push_back(fmt::format("{} <{}> of objects are not shown", count, name));
  if (counts.without_box > 0)
    scene.notes.push_back(fmt::format("{} objects have no <bndbox> and are not shown", counts.without_box));
  std::vector<std::string> folders;
  std::error_code failure;
  for (const char* name : {"ImageSets", "SegmentationClass", "SegmentationObject"}) {
    if (fs::is_directory(root / name, failure)) folders.emplace_back(name);
  }
  if (!folders.empty()) scene.notes.push_back(fmt::format("not read: {}", fmt::join(folders, ", ")));
  scene.assume_times("Pascal VOC's images have no times: they are taken to be one second apart, by name");
}

Result<void> read_annotation(std::string_view content, const fs::path& file, pugi::xml_document& document) {
  if (auto parsed = xml::parse(content, file, document); !parsed) return parsed;
  if (document.child("annotation")) return {};
  return Error{fmt::format("expected <annotation>, got <{}>: {}", document.document_element().name(), file.string())};
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure) && annotations_in(path).has_value();
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected {}/*.xml with <annotation>: {}", annotation_folder, path.string())};
  const std::string name = fs::absolute(path).lexically_normal().filename().string();
  return std::vector<SceneHandle>{{Format::pascal_voc, path, name.empty() ? "voc" : name}};
}

Result<void> add_annotation(std::string_view content, const fs::path& file, Scene& scene) {
  pugi::xml_document document;
  if (auto read = read_annotation(content, file, document); !read) return read;
  Counts counts;
  return guard(file, [&] { read_objects(document.child("annotation"), file, scene, counts); });
}

Result<Scene> open(const SceneHandle& handle) {
  const fs::path& root = handle.root;
  const auto folder = annotations_in(root);
  if (!folder) return Error{fmt::format("expected {}/*.xml: {}", annotation_folder, root.string())};
  const bool has_own_folder = *folder != root;
  // In a folder of its own every XML file must be an annotation.
  const auto is_xml = [&](const fs::path& file) {
    return has_own_folder ? file.extension() == ".xml" : is_annotation(file);
  };
  const auto annotations = files_in(*folder, has_own_folder, is_xml);
  auto pictures = files_in(root / image_folder, true, image_scene::has_image_suffix);
  if (pictures.empty()) pictures = files_in(root / "images", true, image_scene::has_image_suffix);
  if (pictures.empty()) pictures = files_in(*folder, has_own_folder, image_scene::has_image_suffix);
  std::set<std::string, decltype(&natural_less)> names(natural_less);
  for (const auto& [name, file] : annotations) names.insert(name);
  for (const auto& [name, file] : pictures) names.insert(name);

  Scene scene = image_scene::make(Format::pascal_voc, root, handle.name);
  Counts counts;
  for (const std::string& name : names) {
    const auto annotation = annotations.find(name);
    const auto picture = pictures.find(name);
    pugi::xml_document document;
    if (annotation != annotations.end()) {
      const auto content = read_file(annotation->second);
      if (!content) return content.error();
      if (auto read = read_annotation(*content, annotation->second, document); !read) return read.error();
    }
    const pugi::xml_node element = document.child("annotation");
    const PictureSize size = stated_size(element);
    const fs::path file =
        picture != pictures.end() ? picture->second : root / image_folder / element.child_value("filename");
    image_scene::add_image(scene, static_cast<TimestampNs>(scene.images.size()) * image_period, file, size.width,
                           size.height);
    if (annotation == annotations.end()) continue;
    auto read = guard(annotation->second, [&] { read_objects(element, annotation->second, scene, counts); });
    if (!read) return read.error();
  }
  scene.labels.ontology = ontology_of(root, scene);
  tell(counts, root, scene);
  return scene;
}

}  // namespace sweepmark::pascal_voc
