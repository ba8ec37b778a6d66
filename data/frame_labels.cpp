// SPDX-License-Identifier: Apache-2.0
#include "data/frame_labels.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "data/format_features.h"
#include "data/formats/image_scene.h"
#include "data/open_scene.h"
#include "tracking/attributes_at.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"
#include "tracking/gaps.h"

namespace sweepmark {
namespace {

/// Adds keyframes that are not there yet. \pre no two at one time
template <class AnyTrack, class Keyframes>
std::size_t add(AnyTrack& track, Keyframes made) {
  const std::size_t count = made.size();
  if (count == 0) return 0;
  std::ranges::move(made, std::back_inserter(track.keyframes));
  std::ranges::sort(track.keyframes, {}, [](const auto& k) { return k.timestamp; });
  return count;
}

bool has_keyframe(const auto& track, TimestampNs time) {
  return std::ranges::binary_search(track.keyframes, time, {}, [](const auto& k) { return k.timestamp; });
}

std::size_t fill(const std::vector<TimestampNs>& times, Track& track) {
  if (track.keyframes.size() < 2) return 0;
  // What cannot be interpolated has nothing between its keyframes, on the screen either; `check` says why.
  const auto prepared = prepare(std::span(&track, 1));
  if (!prepared) return 0;
  std::vector<Keyframe> made;
  const auto first = std::ranges::lower_bound(times, track.keyframes.front().timestamp),
             last = std::ranges::upper_bound(times, track.keyframes.back().timestamp);
  for (auto time = first; time < last; ++time) {
    if (has_keyframe(track, *time)) continue;
    Keyframe keyframe{.timestamp = *time, .cuboid = {}, .stored_count = {}, .attributes = attributes_at(track, *time)};
    if (evaluate(*prepared, 0, *time, keyframe.cuboid) != Presence::absent) made.push_back(std::move(keyframe));
  }
  return add(track, std::move(made));
}

std::size_t fill(const std::vector<TimestampNs>& times, ImageTrack& track) {
  if (track.keyframes.size() < 2) return 0;
  const auto states = evaluate(track, times);
  std::vector<ImageKeyframe> made;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (states[i] && !states[i]->is_keyframe && !states[i]->value.is_empty())
      made.push_back({.timestamp = times[i], .value = states[i]->value, .attributes = attributes_at(track, times[i])});
  }
  return add(track, std::move(made));
}

}  // namespace

bool has_keyframes(const Scene& scene) {
  return !scene.label_store.empty() || format_features(scene.format).has(Feature::interpolation);
}

std::vector<TimestampNs> annotated_frames(const Scene& scene, const LabelSet& labels) {
  std::vector<TimestampNs> times = image_scene::frame_times(scene);
  std::vector<char> is_labelled(times.size(), 0);
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const auto at = std::ranges::lower_bound(times, k.timestamp);
      if (at != times.end() && *at == k.timestamp) is_labelled[static_cast<std::size_t>(at - times.begin())] = 1;
    }
  }
  std::vector<std::size_t> labelled, distances;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (is_labelled[i] != 0) labelled.push_back(i);
  }
  for (std::size_t i = 1; i < labelled.size(); ++i) distances.push_back(labelled[i] - labelled[i - 1]);
  if (distances.empty()) return times;
  std::ranges::nth_element(distances, distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2));
  const std::size_t usual = distances[distances.size() / 2];
  std::vector<TimestampNs> annotated;
  std::size_t next = 0;  // the labelled frame that comes
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (next < labelled.size() && labelled[next] < i) ++next;
    const bool is_between = next > 0 && next < labelled.size() && labelled[next] != i;
    if (!is_between || labelled[next] - labelled[next - 1] > usual + 1) annotated.push_back(times[i]);
  }
  return annotated;
}

void mark_gaps(const Scene& scene, LabelSet& labels) {
  const auto times = annotated_frames(scene, labels);
  for (Track& track : labels.tracks) {
    if (track.absences.empty()) track.absences = gaps_between(track.keyframes, times);
  }
}

std::size_t fill_frames(const Scene& scene, LabelSet& labels) {
  const auto times = image_scene::frame_times(scene);
  std::size_t count = 0;
  for (Track& track : labels.tracks) count += fill(times, track);
  if (labels.image_tracks.empty()) return count;
  const image_scene::ImageIndex images(scene);
  for (ImageTrack& track : labels.image_tracks) {
    std::vector<TimestampNs> of_camera = times;
    std::erase_if(of_camera, [&](TimestampNs time) { return !images.find(track.camera, time); });
    count += fill(of_camera, track);
  }
  return count;
}

}  // namespace sweepmark
