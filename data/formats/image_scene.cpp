// SPDX-License-Identifier: Apache-2.0
#include "data/formats/image_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
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

std::filesystem::path named_file(const ImageRef& image) {
  if (!image.video_frame || image.file.empty()) return image.file;
  return image.file.parent_path() / image.file.stem() / fmt::format("frame_{:06}.png", *image.video_frame);
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
    const auto name_of = [&](std::size_t image) { return named_file(scene.images[image]).string(); };
    return Error{
        fmt::format("labels find their image by its name there, and two images would be called \"{}\": {} and {}: "
                    "{}",
                    names[i], name_of(first->second), name_of(i), out.string())};
  }
  return {};
}

/// See `NamedFrom::dataset`. \param files  absolute
fs::path folder_of_names(const Scene& scene, const std::vector<fs::path>& files) {
  std::error_code failure;
  const fs::path root = fs::absolute(scene.root, failure).lexically_normal();
  const bool is_file = fs::is_regular_file(root, failure) || (!fs::exists(root, failure) && root.has_extension());
  const fs::path dataset = is_file ? root.parent_path() : root;
  const auto is_below = [&](const fs::path& file) {
    return file.empty() || *file.lexically_relative(dataset).begin() != "..";
  };
  if (!scene.root.empty() && std::ranges::all_of(files, is_below)) return dataset;
  const fs::path common = common_folder(files);
  for (fs::path folder = common; folder.has_relative_path(); folder = folder.parent_path()) {
    if (folder.filename() == "images") return folder.parent_path();
  }
  return common;
}

Result<std::vector<std::string>> names_from(const Scene& scene, const fs::path& out, NamedFrom from) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const ImageRef& image : scene.images)
    files.push_back(image.file.empty() ? fs::path() : fs::absolute(named_file(image), failure).lexically_normal());
  const fs::path folder = from == NamedFrom::dataset ? folder_of_names(scene, files) : common_folder(files);
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

}  // namespace

Result<std::vector<std::string>> image_names(const Scene& scene, const fs::path& out) {
  return names_from(scene, out, NamedFrom::common_folder);
}

namespace {

/// Two images of a camera with labels that are called the same in two folders.
std::optional<std::pair<std::size_t, std::size_t>> called_the_same(const Scene& scene, const LabelSet& labels) {
  std::set<std::string> cameras;
  for (const ImageTrack& track : labels.image_tracks) cameras.insert(track.camera);
  std::map<std::pair<std::uint32_t, fs::path>, std::size_t> image_of_name;
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    const ImageRef& image = scene.images[i];
    if (image.file.empty() || !cameras.contains(scene.sensors[image.sensor].name)) continue;
    const auto [first, is_new] = image_of_name.try_emplace({image.sensor, named_file(image).filename()}, i);
    if (!is_new) return std::pair(first->second, i);
  }
  return std::nullopt;
}

/// The labels at the times of a part's frames.
LabelSet labels_at(const LabelSet& labels, const std::vector<TimestampNs>& times) {
  LabelSet part = labels;
  part.source.reset();
  for (ImageTrack& track : part.image_tracks) {
    std::erase_if(track.keyframes,
                  [&](const ImageKeyframe& k) { return !std::ranges::binary_search(times, k.timestamp); });
    for (ImageKeyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;
    track.absences.clear();
    mark_gaps(track, times);
  }
  std::erase_if(part.image_tracks, [](const ImageTrack& track) { return track.keyframes.empty(); });
  return part;
}

}  // namespace

Result<void> expect_names_apart(const Scene& scene, const LabelSet& labels, std::string_view format,
                                const fs::path& out) {
  const auto same = called_the_same(scene, labels);
  if (!same) return {};
  return Error{fmt::format(
      "{} tells the images of a sequence by their numbers, and two are called the same in two "
      "folders: {} and {}: {}",
      format, scene.images[same->first].file.string(), scene.images[same->second].file.string(), out.string())};
}

Result<std::vector<FolderPart>> parts_by_folder(const Scene& scene, const LabelSet& labels, std::string_view format,
                                                const fs::path& out) {
  std::vector<FolderPart> parts;
  const auto refused = expect_names_apart(scene, labels, format, out);
  if (refused) return parts;
  const bool is_image_a_frame =
      scene.sweeps.empty() && std::ranges::all_of(scene.frames, [](const Frame& f) { return f.images.size() == 1; });
  if (!is_image_a_frame) return refused.error();
  std::vector<fs::path> files;
  for (const Frame& frame : scene.frames) files.push_back(named_file(scene.images[frame.images[0]]));
  const fs::path common = common_folder(files);
  std::map<fs::path, std::size_t> part_of_folder;
  for (std::size_t f = 0; f < scene.frames.size(); ++f) {
    const fs::path folder = files[f].parent_path();
    const auto [place, is_new] = part_of_folder.try_emplace(folder, parts.size());
    if (is_new) {
      std::string name =
          folder == common ? folder.filename().string() : folder.lexically_relative(common).generic_string();
      std::ranges::replace(name, '/', '-');
      if (std::ranges::find(parts, name, &FolderPart::name) != parts.end()) return refused.error();
      parts.push_back({name, make(scene.format, scene.root, name), {}});
      parts.back().scene.sensors = scene.sensors;
    }
    ImageRef image = scene.images[scene.frames[f].images[0]];
    Scene& part = parts[place->second].scene;
    part.frames.push_back({scene.frames[f].timestamp, {}, {}, {static_cast<std::uint32_t>(part.images.size())}});
    part.images.push_back(std::move(image));
  }
  for (FolderPart& part : parts) part.labels = labels_at(labels, frame_times(part.scene));
  return parts;
}

bool has_image_suffix(const fs::path& name) {
  std::string suffix = name.extension().string();
  std::ranges::transform(suffix, suffix.begin(),
                         [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  constexpr std::string_view known[] = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"};
  return std::ranges::find(known, suffix) != std::end(known);
}

Result<std::vector<std::string>> image_stems(const Scene& scene, const fs::path& out, NamedFrom from) {
  auto names = names_from(scene, out, from);
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
