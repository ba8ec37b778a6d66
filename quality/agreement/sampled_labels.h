// SPDX-License-Identifier: Apache-2.0
//
// Labels of one person as they are at common times, by the engine that draws and exports them: what is compared does
// not depend on where each person set keyframes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/agreement/frame_pairs.h"

namespace sweepmark {

/// Labels at each of some times. `tracks.track_count` and the indices are those of the label set's tracks.
template <class Value>
struct SampledLabels {
  TracksInFrames tracks;
  std::vector<std::vector<Value>> values;  ///< of each frame, as in `tracks.frames`
};

/// The times at which all of these people's labels are compared: frames of the first scene that each of the others has
/// too. Of labels that are rows of frames (most datasets) only annotated frames count (data/frame_labels.h); a scene
/// without frames has the times of its keyframes. Errors: no common time; the scenes are named.
Result<std::vector<TimestampNs>> common_times(std::span<const Scene* const> scenes);

/// Cuboids at each of `times`, frame world. Tracks without keyframes are nowhere.
/// Errors: those of `prepare`, with the scene's name and the track.
Result<SampledLabels<Cuboid>> sample_cuboids(const Scene& scene, std::span<const TimestampNs> times);

/// The cameras that have labels in one of the scenes, by name.
std::vector<std::string> labelled_cameras(std::span<const Scene* const> scenes);

/// As `common_times`, of the images of one camera; where a scene names none, of the frames or keyframes.
std::vector<TimestampNs> common_image_times(std::span<const Scene* const> scenes, const std::string& camera);

/// Labels in the images of one camera at each of `times`. \param times  ascending
SampledLabels<ImageValue> sample_images(const Scene& scene, const std::string& camera,
                                        std::span<const TimestampNs> times);

}  // namespace sweepmark
