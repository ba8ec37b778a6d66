// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "data/ontology.h"
#include "quality/finding_collector.h"
#include "tracking/image_track.h"

namespace sweepmark {

/// Points of a skeleton that are left and right of each other by their names: "left_ear" and "right_ear", "LeftKnee"
/// and "RightKnee", "l_wrist" and "r_wrist".
std::vector<std::pair<std::uint32_t, std::uint32_t>> sides_of(const SkeletonDefinition& skeleton);

/// Labels whose left and right changed places since the one before: with the points of the pairs swapped, and the
/// motion that all of them share taken off, they lie less than half as far from where they were. A person who turns
/// about does not do so within one image; legs that cross do, so most pairs must have changed.
/// Tracks with several skeletons whose points have no such names cannot be looked at, as a note says.
/// \pre all numbers are finite. Cost: O(keypoints).
void check_swapped_sides(std::span<const ImageTrack> tracks, const Ontology& ontology, FindingCollector& found);

}  // namespace sweepmark
