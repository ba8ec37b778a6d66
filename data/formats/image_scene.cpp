// SPDX-License-Identifier: Apache-2.0
#include "data/formats/image_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "tracking/gaps.h"

namespace sweepmark::image_scene {

Scene make(Format format, const std::filesystem::path& root, const std::string& name, const std::string& camera) {
  Scene scene;
  scene.format = format;
  scene.root = root;
  scene.name = name;
  scene.sensors.push_back({camera, SensorKind::camera, {}, {}});
  return scene;
}

void add_image(Scene& scene, TimestampNs time, const std::filesystem::path& file, std::uint32_t width,
               std::uint32_t height) {
  scene.frames.push_back({time, {}, {}, {static_cast<std::uint32_t>(scene.images.size())}});
  scene.images.push_back(
      {.sensor = 0, .timestamp = time, .file = file, .world_from_sensor = {}, .width = width, .height = height});
}

void mark_gaps(ImageTrack& track, std::span<const TimestampNs> frames) {
  std::ranges::copy(gaps_between(track.keyframes, frames), std::back_inserter(track.absences));
}

std::vector<TimestampNs> frame_times(const Scene& scene) {
  std::vector<TimestampNs> times;
  times.reserve(scene.frames.size());
  for (const Frame& frame : scene.frames) times.push_back(frame.timestamp);
  return times;
}

ImageIndex::ImageIndex(const Scene& scene) {
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    const ImageRef& image = scene.images[i];
    index_.emplace(std::pair(scene.sensors[image.sensor].name, image.timestamp), i);
  }
}

std::optional<std::size_t> ImageIndex::find(const std::string& camera, TimestampNs time) const {
  const auto found = index_.find({camera, time});
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

namespace {

namespace fs = std::filesystem;

/// The folder that holds all files, itself or in folders below; empty where they have none in common.
fs::path common_folder(const std::vector<fs::path>& files) {
  std::optional<fs::path> common;
  for (const fs::path& file : files) {
    if (file.empty()) continue;
    const fs::path folder = file.parent_path();
    if (!common) {
      common = folder;
      continue;
    }
    fs::path shared;
    for (auto a = common->begin(), b = folder.begin(); a != common->end() && b != folder.end() && *a == *b; ++a, ++b)
      shared /= *a;
    common = shared;
  }
  return common.value_or(fs::path());
}

/// Errors: a name that is there twice, with the files of both images.
Result<void> expect_different(const std::vector<std::string>& names, const Scene& scene, const fs::path& out) {
  std::map<std::string, std::size_t> image_of;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [first, is_new] = image_of.try_emplace(names[i], i);
    if (is_new) continue;
    const auto name_of = [&](std::size_t image) { return scene.images[image].file.string(); };
    return Error{
        fmt::format("labels find their image by its name there, and two images would be called \"{}\": {} and {}: "
                    "{}",
                    names[i], name_of(first->second), name_of(i), out.string())};
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> image_names(const Scene& scene, const fs::path& out) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const ImageRef& image : scene.images)
    files.push_back(image.file.empty() ? fs::path() : fs::absolute(image.file, failure).lexically_normal());
  const fs::path folder = common_folder(files);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string& camera = scene.sensors[scene.images[i].sensor].name;
    names.push_back(!files[i].empty()          ? files[i].lexically_relative(folder).generic_string()
                    : camera == unnamed_camera ? fmt::format("{:06}", i)
                                               : fmt::format("{}/{:06}", camera, i));
  }
  if (auto different = expect_different(names, scene, out); !different) return different.error();
  return names;
}

bool has_image_suffix(const fs::path& name) {
  std::string suffix = name.extension().string();
  std::ranges::transform(suffix, suffix.begin(),
                         [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  constexpr std::string_view known[] = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"};
  return std::ranges::find(known, suffix) != std::end(known);
}

Result<std::vector<std::string>> image_stems(const Scene& scene, const fs::path& out) {
  auto names = image_names(scene, out);
  if (!names) return names;
  for (std::string& name : *names) {
    if (has_image_suffix(name)) name = fs::path(name).replace_extension().generic_string();
  }
  if (auto different = expect_different(*names, scene, out); !different) return different.error();
  return names;
}

double extent(double from, double to) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const double size = to - from;
  for (const double candidate : {size, std::nextafter(size, far), std::nextafter(size, -far)}) {
    if (from + candidate == to) return candidate;
  }
  return size;
}

}  // namespace sweepmark::image_scene
