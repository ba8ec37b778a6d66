// SPDX-License-Identifier: Apache-2.0
//
// Sources: https://github.com/AlexeyAB/darknet (how to train to detect your custom objects), and yolo_format of CVAT's
// Datumaro, which writes CVAT's "YOLO 1.1". Lines of the `.data` file are `key = value`; `names` is the list of
// classes, every other value that ends with .txt a list of images. An image's labels have its path with the suffix
// .txt; an image without such a file has no objects.
#include "data/formats/darknet.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/formats/yolo_rows.h"

namespace sweepmark::darknet {
namespace fs = std::filesystem;
using namespace yolo;
namespace {

constexpr const char *data_file = "obj.data", *names_file = "obj.names", *new_subset = "train";

struct Source : RowSource {
  std::string data, names_text, list;  ///< the files as they are
  fs::path data_name, names_path, list_path;
};

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// `key = value` of each line that has them; others are comments.
Pairs pairs_of(std::string_view text) {
  Pairs pairs;
  for (const Line& line : lines_of(text)) {
    const std::size_t equal = line.text.find('=');
    if (equal == std::string_view::npos) continue;
    pairs.emplace_back(trimmed(line.text.substr(0, equal)), trimmed(line.text.substr(equal + 1)));
  }
  return pairs;
}

const std::string* value_of(const Pairs& pairs, std::string_view key) {
  const auto found = std::ranges::find(pairs, key, &Pairs::value_type::first);
  return found == pairs.end() ? nullptr : &found->second;
}

/// The lists of images by the names of their parts.
Pairs lists_of(const Pairs& pairs) {
  Pairs lists;
  for (const auto& [key, value] : pairs) {
    if (key != "names" && value.ends_with(".txt")) lists.emplace_back(key, value);
  }
  return lists;
}

/// The file with the dataset's parts: obj.data, or the only one of its kind.
std::optional<fs::path> data_file_in(const fs::path& folder) {
  const auto has_names = [](const fs::path& file) {
    return value_of(pairs_of(read_head(file, 4096)), "names") != nullptr;
  };
  if (is_file(folder / data_file))
    return has_names(folder / data_file) ? std::optional(folder / data_file) : std::nullopt;
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".data" && entry.is_regular_file(failure) && has_names(entry.path()))
      files.push_back(entry.path());
  }
  return files.size() == 1 ? std::optional(files.front()) : std::nullopt;
}

/// What a path of another machine is below the dataset's folder: the longest end of it that is there by `is_there`,
/// else the path without Darknet's `data/`.
template <class IsThere>
fs::path localised(std::string_view written, const IsThere& is_there) {
  std::string slashes(written);
  std::ranges::replace(slashes, '\\', '/');
  const fs::path path = fs::path(slashes).lexically_normal().relative_path();
  for (fs::path end = path; !end.empty();) {
    if (*end.begin() != ".." && is_there(end)) return end;
    fs::path shorter;
    for (auto part = std::next(end.begin()); part != end.end(); ++part) shorter /= *part;
    end = shorter;
  }
  fs::path rest;
  for (auto part = path.begin(); part != path.end(); ++part) {
    const bool is_outside = *part == ".." || (part == path.begin() && *part == "data");
    if (!is_outside) rest /= *part;
  }
  return rest;
}

fs::path file_below(const fs::path& folder, std::string_view written) {
  return localised(written, [&](const fs::path& end) { return is_file(folder / end); });
}

/// The path without its first folder, where CVAT puts all images of a part ("obj_train_data/").
std::string name_of(const fs::path& stem) {
  fs::path name;
  for (auto part = stem.begin(); part != stem.end(); ++part) {
    if (part != stem.begin() || std::next(part) == stem.end()) name /= *part;
  }
  return name.generic_string();
}

/// The picture as the list has it, or one with another suffix of images.
fs::path picture_of(const fs::path& folder, const fs::path& listed) {
  if (is_file(folder / listed)) return folder / listed;
  for (const char* suffix : {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".JPG", ".PNG"}) {
    if (fs::path other = fs::path(folder / listed).replace_extension(suffix); is_file(other)) return other;
  }
  return folder / listed;
}

/// Label files that no list names: Darknet does not see them.
std::size_t count_unlisted(const fs::path& folder, const std::set<fs::path>& folders, const Pairs& lists) {
  std::set<fs::path> known;
  for (const auto& [part, written] : lists) {
    const fs::path list = file_below(folder, written);
    known.insert(list);
    const auto content = read_file(folder / list);
    if (!content) continue;
    for (const Line& line : lines_of(*content)) {
      known.insert(fs::path(localised(trimmed(line.text), [&](const fs::path& end) {
                     return is_file(folder / fs::path(end).replace_extension(".txt"));
                   })).replace_extension(".txt"));
    }
  }
  std::size_t count = 0;
  std::error_code failure;
  for (const fs::path& below : folders) {
    if (below.empty()) continue;  // any other text may lie there
    for (const auto& entry : fs::directory_iterator(folder / below, failure))
      count += entry.path().extension() == ".txt" && !known.contains(below / entry.path().filename());
  }
  return count;
}

Result<std::string> whole(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  return std::string(content->data(), content->size());
}

}  // namespace

bool recognises(const fs::path& path) { return data_file_in(path).has_value(); }

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto file = data_file_in(path);
  if (!file) return Error{fmt::format("expected {} with a line \"names = obj.names\": {}", data_file, path.string())};
  const auto text = read_file(*file);
  if (!text) return text.error();
  const Pairs lists = lists_of(pairs_of({text->data(), text->size()}));
  std::vector<SceneHandle> handles;
  for (const auto& [part, written] : lists) {
    if (is_file(path / file_below(path, written))) handles.push_back({Format::darknet, path, part});
  }
  if (handles.empty())
    return Error{fmt::format("expected a list of images as \"train = data/train.txt\" that is there, got {}: {}",
                             lists.empty() ? "none" : "\"" + lists.front().second + "\", which is not there",
                             file->string())};
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  const fs::path& folder = handle.root;
  const auto file = data_file_in(folder);
  if (!file) return Error{fmt::format("expected {}: {}", data_file, folder.string())};
  auto source = std::make_shared<Source>();
  auto data = whole(*file);
  if (!data) return data.error();
  source->data = *std::move(data);
  source->data_name = file->filename();
  const Pairs pairs = pairs_of(source->data), lists = lists_of(pairs);
  const std::string* written = value_of(lists, handle.name);
  if (written == nullptr)
    return Error{fmt::format("expected a list of images of \"{}\": {}", handle.name, file->string())};
  source->names_path = file_below(folder, *value_of(pairs, "names"));
  source->list_path = file_below(folder, *written);
  auto names = whole(folder / source->names_path), list = whole(folder / source->list_path);
  if (!names) return names.error();
  if (!list) return list.error();
  source->names_text = *std::move(names);
  source->names = names_of_lines(source->names_text);
  source->list = *std::move(list);
  const auto sizes = read_sizes(folder / sizes_file);
  if (!sizes) return sizes.error();

  Scene scene = image_scene::make(Format::darknet, folder, handle.name);
  std::map<std::string, fs::path, decltype(&natural_less)> images(natural_less);
  std::size_t twice = 0;
  std::set<fs::path> folders;
  for (const Line& line : lines_of(source->list)) {
    const fs::path path = localised(trimmed(line.text), [&](const fs::path& end) {
      return is_file(folder / end) || is_file(folder / fs::path(end).replace_extension(".txt"));
    });
    if (path.empty())
      return Error{fmt::format("expected the path of an image, got \"{}\": {}", line.text,
                               at_line(folder / source->list_path, line.number))};
    folders.insert(path.parent_path());
    const std::string stem = fs::path(path).replace_extension().generic_string();
    twice += !images.emplace(stem, path).second;
  }
  for (const auto& [stem, listed] : images) {
    std::optional<PictureSize> size;
    for (const std::string& name : {name_of(stem), stem}) {
      if (const auto known = sizes->find(name); known != sizes->end()) size = known->second;
    }
    const fs::path labels = folder / (stem + ".txt");
    auto added =
        add_image(scene, *source, stem, picture_of(folder, listed), size, is_file(labels) ? labels : fs::path());
    if (!added) return added.error();
  }
  finish(scene, *source);
  if (twice > 0) scene.notes.push_back(fmt::format("{} images are listed twice and taken once", twice));
  if (const std::size_t unlisted = count_unlisted(folder, folders, lists); unlisted > 0)
    scene.notes.push_back(fmt::format("{} label files are in no list of images and not read", unlisted));
  for (const auto& [part, other] : lists) {
    if (!is_file(folder / file_below(folder, other)))
      scene.notes.push_back(fmt::format("{} names {}, which is not there", source->data_name.string(), other));
  }
  scene.labels.source = std::move(source);
  return scene;
}

namespace {

/// Classes count from 0 without gaps: a number that has no name gets the one that readers show for it.
std::string names_text(const std::map<std::string, std::int64_t>& numbers, const Source* source) {
  ClassNames names;
  for (const auto& [name, number] : numbers) names.emplace(number, name);
  if (source != nullptr) {
    ClassNames needed = names;
    std::erase_if(needed, [](const auto& n) { return n.second == class_name_of({}, n.first); });
    ClassNames known = source->names;
    std::erase_if(known, [](const auto& n) { return n.second == class_name_of({}, n.first); });
    if (needed == known) return source->names_text;
  }
  std::string text;
  for (std::int64_t number = 0; !names.empty() && number <= names.rbegin()->first; ++number)
    text += class_name_of(names, number) + "\n";
  return text;
}

/// The `.data` file with the number of classes that there are now.
std::string data_with_classes(const Source& source, std::string_view names) {
  std::string text;
  for (const Line& line : lines_of(source.data)) {
    const bool is_count = trimmed(line.text.substr(0, line.text.find('='))) == "classes";
    text += is_count ? fmt::format("classes = {}\n", std::ranges::count(names, '\n')) : std::string(line.text) + "\n";
  }
  return text;
}

/// Names of images with their suffixes, .jpg where they have none.
Result<std::vector<std::string>> picture_names(const Scene& scene, const fs::path& out) {
  // Labels find their image by its name without the suffix: those must differ.
  if (auto stems = image_scene::image_stems(scene, out); !stems) return stems;
  auto names = image_scene::image_names(scene, out);
  if (!names) return names;
  for (std::string& name : *names) {
    if (!image_scene::has_image_suffix(name)) name += ".jpg";
  }
  return names;
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  if (source != nullptr && source->stems.size() != scene.images.size()) source = nullptr;
  const auto numbers = numbers_of(labels, source);
  const auto made = label_texts(scene, labels, numbers, source, out);
  if (!made) return made.error();
  std::map<fs::path, std::string> files;  // all made before the first is written
  std::string size_rows = sizes_header;
  if (source != nullptr) {
    const std::string& classes = files[source->names_path] = names_text(numbers, source);
    files[source->data_name] = classes == source->names_text ? source->data : data_with_classes(*source, classes);
    files[source->list_path] = source->list;
    for (std::size_t i = 0; i < source->stems.size(); ++i) {
      size_rows += size_row(name_of(source->stems[i]), made->sizes[i]);
      if (made->texts[i]) files[source->stems[i] + ".txt"] = *made->texts[i];
    }
  } else {
    const auto names = picture_names(scene, out);
    if (!names) return names.error();
    const std::string folder = fmt::format("obj_{}_data/", new_subset), list = fmt::format("{}.txt", new_subset);
    const std::string classes = names_text(numbers, nullptr);
    files[data_file] = fmt::format("classes = {}\n{} = data/{}\nnames = data/{}\nbackup = backup/\n",
                                   std::ranges::count(classes, '\n'), new_subset, list, names_file);
    files[names_file] = classes;
    files[list] = "";
    for (std::size_t i = 0; i < names->size(); ++i) {
      const fs::path picture = folder + (*names)[i];
      files[list] += fmt::format("data/{}\n", picture.generic_string());
      const fs::path stem = fs::path((*names)[i]).replace_extension();
      size_rows += size_row(stem.generic_string(), made->sizes[i]);
      // CVAT refuses an image without a file of labels.
      files[folder + stem.generic_string() + ".txt"] = made->texts[i].value_or("");
    }
  }
  files[sizes_file] = std::move(size_rows);
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::darknet
