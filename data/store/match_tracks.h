// SPDX-License-Identifier: Apache-2.0
//
// The same object under two ids: two people who label the same new objects number them each in their own way.
#pragma once

#include <string>
#include <vector>

#include "data/label_set.h"

namespace sweepmark {

/// Two tracks that say the same.
struct TrackMatch {
  std::string camera;  ///< empty in 3D
  std::string id_in_a, id_in_b;
  double overlap = 0;  ///< mean IoU
};

/// Tracks that only `a` has (not `base`) and tracks that only `b` has, in pairs that are each other's best: of one
/// class, in 3D or in one camera, and with a mean IoU of at least `min_overlap`. The mean goes over the times of both
/// tracks' keyframes in their common life; where only one is there it is 0. Ordered by camera and id. Cost: O(pairs
/// whose lives and places meet * their keyframes).
std::vector<TrackMatch> match_tracks(const LabelSet& base, const LabelSet& a, const LabelSet& b,
                                     double min_overlap = 0.5);

/// `b` with ids under which `merge` and `difference` find the same objects: matched tracks get `a`'s id, and a new
/// track whose id `a` gave to something else gets an id of its own ("7" becomes "7-2"). Events and comments follow.
LabelSet with_ids_of(const LabelSet& base, const LabelSet& a, LabelSet b, double min_overlap = 0.5);

}  // namespace sweepmark
