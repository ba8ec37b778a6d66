// SPDX-License-Identifier: Apache-2.0
//
// How well one person's tracks follow another's over time, in the words of the tracking benchmarks. The first person's
// labels are the reference.
#pragma once

#include <array>
#include <cstddef>

#include "quality/agreement/frame_pairs.h"

namespace sweepmark {

struct Hota {
  static constexpr std::size_t thresholds = 19;  ///< 0.05, 0.10, ... 0.95
  /// Means over the thresholds of similarity: the whole, what is found, how well it is joined over time, how well it is
  /// placed.
  double hota = 0, detection = 0, association = 0, location = 0;
  std::array<double, thresholds> hota_at{};
};

struct TrackMeasures {
  Hota hota;
  double idf1 = 0;  ///< share of labels whose object has the right identity over all of its time
  double mota = 0;  ///< 1 - (missed + extra + switches) / reference labels; below 0 where errors are more than labels
  double motp = 0;  ///< mean similarity of the matched
  std::size_t matched = 0, missed = 0, extra = 0;
  std::size_t switches = 0;   ///< the reference's object goes on as another track
  std::size_t fragments = 0;  ///< it is lost and found again
  std::size_t mostly_found = 0,
              mostly_lost = 0;  ///< tracks with more than 80 %, less than 20 % of their labels matched
};

/// \param pairs  of each frame, all of any similarity
/// \param least_similarity  of a match, for all but HOTA, which tries all thresholds
/// \pre as many frames in all three
/// Cost: two assignments a frame. Sources: Luiten et al., HOTA (2021); Ristani et al., IDF1 (2016); Bernardin and
/// Stiefelhagen, CLEAR MOT (2008), as TrackEval computes them.
TrackMeasures track_measures(const TracksInFrames& a, const TracksInFrames& b, const SimilarPairs& pairs,
                             double least_similarity);

}  // namespace sweepmark
