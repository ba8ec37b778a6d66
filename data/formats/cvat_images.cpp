// SPDX-License-Identifier: Apache-2.0
//
// https://docs.cvat.ai/docs/manual/advanced/xml_format/. An <image> lists its shapes, without ids; tracks of a task are
// in it as shapes of each image. Shapes: cvat_shapes.h.
#include "data/formats/cvat_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <pugixml.hpp>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/cvat_shapes.h"
#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "data/formats/xml_reader.h"
#include "data/image_file.h"
#include "data/turned_pictures.h"

namespace sweepmark::cvat_images {
namespace fs = std::filesystem;
using namespace cvat;
using namespace xml;
namespace {

constexpr TimestampNs image_period = 1'000'000'000;
constexpr std::int64_t most_pixels = 65'535;

struct Source : LabelSource {
  struct Row {
    std::size_t image = 0;
    std::string class_name;
    ImageValue value;
    Attributes attributes;  ///< those of the track and of the keyframe
    bool is_bad = false;    ///< no label: the element stays as it is
  };
  std::string text;
  std::vector<Row> rows;  ///< by source_row: shapes in the file's order
  std::size_t images = 0;
  Ontology ontology, used;  ///< as declared, and with what shapes have beside it
  std::set<std::string> other_elements;

  std::vector<std::string> other_fields() const override {
    std::vector<std::string> names;
    for (const std::string& name : other_elements) names.push_back(fmt::format("<{}>", name));
    return names;
  }
};

ImageSize size_of(const pugi::xml_node& image, const std::string& place) {
  return {static_cast<std::uint32_t>(whole(image, "width", most_pixels, place)),
          static_cast<std::uint32_t>(whole(image, "height", most_pixels, place))};
}

/// Where CVAT puts images of an export, else beside the file.
fs::path file_of(const pugi::xml_node& image, const fs::path& folder, const std::string& place) {
  const fs::path name = attribute(image, "name", place), subset = image.attribute("subset").value();
  std::error_code failure;
  for (const fs::path& candidate : {folder / "images" / subset / name, folder / "images" / name, folder / name}) {
    if (fs::is_regular_file(candidate, failure)) return candidate;
  }
  return folder / "images" / subset / name;
}

void read_image(const pugi::xml_node& node, std::size_t index, const FixedAttributes& fixed, Scene& scene,
                Source& source, std::map<std::string, std::size_t>& others) {
  const std::string image_place = fmt::format("image \"{}\"", node.attribute("name").value());
  const ImageSize size = size_of(node, image_place);
  const TimestampNs time = static_cast<TimestampNs>(index) * image_period;
  image_scene::add_image(scene, time, file_of(node, scene.root.parent_path(), image_place), size.width, size.height);
  std::size_t number = 0;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    ++number;
    if (!is_shape(child.name())) {
      ++others[fmt::format("<{}>", child.name())];
      continue;
    }
    const std::string place = fmt::format("{}, element {} <{}>", image_place, number, child.name());
    ImageTrack track{.camera = image_scene::unnamed_camera, .id = std::to_string(source.rows.size())};
    track.class_name = attribute(child, "label", place);
    if (words_of(track.class_name).empty()) fail(place, "expected the name of a class as label");
    const auto points = points_of_class(source.ontology, track.class_name);
    Source::Row row{index, track.class_name, {}, attributes_of(child, place)};
    row.is_bad = !collect(
        scene.labels.bad_rows,
        bad_row_at(scene.root, fmt::format("{}, element {} <{}>", image_place, number, child.name()), {}, time),
        [&](BadRow&) { row.value = value_of(child, size, points, place); });
    if (row.is_bad) {
      source.rows.push_back(std::move(row));
      continue;
    }
    ImageKeyframe keyframe{.timestamp = time,
                           .value = row.value,
                           .attributes = row.attributes,
                           .source_row = static_cast<std::uint32_t>(source.rows.size())};
    if (const auto names = fixed.find(track.class_name); names != fixed.end()) {
      for (const std::string& name : names->second) {
        if (auto moved = keyframe.attributes.extract(name)) track.attributes.insert(std::move(moved));
      }
    }
    track.keyframes.push_back(std::move(keyframe));
    scene.labels.image_tracks.push_back(std::move(track));
    source.rows.push_back(std::move(row));
  }
}

void read_document(const pugi::xml_document& document, Scene& scene, Source& source) {
  const pugi::xml_node root = document.child("annotations");
  if (!root) fail("document", "expected <annotations>");
  if (root.children("image").empty() && !root.children("track").empty())
    fail("<annotations>", "expected CVAT for images (<image>), got CVAT for video (<track>)");
  read_labels(root.child("meta"), scene.labels.ontology);
  add_undescribed_skeletons(root, scene.labels.ontology, scene.notes);
  source.ontology = scene.labels.ontology;
  const FixedAttributes fixed = fixed_attributes(source.ontology);
  std::map<std::string, std::size_t> others;
  std::size_t ellipses = 0;
  for (const pugi::xml_node& node : root.children()) {
    const std::string_view name = node.name();
    if (node.type() != pugi::node_element || name == "meta" || name == "version") continue;
    if (name != "image") {
      ++others[fmt::format("<{}>", name)];
      continue;
    }
    read_image(node, source.images++, fixed, scene, source, others);
    ellipses +=
        static_cast<std::size_t>(std::distance(node.children("ellipse").begin(), node.children("ellipse").end()));
  }
  source.used = with_used_names(scene.labels);
  for (const auto& [name, count] : others) {
    source.other_elements.insert(name.substr(1, name.size() - 2));
    scene.notes.push_back(fmt::format("{} {} are kept in the file but not shown", count, name));
  }
  if (ellipses > 0) scene.notes.push_back(fmt::format("{} <ellipse> are shown as polygons of 64 corners", ellipses));
  if (source.images > 0)
    scene.assume_times("CVAT's images have no times: they are taken to be one second apart, in the file's order");
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (path.extension() != ".xml" || !fs::is_regular_file(path, failure)) return false;
  return read_head(path, 4096).find("<annotations") != std::string::npos && begins_with_images(path);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return Error{fmt::format("expected a CVAT .xml file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::cvat_images, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  pugi::xml_document document;
  if (auto parsed = xml::parse(content, file, document); !parsed) return parsed.error();
  Scene scene = image_scene::make(Format::cvat_images, file, file.stem().string());
  auto source = std::make_shared<Source>();
  source->text = content;
  if (auto read = guard(file, [&] { read_document(document, scene, *source); }); !read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  auto scene = parse(*content, handle.root);
  if (scene) scene->name = handle.name;
  return scene;
}

namespace {

/// A label on its way into an image.
struct Output {
  const ImageTrack* track;
  const ImageKeyframe* keyframe;
  Attributes attributes = {};  ///< of both
};

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const fs::path& out)
      : scene_(scene), labels_(labels), out_(out), ontology_(with_used_names(labels)) {
    source_ = dynamic_cast<const Source*>(labels.source.get());
    if (source_ != nullptr && source_->images != scene.images.size()) source_ = nullptr;
  }

  Result<std::string> text() {
    if (auto placed = place_labels(); !placed) return placed.error();
    if (source_ != nullptr) {
      (void)xml::parse(source_->text, out_, document_);
    } else if (auto made = make_document(); !made) {
      return made.error();
    }
    pugi::xml_node root = document_.child("annotations");
    if (source_ == nullptr || !(ontology_ == source_->used)) {
      pugi::xml_node meta = root.child("meta");
      if (!meta) meta = root.prepend_child("meta");
      put_labels(meta.first_child() ? meta.first_child() : meta, ontology_);
      is_changed_ = true;
    }
    std::size_t image = 0, row = 0;
    for (pugi::xml_node node : root.children("image")) {
      if (auto put = put_image(node, image++, row); !put) return put.error();
    }
    return source_ != nullptr && !is_changed_ ? source_->text : text_of(document_);
  }

 private:
  Result<void> place_labels() {
    const image_scene::ImageIndex index(scene_);
    of_image_.resize(scene_.images.size());
    of_row_.resize(source_ == nullptr ? 0 : source_->rows.size());
    for (const ImageTrack& track : labels_.image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        const auto image = index.find(track.camera, k.timestamp);
        if (!image) {
          return Error{
              fmt::format("CVAT holds labels of images only: track {} has one at {} ns, where there is none of "
                          "camera {}: {}",
                          track.id, k.timestamp, track.camera, out_.string())};
        }
        Output output{&track, &k, k.attributes};
        output.attributes.insert(track.attributes.begin(), track.attributes.end());
        const bool has_row =
            k.source_row < of_row_.size() && source_->rows[k.source_row].image == *image && !of_row_[k.source_row];
        if (has_row) {
          of_row_[k.source_row] = std::move(output);
        } else {
          of_image_[*image].push_back(std::move(output));
        }
      }
    }
    return {};
  }

  Result<void> make_document() {
    const auto names = image_scene::image_names(scene_, out_);
    if (!names) return names.error();
    pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "utf-8";
    pugi::xml_node root = document_.append_child("annotations");
    root.append_child("version").text().set("1.1");
    pugi::xml_node task = root.append_child("meta").append_child("task");
    task.append_child("name").text().set(scene_.name.c_str());
    task.append_child("size").text().set(static_cast<unsigned long long>(scene_.images.size()));
    task.append_child("mode").text().set("annotation");
    for (std::size_t i = 0; i < scene_.images.size(); ++i) {
      const ImageSize size = known_size(i);
      pugi::xml_node node = root.append_child("image");
      set(node, "id", std::to_string(i));
      set(node, "name", with_suffix((*names)[i]));
      set(node, "width", std::to_string(size.width));
      set(node, "height", std::to_string(size.height));
    }
    return {};
  }

  static std::string with_suffix(const std::string& name) {
    return image_scene::has_image_suffix(name) ? name : name + ".jpg";
  }

  /// From the scene, a mask or the picture.
  ImageSize known_size(std::size_t i) const {
    const ImageRef& image = scene_.images[i];
    if (image.width > 0 && image.height > 0) return {image.width, image.height};
    for (const Output& output : of_image_[i]) {
      if (const auto& mask = output.keyframe->value.mask) return {mask->width(), mask->height()};
    }
    const auto read = image.file.empty() ? Result<PictureSize>(PictureSize{}) : picture_size(image);
    return read ? ImageSize{read->width, read->height} : ImageSize{};
  }

  /// \param row  of the file's next shape, counted on
  Result<void> put_image(pugi::xml_node node, std::size_t image, std::size_t& row) {
    std::vector<pugi::xml_node> gone;
    for (pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_element || !is_shape(child.name())) continue;
      const std::size_t r = row++;
      if (source_ != nullptr && source_->rows[r].is_bad) continue;
      if (!of_row_[r]) {
        gone.push_back(child);
      } else if (const Source::Row& was = source_->rows[r]; !is_same(*of_row_[r], was)) {
        if (auto put = put_shape(node, child, was, *of_row_[r]); !put) return put;
      }
    }
    is_changed_ = is_changed_ || !gone.empty() || !of_image_[image].empty();
    for (const pugi::xml_node& child : gone) node.remove_child(child);
    for (const Output& output : of_image_[image]) {
      const auto name = name_of(output);
      if (!name) return name.error();
      pugi::xml_node shape = node.append_child(name->c_str());
      set(shape, "label", output.track->class_name);
      set(shape, "source", "manual");
      if (auto put = put_label(shape, output); !put) return put;
      set(shape, "z_order", "0");
    }
    return {};
  }

  static bool is_same(const Output& output, const Source::Row& row) {
    return output.track->class_name == row.class_name && output.attributes == row.attributes &&
           output.keyframe->value == row.value;
  }

  /// What the element says beside our label stays; one of another kind takes its place.
  Result<void> put_shape(pugi::xml_node image, pugi::xml_node child, const Source::Row& was, const Output& output) {
    is_changed_ = true;
    set(child, "label", output.track->class_name);
    const bool is_skeleton = was.value.skeleton.has_value();  // its element is as its class has points
    if (output.keyframe->value == was.value && (!is_skeleton || output.track->class_name == was.class_name)) {
      put_attributes(child, output.attributes);
      return {};
    }
    const auto name = name_of(output);
    if (!name) return name.error();
    if (*name == child.name()) return put_label(child, output);
    pugi::xml_node made = image.insert_child_before(name->c_str(), child);
    for (const char* kept : {"label", "source", "occluded", "z_order", "group_id"}) {
      if (child.attribute(kept)) made.append_copy(child.attribute(kept));
    }
    image.remove_child(child);
    return put_label(made, output);
  }

  Result<void> put_label(pugi::xml_node shape, const Output& output) {
    if (!shape.attribute("occluded")) set(shape, "occluded", "0");
    const auto points = points_of_class(ontology_, output.track->class_name);
    if (auto put = put_value(shape, output.keyframe->value, points, output.track->id, out_); !put) return put;
    put_attributes(shape, output.attributes);
    return {};
  }

  Result<std::string> name_of(const Output& output) const {
    const auto points = points_of_class(ontology_, output.track->class_name);
    const std::string_view name = element_of(output.keyframe->value, points);
    if (!name.empty()) return std::string(name);
    return Error{
        fmt::format("CVAT holds one box, polygon of one ring, line, mask, skeleton or points in a shape: track "
                    "{} is not so at {} ns: {}",
                    output.track->id, output.keyframe->timestamp, out_.string())};
  }

  const Scene& scene_;
  const LabelSet& labels_;
  const fs::path& out_;
  Ontology ontology_;
  const Source* source_ = nullptr;
  pugi::xml_document document_;
  std::vector<std::vector<Output>> of_image_;  ///< new ones
  std::vector<std::optional<Output>> of_row_;  ///< those of the file's shapes
  bool is_changed_ = false;
};

}  // namespace

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return Writer(scene, labels, out).text();
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::cvat_images
