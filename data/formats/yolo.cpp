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
  fs::path labels;    ///< the label files: labels/train, or train/labels
  fs::path images;    ///< their images, where they are not beside them: images/train, train/images
  fs::path relative;  ///< what both have in common: "train", or empty
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
  fs::path labels;  ///< folder of the label files below the root
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

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.is_directory(failure)) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

/// Adds `folder` and those in it that hold label files.
void add_layouts(Layout layout, std::vector<Layout>& found) {
  if (!text_files(layout.labels).empty()) found.push_back(layout);
  for (const fs::path& folder : folders_in(layout.labels)) {
    const fs::path name = folder.filename();
    add_layouts({layout.root, folder, layout.images / name, layout.relative / name}, found);
  }
}

/// Those of a part of the dataset, the root itself or a folder below it, and of the parts in it.
void add_layouts_of_part(const fs::path& root, const fs::path& part, int levels, std::vector<Layout>& found) {
  const fs::path relative = part == root ? fs::path() : part.lexically_relative(root);
  add_layouts({root, part / "labels", part / "images", relative}, found);
  if (levels == 0) return;
  for (const fs::path& folder : folders_in(part)) {
    if (folder.filename() != "labels" && folder.filename() != "images" && !has_names(folder))
      add_layouts_of_part(root, folder, levels - 1, found);
  }
}

/// Folders that hold label files: labels/ and those below it, and the same in parts with labels and images of their own
/// (train/labels, train/images).
std::vector<Layout> layouts_of(const fs::path& root) {
  constexpr int deepest_part = 3;
  std::vector<Layout> found;
  if (has_names(root)) add_layouts_of_part(root, root, deepest_part, found);
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

/// Images by their names without extension.
std::map<std::string, fs::path> images_of(const Layout& layout) {
  std::map<std::string, fs::path> images;
  std::error_code failure;
  for (const fs::path& folder : {layout.images, layout.labels}) {
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

/// The label file of an image that is written, without its suffix.
struct LabelFile {
  std::string path;  ///< below the dataset
  std::string name;  ///< the same without its folder "labels"
  std::string part;  ///< the folder that holds "labels", empty for the dataset's own
};

/// As trainers find it: "labels" for the last folder "images" of the image's path.
LabelFile label_file_of(const std::string& stem) {
  const fs::path image = stem;
  std::vector<fs::path> folders(image.begin(), image.end());
  std::size_t at = folders.size() - 1;
  while (at > 0 && folders[at - 1] != "images") --at;
  fs::path part, below;
  for (std::size_t i = 0; i + 1 < at; ++i) part /= folders[i];
  for (std::size_t i = at; i < folders.size(); ++i) below /= folders[i];
  return {(part / "labels" / below).generic_string(), (part / below).generic_string(), part.generic_string()};
}

/// Errors: two images whose labels would be in one file.
Result<std::vector<LabelFile>> label_files_of(const Scene& scene, const Source* source, const fs::path& out) {
  std::vector<LabelFile> files;
  if (source != nullptr && source->stems.size() == scene.images.size()) {
    for (const std::string& stem : source->stems) files.push_back({(source->labels / stem).generic_string(), stem, ""});
    return files;
  }
  const auto stems = image_scene::image_stems(scene, out, image_scene::NamedFrom::dataset);
  if (!stems) return stems.error();
  std::map<std::string, std::size_t> image_of_file;
  for (std::size_t i = 0; i < stems->size(); ++i) {
    files.push_back(label_file_of((*stems)[i]));
    const auto [first, is_new] = image_of_file.try_emplace(files.back().path, i);
    if (is_new) continue;
    return Error{fmt::format("labels of two images would be in {}.txt: {} and {}: {}", files.back().path,
                             scene.images[first->second].file.string(), scene.images[i].file.string(), out.string())};
  }
  return files;
}

/// Folders of images by what they are for: those of parts called so, else all for training.
std::map<std::string, std::set<std::string>> image_folders_of(const std::vector<LabelFile>& files) {
  std::map<std::string, std::set<std::string>> folders;
  for (const LabelFile& file : files) {
    const std::string name = fs::path(file.part).filename().string();
    const bool is_val = name == "val" || name == "valid" || name == "validation";
    folders[is_val           ? "val"
            : name == "test" ? "test"
                             : "train"]
        .insert((fs::path(file.part) / "images").generic_string());
  }
  if (folders["train"].empty()) folders["train"] = folders["val"].empty() ? folders["test"] : folders["val"];
  if (folders["train"].empty()) folders["train"] = {"images"};
  if (folders["val"].empty()) folders["val"] = folders["train"];
  return folders;
}

std::string yaml_text(const std::map<std::string, std::int64_t>& numbers, const Source* source,
                      const std::vector<LabelFile>& files) {
  std::map<std::int64_t, std::string> names;
  for (const auto& [name, number] : numbers) names.emplace(number, name);
  if (source != nullptr && !source->yaml.empty() && names == source->names) return source->yaml;
  YAML::Node root = source != nullptr && !source->yaml.empty() ? YAML::Load(source->yaml) : YAML::Node();
  YAML::Node list;
  for (const auto& [number, name] : names) list[number] = name;
  if (source == nullptr || source->yaml.empty()) {
    root["path"] = ".";
    const auto folders = image_folders_of(files);
    for (const char* use : {"train", "val", "test"}) {
      const auto found = folders.find(use);
      if (found == folders.end() || found->second.empty()) continue;
      if (found->second.size() == 1) {
        root[use] = *found->second.begin();
      } else {
        for (const std::string& folder : found->second) root[use].push_back(folder);
      }
    }
  }
  root["names"] = list;
  YAML::Emitter out;
  out << root;
  return std::string(out.c_str()) + "\n";
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
  source->labels = layout->labels.lexically_relative(layout->root);
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
  // Sizes are by the name without "labels", or within this folder.
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
  const auto label_files = label_files_of(scene, source, out);
  if (!label_files) return label_files.error();
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
  files[yaml_file] = yaml_text(numbers, source, *label_files);
  std::string size_rows = "name,width,height\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const PictureSize size = images[i].size; size.width > 0)
      size_rows += fmt::format("{},{},{}\n", (*label_files)[i].name, size.width, size.height);
    if (rows[i].empty() && (source == nullptr || !source->has_file[i])) continue;
    std::ranges::stable_sort(rows[i], {}, &Written::order);
    std::string text;
    for (const Written& row : rows[i]) text += row.text + "\n";
    files[(*label_files)[i].path + ".txt"] = std::move(text);
  }
  files[sizes_file] = std::move(size_rows);
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::yolo
