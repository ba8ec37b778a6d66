// SPDX-License-Identifier: Apache-2.0
#include "tracking/keyframe_choice.h"

#include "kernels/expects.h"

namespace sweepmark {

namespace {

std::vector<std::size_t> every_nth_of(std::size_t count, std::size_t every) {
  SWEEPMARK_EXPECTS(every >= 1);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < count; i += every) positions.push_back(i);
  if (count > 0 && positions.back() + 1 != count) positions.push_back(count - 1);
  return positions;
}

template <class AnyTrack>
AnyTrack kept_of(const AnyTrack& track, const std::vector<std::size_t>& positions) {
  AnyTrack kept = track;
  kept.keyframes.clear();
  for (const std::size_t position : positions) {
    SWEEPMARK_EXPECTS(position < track.keyframes.size());
    kept.keyframes.push_back(track.keyframes[position]);
  }
  return kept;
}

}  // namespace

std::vector<std::size_t> every_nth(const Track& track, std::size_t every) {
  return every_nth_of(track.keyframes.size(), every);
}
std::vector<std::size_t> every_nth(const ImageTrack& track, std::size_t every) {
  return every_nth_of(track.keyframes.size(), every);
}

Track keep_keyframes(const Track& track, const std::vector<std::size_t>& positions) {
  return kept_of(track, positions);
}
ImageTrack keep_keyframes(const ImageTrack& track, const std::vector<std::size_t>& positions) {
  return kept_of(track, positions);
}

}  // namespace sweepmark
