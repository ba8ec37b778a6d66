// SPDX-License-Identifier: Apache-2.0
//
// Cuboids that name each other: PandaSet labels a moving object once for each LiDAR that saw it, each at its own
// LiDAR's time. Two such cuboids are one object, so that they overlap is right.
#pragma once

#include "data/label_set.h"
#include "quality/check_limits.h"
#include "quality/finding_collector.h"

namespace sweepmark {

/// Whether the two labels of one time name each other.
bool are_siblings(const Track& a, const Keyframe& label_of_a, const Track& b, const Keyframe& label_of_b);

/// Finds siblings that disagree: that are not there, do not name each other, or are of different classes, sizes, or too
/// far apart for an object of their group between the times of two LiDARs. Cost: O(labels log labels).
void check_siblings(const LabelSet& labels, const CheckLimits& limits, FindingCollector& found);

}  // namespace sweepmark
