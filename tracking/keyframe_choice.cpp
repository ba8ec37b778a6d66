// SPDX-License-Identifier: Apache-2.0
#include "tracking/keyframe_choice.h"

#include "kernels/expects.h"

namespace sweepmark {

std::vector<std::size_t> every_nth(const Track& track, std::size_t every) {
  SWEEPMARK_EXPECTS(every >= 1);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < track.keyframes.size(); i += every) positions.push_back(i);
  if (!positions.empty() && positions.back() + 1 != track.keyframes.size()) positions.push_back(track.keyframes.size() - 1);
  return positions;
}

Track keep_keyframes(const Track& track, const std::vector<std::size_t>& positions) {
  Track kept = track;
  kept.keyframes.clear();
  for (const std::size_t position : positions) {
    SWEEPMARK_EXPECTS(position < track.keyframes.size());
    kept.keyframes.push_back(track.keyframes[position]);
  }
  return kept;
}

}  // namespace sweepmark
