// SPDX-License-Identifier: Apache-2.0
//
// Which objects of two people lie on each other, frame by frame, without a word of what the objects are: the input of
// matching, of track measures and of consensus, for cuboids and labels in images alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tracking/assignment.h"

namespace sweepmark {

/// Which tracks of one person are there in each frame.
struct TracksInFrames {
  std::size_t track_count = 0;
  std::vector<std::vector<std::uint32_t>> frames;  ///< indices of tracks, ascending
};

/// Two objects of one frame that have something in common.
struct SimilarPair {
  std::uint32_t a = 0, b = 0;  ///< positions in the frame
  double similarity = 0;       ///< in (0, 1]; 1: the same
};

/// Those of each frame.
using SimilarPairs = std::vector<std::vector<SimilarPair>>;

/// Two objects of one frame that are taken for the same one.
using MatchedPair = SimilarPair;

/// The pairs of one frame with the most matches and, among those, the largest sum of similarities: exact. Only pairs
/// with at least `least_similarity` can be matched.
/// \param objects_a, objects_b  how many each has in the frame
/// \return ordered by `a`  Cost: that of `assign`.
std::vector<MatchedPair> match_frame(std::size_t objects_a, std::size_t objects_b,
                                     const std::vector<SimilarPair>& pairs, double least_similarity);

}  // namespace sweepmark
