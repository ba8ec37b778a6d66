// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "tracking/image_track.h"
#include "tracking/track.h"

namespace sweepmark {

/// Positions of every n-th keyframe of a dense track, and of its last: what a person would have set.
/// \pre every >= 1
std::vector<std::size_t> every_nth(const Track& track, std::size_t every);
std::vector<std::size_t> every_nth(const ImageTrack& track, std::size_t every);

/// The track with only the keyframes at `positions` (ascending).
Track keep_keyframes(const Track& track, const std::vector<std::size_t>& positions);
ImageTrack keep_keyframes(const ImageTrack& track, const std::vector<std::size_t>& positions);

}  // namespace sweepmark
