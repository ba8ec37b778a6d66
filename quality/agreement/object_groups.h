// SPDX-License-Identifier: Apache-2.0
//
// Which tracks of several people are one object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "quality/agreement/frame_pairs.h"

namespace sweepmark {

/// One object: the track of each person that is it, nothing of those who did not label it.
struct ObjectGroup {
  std::vector<std::optional<std::uint32_t>> track_of;  ///< as many as people
  std::size_t count() const;                           ///< how many labelled it
  friend bool operator==(const ObjectGroup&, const ObjectGroup&) = default;
};

/// How two people's objects lie on each other.
struct PairOfPeople {
  std::size_t a = 0, b = 0;  ///< a < b
  SimilarPairs pairs;
};

/// Every track of everybody is in one group, no two of one person in the same. Groups are those with the largest sum,
/// over pairs of tracks in a group and the frames in which both are there, of similarity less `least_similarity`: whole
/// tracks decide, not single frames. Exact for two people, and where no more than ten tracks hang together; else the
/// two groups that gain the most by it are joined again and again. Ordered by the first person's tracks, then the
/// second's.
/// \param pairs  one for each two people \pre the same frames for all
std::vector<ObjectGroup> group_objects(const std::vector<const TracksInFrames*>& people,
                                       const std::vector<PairOfPeople>& pairs, double least_similarity);

}  // namespace sweepmark
