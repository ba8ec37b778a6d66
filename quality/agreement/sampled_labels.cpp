// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/sampled_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "data/formats/image_scene.h"
#include "data/frame_labels.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"

namespace sweepmark {
namespace {

template <class Tracks>
std::vector<TimestampNs> keyframe_times(const Tracks& tracks) {
  std::set<TimestampNs> times;
  for (const auto& track : tracks) {
    for (const auto& keyframe : track.keyframes) times.insert(keyframe.timestamp);
  }
  return {times.begin(), times.end()};
}

std::vector<TimestampNs> times_of(const Scene& scene) {
  if (scene.frames.empty()) return keyframe_times(scene.labels.tracks);
  return has_keyframes(scene) ? image_scene::frame_times(scene) : annotated_frames(scene, scene.labels);
}

std::vector<TimestampNs> image_times_of(const Scene& scene, const std::string& camera) {
  std::vector<TimestampNs> times;
  for (const ImageRef& image : scene.images) {
    if (scene.sensors[image.sensor].name == camera) times.push_back(image.timestamp);
  }
  if (times.empty()) times = image_scene::frame_times(scene);
  if (!times.empty()) return times;
  std::vector<ImageTrack> of_camera;
  std::ranges::copy_if(scene.labels.image_tracks, std::back_inserter(of_camera),
                       [&](const ImageTrack& track) { return track.camera == camera; });
  return keyframe_times(of_camera);
}

template <class TimesOf>
std::vector<TimestampNs> in_all(std::span<const Scene* const> scenes, const TimesOf& times_of_scene) {
  std::vector<TimestampNs> common = times_of_scene(*scenes.front());
  for (const Scene* scene : scenes.subspan(1)) {
    const auto times = times_of_scene(*scene);
    std::vector<TimestampNs> both;
    std::ranges::set_intersection(common, times, std::back_inserter(both));
    common = std::move(both);
  }
  return common;
}

}  // namespace

Result<std::vector<TimestampNs>> common_times(std::span<const Scene* const> scenes) {
  auto common = in_all(scenes, times_of);
  if (common.empty()) {
    std::string names;
    for (const Scene* scene : scenes) {
      names += fmt::format("{}{} ({} frames)", names.empty() ? "" : ", ",
                           (scene->label_store.empty() ? scene->root : scene->label_store).string(),
                           times_of(*scene).size());
    }
    return Error{"expected labels of one scene, but no frame is at the same time in all of: " + names};
  }
  return common;
}

Result<SampledLabels<Cuboid>> sample_cuboids(const Scene& scene, std::span<const TimestampNs> times) {
  const auto& tracks = scene.labels.tracks;
  SampledLabels<Cuboid> sampled{{tracks.size(), std::vector<std::vector<std::uint32_t>>(times.size())},
                                std::vector<std::vector<Cuboid>>(times.size())};
  // One after the other: the table of all tracks at all times would be large, and mostly empty.
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i].keyframes.empty()) continue;
    const auto prepared = prepare(std::span(&tracks[i], 1));
    if (!prepared) return Error{fmt::format("track {} of {}: {}", tracks[i].id, scene.name, prepared.error().message)};
    const auto first = std::ranges::lower_bound(times, tracks[i].keyframes.front().timestamp),
               last = std::ranges::upper_bound(times, tracks[i].keyframes.back().timestamp);
    for (auto time = first; time < last; ++time) {
      Cuboid cuboid;
      if (evaluate(*prepared, 0, *time, cuboid) == Presence::absent) continue;
      const auto frame = static_cast<std::size_t>(time - times.begin());
      sampled.tracks.frames[frame].push_back(i);
      sampled.values[frame].push_back(cuboid);
    }
  }
  return sampled;
}

std::vector<std::string> labelled_cameras(std::span<const Scene* const> scenes) {
  std::set<std::string> cameras;
  for (const Scene* scene : scenes) {
    for (const ImageTrack& track : scene->labels.image_tracks) cameras.insert(track.camera);
  }
  return {cameras.begin(), cameras.end()};
}

std::vector<TimestampNs> common_image_times(std::span<const Scene* const> scenes, const std::string& camera) {
  return in_all(scenes, [&](const Scene& scene) { return image_times_of(scene, camera); });
}

SampledLabels<ImageValue> sample_images(const Scene& scene, const std::string& camera,
                                        std::span<const TimestampNs> times) {
  const auto& tracks = scene.labels.image_tracks;
  SampledLabels<ImageValue> sampled{{tracks.size(), std::vector<std::vector<std::uint32_t>>(times.size())},
                                    std::vector<std::vector<ImageValue>>(times.size())};
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i].camera != camera || tracks[i].keyframes.empty()) continue;
    auto states = evaluate(tracks[i], times);
    for (std::size_t frame = 0; frame < times.size(); ++frame) {
      if (!states[frame] || states[frame]->value.is_empty()) continue;
      sampled.tracks.frames[frame].push_back(i);
      sampled.values[frame].push_back(std::move(states[frame]->value));
    }
  }
  return sampled;
}

}  // namespace sweepmark
