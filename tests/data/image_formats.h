// SPDX-License-Identifier: Apache-2.0
//
// What tests of image formats share: random scenes of one camera, and comparing labels.
#pragma once

#include <nlohmann/json.hpp>

#include "data/formats/image_scene.h"
#include "data/store/changes.h"
#include "tests/data/files.h"
#include "tests/data/random_labels.h"
#include "tracking/class_at.h"

namespace sweepmark::testing_support {

/// Eight images of 64 x 48 pixels, at the times that a format gives its frames.
inline Scene image_scene_of(Format format, TimestampNs (*time_of_frame)(int)) {
  Scene scene = image_scene::make(format, "/data", "scene");
  for (int frame = 0; frame < 8; ++frame)
    image_scene::add_image(scene, time_of_frame(frame), "/data/" + std::to_string(frame) + ".jpg", 64, 48);
  return scene;
}

/// Tracks whose keyframes are at frames of the scene, absent where they have none. \param value  makes each value
template <class MakeValue>
std::vector<ImageTrack> dense_tracks(RandomLabels& random, const Scene& scene, int count, MakeValue value) {
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  std::vector<ImageTrack> tracks;
  for (int t = 0; t < count; ++t) {
    ImageTrack track{.camera = image_scene::unnamed_camera,
                     .id = std::to_string(t + 1),
                     .class_name = random.chance(2) ? "car" : "pedestrian"};
    for (const TimestampNs frame : frames) {
      if (!random.chance(3)) track.keyframes.push_back({.timestamp = frame, .value = value()});
    }
    if (track.keyframes.empty()) continue;
    image_scene::mark_gaps(track, frames);
    tracks.push_back(std::move(track));
  }
  return tracks;
}

/// Every second track becomes a car at one of its keyframes and a pedestrian again at a later one, where it has so
/// many.
inline std::vector<ImageTrack> with_changing_classes(std::vector<ImageTrack> tracks) {
  for (std::size_t t = 0; t < tracks.size(); t += 2) {
    const auto& keyframes = tracks[t].keyframes;
    set_class(tracks[t], "pedestrian");
    if (keyframes.size() > 1) set_class_from(tracks[t], keyframes[keyframes.size() / 2].timestamp, "car");
    if (keyframes.size() > 3) set_class_from(tracks[t], keyframes.back().timestamp, "pedestrian");
  }
  return tracks;
}

/// Nothing, or the first row in which two label sets differ.
inline std::string first_difference(const LabelSet& a, const LabelSet& b) {
  LabelSet x = a, y = b;
  x.ontology = y.ontology = {};  // compared where a format carries it
  const auto changes = difference(x, y);
  return changes.empty() ? "" : name_of_row(changes.front());
}

}  // namespace sweepmark::testing_support
