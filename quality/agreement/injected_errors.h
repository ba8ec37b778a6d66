// SPDX-License-Identifier: Apache-2.0
//
// Errors of known kind and size put into good labels: what an annotator with known faults would have made. For
// measuring whether the measures find them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/label_set.h"

namespace sweepmark {

enum class Fault : std::uint8_t {
  jitter,       ///< each keyframe moved, turned and resized by random amounts
  flipped,      ///< the heading of a track turned round
  other_class,  ///< a track has another class of the set
  missing,      ///< a track is not there
  extra,        ///< a track of nothing: a copy moved 200 m away
  switched,     ///< two tracks of one class exchange their ids from a time on
  lazy,         ///< few keyframes, the rest interpolated
};
std::string_view fault_name(Fault fault);  ///< "flipped", "other class"

struct FaultOptions {
  double center_sigma_m = 0, yaw_sigma_rad = 0, size_sigma_m = 0;  ///< of jitter, in each keyframe
  double center_bias_m = 0;                                        ///< of jitter, once for a track: along its heading
  /// Shares of the tracks that have a fault.
  double flipped = 0, other_class = 0, missing = 0, extra = 0, switched = 0;
  std::size_t lazy_every = 1;  ///< every n-th keyframe of a track is kept, and its last
  std::uint64_t seed = 1;
};

/// What was done to which track.
struct InjectedFaults {
  LabelSet labels;
  std::vector<std::pair<Fault, std::string>> faults;  ///< with the track's id; jitter and laziness are of all
};

/// The same options give the same faults. Cuboids only. Cost: O(labels).
InjectedFaults inject_faults(const LabelSet& truth, const FaultOptions& options);

}  // namespace sweepmark
