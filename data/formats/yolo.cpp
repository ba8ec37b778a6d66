// SPDX-License-Identifier: Apache-2.0
//
// The layout of Ultralytics: `data.yaml` or a list of names, `labels/` and `images/` beside each other.
// Source: https://docs.ultralytics.com/datasets/detect/.
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
#include "data/formats/yolo_rows.h"

namespace sweepmark::yolo {
namespace fs = std::filesystem;
namespace {

constexpr const char* yaml_file = "data.yaml";
constexpr std::array<const char*, 2> name_files = {"classes.txt", "obj.names"};

/// Where the parts of a scene are.
struct Layout {
  fs::path root;      ///< with the names of the classes
  fs::path labels;    ///< the label files
  fs::path relative;  ///< of `labels` to the root's folder of labels: "train", or empty
};

struct Source : RowSource {
  std::string yaml;  ///< data.yaml as it is, or empty
  fs::path relative;
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

std::string yaml_text(const std::map<std::string, std::int64_t>& numbers, const Source* source) {
  ClassNames names;
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
  const bool has_stems = source != nullptr && source->stems.size() == scene.images.size();
  const auto stems = has_stems ? Result<std::vector<std::string>>(source->stems) : stems_for(scene, out);
  if (!stems) return stems.error();
  const auto made = label_texts(scene, labels, numbers, source, out);
  if (!made) return made.error();
  std::map<fs::path, std::string> files;  // all made before the first is written
  files[yaml_file] = yaml_text(numbers, source);
  std::string size_rows = sizes_header;
  const fs::path folder = fs::path("labels") / (source == nullptr ? fs::path() : source->relative);
  for (std::size_t i = 0; i < stems->size(); ++i) {
    size_rows += size_row((*stems)[i], made->sizes[i]);
    if (made->texts[i]) files[folder / ((*stems)[i] + ".txt")] = *made->texts[i];
  }
  files[sizes_file] = std::move(size_rows);
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::yolo
