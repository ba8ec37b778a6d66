// SPDX-License-Identifier: Apache-2.0
#include "data/formats/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "data/formats/image_scene.h"
#include "data/formats/numbered_names.h"
#include "data/formats/text.h"
#include "data/video/index_cache.h"

namespace sweepmark::video {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 21> suffixes = {".mp4",  ".m4v",  ".mov", ".mkv", ".webm", ".avi", ".mpg",
                                                       ".mpeg", ".wmv",  ".asf", ".flv", ".3gp",  ".3g2", ".ogv",
                                                       ".mxf",  ".m2ts", ".mts", ".ts",  ".nut",  ".ivf", ".dv"};

/// Packets of 188 bytes that begin with 0x47, 4 bytes of time before each in .m2ts: ".ts" is TypeScript's too.
bool is_transport_stream(const fs::path& file) {
  constexpr std::size_t packet = 188, with_time = 192;
  const std::string head = read_head(file, 2 * with_time);
  const auto is_at = [&](std::size_t first, std::size_t size) {
    return head.size() > first + size && head[first] == 0x47 && head[first + size] == 0x47;
  };
  return is_at(0, packet) || is_at(4, with_time);
}

bool is_video_file(const fs::path& path) {
  std::error_code failure;
  if (!has_video_suffix(path) || !fs::is_regular_file(path, failure)) return false;
  return path.extension() != ".ts" || is_transport_stream(path);
}

std::vector<fs::path> files_in(const fs::path& path) {
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, failure))
    if (is_video_file(entry.path())) files.push_back(entry.path());
  std::ranges::sort(files, natural_less, [](const fs::path& file) { return file.filename().string(); });
  return files;
}

/// What may lie beside videos without saying anything of them.
bool says_nothing(const fs::path& path) {
  const std::string name = path.filename().string(), suffix = path.extension().string();
  return name.starts_with('.') || name == "Thumbs.db" || suffix == ".md" || suffix.starts_with(".sweepmark") ||
         is_video_file(path);
}

}  // namespace

bool has_video_suffix(const fs::path& name) {
  std::string suffix = name.extension().string();
  std::ranges::transform(suffix, suffix.begin(),
                         [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  return std::ranges::find(suffixes, suffix) != suffixes.end();
}

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return is_video_file(path);
  // Labels of videos that are nearly of some format must not be passed over.
  return !files_in(path).empty() &&
         std::ranges::all_of(fs::directory_iterator(path, failure), says_nothing, &fs::directory_entry::path);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::vector<SceneHandle> handles;
  for (const fs::path& file : files_in(path)) handles.push_back({Format::video, file, file.stem().string()});
  if (handles.empty())
    return Error{
        fmt::format("expected a video, or a folder of .mp4, .mkv, .mov, .avi or other videos: {}", path.string())};
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  const auto index = video_index(handle.root);
  if (!index) return index.error();
  Scene scene = image_scene::make(Format::video, handle.root, handle.name);
  scene.frames.reserve((*index)->shown.size());
  scene.images.reserve((*index)->shown.size());
  for (const VideoIndex::Shown& shown : (*index)->shown) {
    const auto number = static_cast<std::uint32_t>(scene.images.size());
    image_scene::add_image(scene, shown.time, handle.root, (*index)->width, (*index)->height);
    scene.images.back().video_frame = number;
  }
  scene.notes = (*index)->notes;
  return scene;
}

}  // namespace sweepmark::video
