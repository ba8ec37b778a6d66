// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

#include "data/open_scene.h"
#include "data/write_labels.h"
#include "tests/fuzz/fuzz_folder.h"

namespace sweepmark::fuzz {

/// Writes the files of an input: each stands behind a line "%%name", where the name is one of `allowed`, since the
/// input must not choose where to write. \return the folder, emptied before
inline std::filesystem::path write_files(std::string_view text, std::initializer_list<std::string_view> allowed) {
  const std::filesystem::path root = folder() / "scene";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  while (text.starts_with("%%")) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view name = text.substr(2, end - 2);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t next = std::min(text.find("\n%%"), text.size());
    for (const std::string_view known : allowed) {
      if (name == known) write("scene/" + std::string(name), text.substr(0, next));
    }
    text.remove_prefix(std::min(next + 1, text.size()));
  }
  return root;
}

/// What can be read can be written, reads again, and has as many labels.
inline void open_and_write(const std::filesystem::path& path, Format format) {
  const auto handles = find_scenes(path, format);
  if (!handles) return;
  for (const SceneHandle& handle : *handles) {
    const auto scene = open_scene(handle);
    if (!scene) continue;
    const std::filesystem::path out = folder() / ("out" + std::string(scene_extension(format)));
    std::filesystem::remove_all(out);
    if (!write_scene(*scene, scene->labels, format, out)) continue;
    const auto again = find_scenes(out, format);
    if (!again || again->empty()) continue;  // without labels there may be nothing to recognise
    const auto same = open_scene(again->front());
    if (handles->size() == 1 && (!same || same->labels.tracks.size() != scene->labels.tracks.size() ||
                                 same->labels.image_tracks.size() != scene->labels.image_tracks.size()))
      std::abort();
    LabelSet made = scene->labels;
    made.source.reset();
    std::filesystem::remove_all(out);
    (void)write_scene(*scene, made, format, out);
  }
  std::filesystem::remove_all(folder() / ("out" + std::string(scene_extension(format))));
}

}  // namespace sweepmark::fuzz
