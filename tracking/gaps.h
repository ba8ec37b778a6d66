// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/interpolate.h"

namespace sweepmark {

/// In datasets that label frame by frame an object is absent where it has no row: a span for each run of frames without
/// a keyframe between the first and the last. \param keyframes, frames  ascending
template <class Keyframes>
std::vector<AbsenceSpan> gaps_between(const Keyframes& keyframes, std::span<const TimestampNs> frames) {
  std::vector<AbsenceSpan> gaps;
  for (std::size_t k = 1; k < keyframes.size(); ++k) {
    const TimestampNs before = keyframes[k - 1].timestamp, after = keyframes[k].timestamp;
    const auto first = std::ranges::upper_bound(frames, before), last = std::ranges::lower_bound(frames, after);
    if (first < last) gaps.push_back({*first, *(last - 1)});
  }
  return gaps;
}

}  // namespace sweepmark
