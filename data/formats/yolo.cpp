// SPDX-License-Identifier: Apache-2.0
//
// The layout of Ultralytics: `data.yaml` or a list of names, `labels/` and `images/` beside each other.
// Source: https://docs.ultralytics.com/datasets/detect/.
#include "data/formats/yolo.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/formats/yolo_rows.h"

namespace sweepmark::yolo {
namespace fs = std::filesystem;
namespace {

constexpr const char* yaml_file = "data.yaml";
constexpr std::array<const char*, 2> name_files = {"classes.txt", "obj.names"};

/// Where the parts of a scene are.
struct Layout {
  fs::path root;      ///< with the names of the classes
  fs::path labels;    ///< the label files: labels/train, or train/labels
  fs::path images;    ///< their images, where they are not beside them: images/train, train/images
  fs::path relative;  ///< what both have in common: "train", or empty
};

struct Source : RowSource {
  std::string yaml;  ///< data.yaml as it is, or empty
  fs::path labels;   ///< folder of the label files below the root
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
Result<ClassNames> names_in_yaml(const std::string& content, const fs::path& file) {
  ClassNames names;
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

Result<ClassNames> read_names(const fs::path& root, Source& source) {
  if (is_file(root / yaml_file)) {
    auto content = read_file(root / yaml_file);
    if (!content) return content.error();
    source.yaml.assign(content->data(), content->size());
    return names_in_yaml(source.yaml, root / yaml_file);
  }
  for (const char* name : name_files) {
    if (!is_file(root / name)) continue;
    auto content = read_file(root / name);
    if (!content) return content.error();
    return names_of_lines({content->data(), content->size()});
  }
  return ClassNames();
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
  ClassNames names;
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
    const auto file = label_file.find(stem);
    auto added = add_image(scene, *source, stem, image == images.end() ? fs::path(stem) : image->second, size,
                           file == label_file.end() ? fs::path() : file->second);
    if (!added) return added.error();
  }
  finish(scene, *source);
  scene.labels.source = std::move(source);
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto numbers = numbers_of(labels, source);
  const auto label_files = label_files_of(scene, source, out);
  if (!label_files) return label_files.error();
  const auto made = label_texts(scene, labels, numbers, source, out);
  if (!made) return made.error();
  std::map<fs::path, std::string> files;  // all made before the first is written
  files[yaml_file] = yaml_text(numbers, source, *label_files);
  std::string size_rows = sizes_header;
  for (std::size_t i = 0; i < label_files->size(); ++i) {
    const LabelFile& file = (*label_files)[i];
    size_rows += size_row(file.name, made->sizes[i]);
    if (made->texts[i]) files[file.path + ".txt"] = *made->texts[i];
  }
  files[sizes_file] = std::move(size_rows);
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::yolo
