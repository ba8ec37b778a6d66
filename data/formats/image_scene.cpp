// SPDX-License-Identifier: Apache-2.0
#include "data/formats/image_scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
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

double extent(double from, double to) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const double size = to - from;
  for (const double candidate : {size, std::nextafter(size, far), std::nextafter(size, -far)}) {
    if (from + candidate == to) return candidate;
  }
  return size;
}

}  // namespace sweepmark::image_scene
