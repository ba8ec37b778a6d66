// SPDX-License-Identifier: Apache-2.0
#include "data/formats/image_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/image_file.h"

namespace sweepmark::image_folder {
namespace fs = std::filesystem;
namespace {

bool is_picture(const fs::path& path) {
  std::error_code failure;
  return image_scene::has_image_suffix(path) && fs::is_regular_file(path, failure);
}

/// Pictures that cannot be read: by their suffix they are some, by what is in this program they are not.
bool is_readable_kind(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return suffix == ".png" || suffix == ".jpg" || suffix == ".jpeg";
}

std::vector<fs::path> files_in(const fs::path& path) {
  if (is_picture(path) && is_readable_kind(path)) return {path};
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure))
    if (is_picture(entry.path()) && is_readable_kind(entry.path())) files.push_back(entry.path());
  std::ranges::sort(files, natural_less, [](const fs::path& file) { return file.filename().string(); });
  return files;
}

/// What may lie beside pictures without saying anything of them.
bool says_nothing(const fs::path& path) {
  const std::string name = path.filename().string(), suffix = path.extension().string();
  return name.starts_with('.') || name == "Thumbs.db" || suffix == ".md" || suffix.starts_with(".sweepmark") ||
         is_picture(path);
}

}  // namespace

bool recognises(const fs::path& path) {
  if (files_in(path).empty()) return false;
  // Labels that are nearly of some format must not be passed over.
  std::error_code failure;
  return !fs::is_directory(path, failure) ||
         std::ranges::all_of(fs::directory_iterator(path, failure), says_nothing, &fs::directory_entry::path);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (files_in(path).empty())
    return Error{fmt::format("expected a picture, or a folder of .png or .jpg files: {}", path.string())};
  std::error_code failure;
  const fs::path whole = fs::absolute(path, failure).lexically_normal();
  const fs::path named = whole.has_filename() ? whole : whole.parent_path();  // "clip/" is called as "clip" is
  return std::vector<SceneHandle>{{Format::images, path, named.stem().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene = image_scene::make(Format::images, handle.root, handle.name);
  const auto files = files_in(handle.root);
  if (files.empty()) return Error{fmt::format("no pictures any more: {}", handle.root.string())};
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.stem().string());
  const NameTimes times = times_of_names(names);
  std::size_t unread = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto size = read_image_size(files[i]);
    if (!size) ++unread;
    image_scene::add_image(scene, times.times[i], files[i], size ? size->width : 0, size ? size->height : 0);
  }
  if (files.size() > 1) scene.assume_times(times.note);
  if (unread > 0)
    scene.notes.push_back(
        fmt::format("{} of {} pictures cannot be read: they are shown as such", unread, files.size()));
  return scene;
}

}  // namespace sweepmark::image_folder
