// SPDX-License-Identifier: Apache-2.0
//
// Source: https://docs.ultralytics.com/datasets/detect/. A row: class, x and y of the centre, width, height; the last
// four in parts of the image, from its top left. A sixth number is a detector's score.
#include "data/formats/yolo.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/image_file.h"
#include "data/turned_pictures.h"

namespace sweepmark::yolo {
namespace fs = std::filesystem;
namespace {

constexpr TimestampNs image_period = 1'000'000'000;
constexpr const char* sizes_file = "image_sizes.csv";
constexpr const char* yaml_file = "data.yaml";
constexpr std::array<const char*, 2> name_files = {"classes.txt", "obj.names"};
constexpr std::int64_t most_classes = 100'000;

/// Where the parts of a scene are.
struct Layout {
  fs::path root;      ///< with the names of the classes
  fs::path labels;    ///< the label files
  fs::path relative;  ///< of `labels` to the root's folder of labels: "train", or empty
};

struct Source : LabelSource {
  struct Row {
    std::size_t image = 0;
    std::string text;
    std::int64_t class_number = 0;
    ImageBox box;
    bool is_shown = true;
  };
  std::vector<Row> rows;           ///< by source_row
  std::vector<std::string> stems;  ///< by image
  std::vector<bool> has_file;      ///< by image: a label file, perhaps an empty one
  std::string yaml;                ///< data.yaml as it is, or empty
  std::map<std::int64_t, std::string> names;
  fs::path relative;
  std::vector<std::string> other_fields() const override {
    for (const Row& row : rows) {
      if (!row.is_shown || words_of(row.text).size() > 5) return {"scores, outlines and keypoints of rows"};
    }
    return {};
  }
};

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}

bool has_names(const fs::path& folder) {
  return is_file(folder / yaml_file) ||
         std::ranges::any_of(name_files, [&](const char* n) { return is_file(folder / n); });
}

/// Whether a text file called as a list of names is the labels of an image of that name: its first line is numbers.
bool holds_rows(const fs::path& file) {
  const std::string head = read_head(file, 4096);
  const auto lines = lines_of(head);
  if (lines.empty()) return false;
  const auto words = words_of(lines.front().text);
  return words.size() >= 5 && std::ranges::all_of(words, [](std::string_view word) {
           double value = 0;
           return parse_number(word, value);
         });
}

std::vector<fs::path> text_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const fs::path& file = entry.path();
    const bool is_names = std::ranges::any_of(name_files, [&](const char* n) { return file.filename() == n; });
    if (file.extension() == ".txt" && (!is_names || holds_rows(file))) files.push_back(file);
  }
  std::ranges::sort(files);
  return files;
}

/// Folders below `root/labels` that hold label files, itself included.
std::vector<Layout> layouts_of(const fs::path& root) {
  std::vector<Layout> found;
  std::error_code failure;
  if (!has_names(root) || !fs::is_directory(root / "labels", failure)) return found;
  if (!text_files(root / "labels").empty()) found.push_back({root, root / "labels", {}});
  std::vector<fs::path> folders;
  for (const auto& entry : fs::recursive_directory_iterator(root / "labels", failure)) {
    if (entry.is_directory() && !text_files(entry.path()).empty()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  for (const fs::path& folder : folders) found.push_back({root, folder, folder.lexically_relative(root / "labels")});
  return found;
}

/// The layout of one scene by its handle: the root, or a folder below its labels.
std::optional<Layout> layout_of(const SceneHandle& handle) {
  for (fs::path root = handle.root; !root.empty(); root = root.parent_path()) {
    for (const Layout& layout : layouts_of(root)) {
      if (layout.labels == handle.root) return layout;
    }
    if (root == root.parent_path()) break;
  }
  return std::nullopt;
}

/// Class names by number. Errors: no `names` there; numbers that are none.
Result<std::map<std::int64_t, std::string>> names_in_yaml(const std::string& content, const fs::path& file) {
  std::map<std::int64_t, std::string> names;
  const auto bad = [&](const std::string& got) {
    return Error{fmt::format("/names: expected a list of class names, or names by their numbers, got {}: {}", got,
                             file.string())};
  };
  try {
    const YAML::Node root = YAML::Load(content);
    const YAML::Node list = root.IsMap() ? root["names"] : YAML::Node();
    if (list && list.IsSequence()) {
      for (const YAML::Node& name : list) {
        if (!name.IsScalar()) return bad("something else");
        names.emplace(static_cast<std::int64_t>(names.size()), name.Scalar());
      }
    } else if (list && list.IsMap()) {
      for (const auto& entry : list) {
        std::int64_t number = 0;
        if (!entry.first.IsScalar() || !entry.second.IsScalar() || !parse_number(entry.first.Scalar(), number) ||
            number < 0 || number >= most_classes)
          return bad(entry.first.IsScalar() ? "\"" + entry.first.Scalar() + "\"" : "something else");
        names[number] = entry.second.Scalar();
      }
    } else {
      return bad("none");
    }
  } catch (const YAML::Exception& e) {
    return Error{fmt::format("line {}: expected YAML ({}): {}", e.mark.line + 1, e.msg, file.string())};
  }
  return names;
}

Result<std::map<std::int64_t, std::string>> read_names(const fs::path& root, Source& source) {
  if (is_file(root / yaml_file)) {
    auto content = read_file(root / yaml_file);
    if (!content) return content.error();
    source.yaml.assign(content->data(), content->size());
    return names_in_yaml(source.yaml, root / yaml_file);
  }
  std::map<std::int64_t, std::string> names;
  for (const char* name : name_files) {
    if (!is_file(root / name)) continue;
    auto content = read_file(root / name);
    if (!content) return content.error();
    for (const Line& line : lines_of({content->data(), content->size()}))
      names.emplace(static_cast<std::int64_t>(names.size()), std::string(line.text));
    break;
  }
  return names;
}

/// Sizes of images by name without extension.
Result<std::map<std::string, PictureSize>> read_sizes(const fs::path& file) {
  std::map<std::string, PictureSize> sizes;
  if (!is_file(file)) return sizes;
  const auto content = read_file(file);
  if (!content) return content.error();
  for (const Line& line : lines_of({content->data(), content->size()})) {
    if (line.number == 1) continue;  // the header
    const std::size_t second = line.text.rfind(','), first = line.text.rfind(',', second - 1);
    std::int64_t width = 0, height = 0;
    if (second == std::string_view::npos || first == std::string_view::npos ||
        !parse_number(line.text.substr(first + 1, second - first - 1), width) ||
        !parse_number(line.text.substr(second + 1), height) || width < 1 || height < 1 || width > 1 << 20 ||
        height > 1 << 20) {
      return Error{fmt::format("expected name, width and height in pixels, got \"{}\": {}", line.text,
                               at_line(file, line.number))};
    }
    sizes[std::string(line.text.substr(0, first))] = {static_cast<std::uint32_t>(width),
                                                      static_cast<std::uint32_t>(height)};
  }
  return sizes;
}

/// Images by their names without extension: labels/train has those in images/train.
std::map<std::string, fs::path> images_of(const Layout& layout) {
  std::map<std::string, fs::path> images;
  std::error_code failure;
  for (const fs::path& folder : {layout.root / "images" / layout.relative, layout.labels}) {
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
      if (image_scene::has_image_suffix(entry.path())) images.emplace(entry.path().stem().string(), entry.path());
    }
  }
  return images;
}

struct Numbers {
  std::int64_t class_number = 0;
  std::array<double, 4> box{};  ///< x, y, width, height in parts of the image
  bool is_box = true;           ///< no outline, no keypoints
};

Result<Numbers> parse_row(std::string_view text, const std::string& place) {
  const auto words = words_of(text);
  Numbers row;
  if (words.size() < 5)
    return Error{fmt::format("expected a class and x, y, width, height, got {} words: {}", words.size(), place)};
  if (!parse_number(words[0], row.class_number) || row.class_number < 0 || row.class_number >= most_classes)
    return Error{fmt::format("expected the number of a class, got \"{}\": {}", words[0], place)};
  row.is_box = words.size() <= 6;
  for (std::size_t i = 1; i < words.size(); ++i) {
    double value = 0;
    if (!parse_number(words[i], value) || std::abs(value) > 1e6)
      return Error{fmt::format("expected a number, got \"{}\": {}", words[i], place)};
    if (row.is_box && i <= 4) row.box[i - 1] = value;
  }
  if (row.is_box && (row.box[2] < 0 || row.box[3] < 0))
    return Error{
        fmt::format("expected a width and a height not below 0, got {} and {}: {}", row.box[2], row.box[3], place)};
  return row;
}

ImageBox pixels_of(const std::array<double, 4>& box, PictureSize size) {
  const double w = size.width, h = size.height;
  return {(box[0] - box[2] / 2) * w, (box[1] - box[3] / 2) * h, (box[0] + box[2] / 2) * w, (box[1] + box[3] / 2) * h,
          0};
}

std::string class_name_of(const std::map<std::int64_t, std::string>& names, std::int64_t number) {
  const auto found = names.find(number);
  return found == names.end() ? fmt::format("class_{}", number) : found->second;
}

/// Reads the rows of one image's file.
Result<void> read_rows(const fs::path& file, std::size_t image, std::optional<PictureSize> size, Source& source,
                       Scene& scene) {
  const auto content = read_file(file);
  if (!content) return content.error();
  for (const Line& line : lines_of({content->data(), content->size()})) {
    const std::string place = at_line(file, line.number);
    const auto row = parse_row(line.text, place);
    if (!row) return row.error();
    if (!size) {
      return Error{
          fmt::format("expected the image of {}, or its size in {}: boxes are parts of it", place, sizes_file)};
    }
    Source::Row kept{image, std::string(line.text), row->class_number, pixels_of(row->box, *size), row->is_box};
    if (row->is_box) {
      scene.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera,
           .id = std::to_string(scene.labels.image_tracks.size()),
           .class_name = class_name_of(source.names, row->class_number),
           .keyframes = {{.timestamp = scene.images[image].timestamp,
                          .value = {.box = kept.box},
                          .source_row = static_cast<std::uint32_t>(source.rows.size())}}});
    }
    source.rows.push_back(std::move(kept));
  }
  return {};
}

/// Numbers of the classes: those of the file, then those of the ontology, then the next free ones.
std::map<std::string, std::int64_t> numbers_of(const LabelSet& labels, const Source* source) {
  std::map<std::string, std::int64_t> numbers;
  std::set<std::int64_t> taken;
  const auto add = [&](const std::string& name, std::optional<std::int64_t> wanted) {
    if (numbers.contains(name)) return;
    std::int64_t number = wanted.value_or(0);
    if (!wanted || *wanted < 0 || *wanted >= most_classes) number = 0;
    while (taken.contains(number)) ++number;
    taken.insert(number);
    numbers.emplace(name, number);
  };
  if (source != nullptr) {
    for (const auto& [number, name] : source->names) add(name, number);
    for (const Source::Row& row : source->rows) add(class_name_of(source->names, row.class_number), row.class_number);
  }
  for (const ClassDefinition& c : labels.ontology.classes) add(c.name, std::nullopt);
  for (const ImageTrack& track : labels.image_tracks) add(track.class_name, std::nullopt);
  return numbers;
}

std::string yaml_text(const std::map<std::string, std::int64_t>& numbers, const Source* source) {
  std::map<std::int64_t, std::string> names;
  for (const auto& [name, number] : numbers) names.emplace(number, name);
  if (source != nullptr && !source->yaml.empty() && names == source->names) return source->yaml;
  YAML::Node root = source != nullptr && !source->yaml.empty() ? YAML::Load(source->yaml) : YAML::Node();
  YAML::Node list;
  for (const auto& [number, name] : names) list[number] = name;
  if (source == nullptr || source->yaml.empty()) {
    root["path"] = ".";
    root["train"] = "images";
    root["val"] = "images";
  }
  root["names"] = list;
  YAML::Emitter out;
  out << root;
  return std::string(out.c_str()) + "\n";
}

/// Names of the label files below labels/: those of the images, whose folder of images is left out, since trainers
/// find a label by putting "labels" in the place of "images" in its image's path.
Result<std::vector<std::string>> stems_of(const Scene& scene, const Source* source, const fs::path& out) {
  if (source != nullptr && source->stems.size() == scene.images.size()) return source->stems;
  auto stems = image_scene::image_stems(scene, out);
  if (!stems) return stems;
  constexpr std::string_view images = "images/";
  const bool are_below = std::ranges::all_of(*stems, [&](const std::string& s) { return s.starts_with(images); });
  for (std::string& stem : *stems) {
    if (are_below) stem.erase(0, images.size());
  }
  return stems;
}

/// An image that is written: rows are parts of the picture as it is shown.
struct WrittenImage {
  PictureSize size;  ///< 0 where nobody knows it
  bool has_stored_labels = false;

  /// A box of the labels in the shown picture: those in the pixels of the stored one are turned as it is.
  ImageBox shown(const ImageBox& box) const {
    if (!has_stored_labels) return box;
    const PictureSize stored = size.stored();
    const Vec2d a = shown_place({box.left, box.top}, stored.width, stored.height, size.orientation),
                b = shown_place({box.right, box.bottom}, stored.width, stored.height, size.orientation);
    return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y), 0};
  }
};

WrittenImage written_image(const ImageRef& image, const ScenePictures& pictures) {
  const auto shown = image.file.empty() ? Result<PictureSize>(Error{}) : read_image_size(image.file);
  if (shown && pictures.pixels_of(image, *shown) == LabelPixels::stored) return {*shown, true};
  if (image.width > 0 && image.height > 0) return {{image.width, image.height}, false};
  return {shown ? *shown : PictureSize{}, false};
}

std::string row_text(std::int64_t class_number, const ImageBox& box, PictureSize size) {
  const double w = size.width, h = size.height;
  return fmt::format("{} {} {} {} {}", class_number, (box.left + box.right) / 2 / w, (box.top + box.bottom) / 2 / h,
                     (box.right - box.left) / w, (box.bottom - box.top) / h);
}

}  // namespace

bool recognises(const fs::path& path) { return !layouts_of(path).empty(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::vector<SceneHandle> handles;
  const std::string dataset = fs::absolute(path).lexically_normal().filename().string();
  for (const Layout& layout : layouts_of(path)) {
    const std::string part = layout.relative.generic_string();
    handles.push_back({Format::yolo, layout.labels, part.empty() ? dataset : part});
  }
  if (handles.empty())
    return Error{fmt::format("expected {} (or classes.txt) and labels/*.txt: {}", yaml_file, path.string())};
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  const auto layout = layout_of(handle);
  if (!layout) return Error{fmt::format("expected label files of YOLO: {}", handle.root.string())};
  Scene scene = image_scene::make(Format::yolo, handle.root, handle.name);
  auto source = std::make_shared<Source>();
  source->relative = layout->relative;
  auto names = read_names(layout->root, *source);
  if (!names) return names.error();
  source->names = *std::move(names);
  for (const auto& [number, name] : source->names)
    scene.labels.ontology.classes.push_back({.name = name, .number = number});
  const auto sizes = read_sizes(layout->root / sizes_file);
  if (!sizes) return sizes.error();
  const auto images = images_of(*layout);
  std::map<std::string, fs::path> label_file;
  for (const fs::path& file : text_files(layout->labels)) label_file[file.stem().string()] = file;
  std::set<std::string, decltype(&natural_less)> stems(natural_less);
  for (const auto& [stem, file] : label_file) stems.insert(stem);
  for (const auto& [stem, file] : images) stems.insert(stem);
  // Sizes are by the name below labels/, or within this folder of it.
  const std::string prefix = layout->relative.empty() ? "" : layout->relative.generic_string() + "/";
  for (const auto& [name, size] : *sizes) {
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      stems.insert(name.substr(prefix.size()));
  }
  for (const std::string& stem : stems) {
    std::optional<PictureSize> size;
    const auto image = images.find(stem);
    for (const std::string& name : {stem, prefix + stem}) {
      if (const auto known = sizes->find(name); known != sizes->end()) size = known->second;
    }
    if (image != images.end()) {
      const auto read = read_image_size(image->second);
      if (!read) return read.error();
      size = *read;
    }
    const std::size_t index = scene.images.size();
    image_scene::add_image(scene, static_cast<TimestampNs>(index) * image_period,
                           image == images.end() ? fs::path(stem) : image->second, size ? size->width : 0,
                           size ? size->height : 0);
    source->stems.push_back(stem);
    const auto file = label_file.find(stem);
    source->has_file.push_back(file != label_file.end());
    if (file == label_file.end()) continue;
    if (auto read = read_rows(file->second, index, size, *source, scene); !read) return read.error();
  }
  const auto hidden = std::ranges::count(source->rows, false, &Source::Row::is_shown);
  if (hidden > 0) scene.notes.push_back(fmt::format("{} outlines or rows of keypoints are kept, not shown", hidden));
  scene.assume_times("YOLO's images have no times: they are taken to be one second apart, by name");
  scene.labels.source = std::move(source);
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto numbers = numbers_of(labels, source);
  const auto found_stems = stems_of(scene, source, out);
  if (!found_stems) return found_stems.error();
  const std::vector<std::string>& stems = *found_stems;
  const image_scene::ImageIndex index(scene);
  struct Written {
    std::size_t order;
    std::string text;
  };
  std::vector<std::vector<Written>> rows(scene.images.size());
  std::vector<WrittenImage> images;
  const ScenePictures pictures(scene);
  for (const ImageRef& image : scene.images) images.push_back(written_image(image, pictures));
  std::size_t order = source == nullptr ? 0 : source->rows.size();
  for (const ImageTrack& track : labels.image_tracks) {
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto image = index.find(track.camera, keyframe.timestamp);
      if (!image || !keyframe.value.box || keyframe.value.box->rotation != 0) {
        return Error{fmt::format("YOLO holds upright boxes in images only: track {} has none at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      if (images[*image].size.width == 0) {
        return Error{fmt::format("YOLO needs the size of the image at {} ns of camera {}: {}", keyframe.timestamp,
                                 track.camera, out.string())};
      }
      const std::int64_t number = numbers.at(track.class_name);
      const ImageBox& box = *keyframe.value.box;
      std::string tail;  // a score stays behind a box that moved
      std::size_t place = order++;
      if (source != nullptr && keyframe.source_row < source->rows.size() &&
          source->rows[keyframe.source_row].image == *image) {
        const Source::Row& row = source->rows[keyframe.source_row];
        place = keyframe.source_row;
        if (row.class_number == number && row.box == box) {
          rows[*image].push_back({place, row.text});
          continue;
        }
        if (const auto words = words_of(row.text); words.size() > 5) tail = " " + std::string(words[5]);
      }
      rows[*image].push_back({place, row_text(number, images[*image].shown(box), images[*image].size) + tail});
    }
  }
  for (std::size_t r = 0; source != nullptr && r < source->rows.size(); ++r) {
    if (!source->rows[r].is_shown) rows[source->rows[r].image].push_back({r, source->rows[r].text});
  }
  std::map<fs::path, std::string> files;  // all made before the first is written
  files[yaml_file] = yaml_text(numbers, source);
  std::string size_rows = "name,width,height\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const PictureSize size = images[i].size; size.width > 0)
      size_rows += fmt::format("{},{},{}\n", stems[i], size.width, size.height);
    if (rows[i].empty() && (source == nullptr || !source->has_file[i])) continue;
    std::ranges::stable_sort(rows[i], {}, &Written::order);
    std::string text;
    for (const Written& row : rows[i]) text += row.text + "\n";
    files[fs::path("labels") / (source == nullptr ? fs::path() : source->relative) / (stems[i] + ".txt")] =
        std::move(text);
  }
  files[sizes_file] = std::move(size_rows);
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::yolo
