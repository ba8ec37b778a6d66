// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "quality/check_limits.h"
#include "quality/finding_collector.h"

namespace sweepmark {

struct ImageLabel {
  const ImageTrack* track;
  const ImageKeyframe* keyframe;
};

/// One object labelled twice: labels of one class in one image whose shapes overlap with `image_duplicate_iou` or more,
/// every kind that both have. A box and a mask have no kind in common. Each label is compared with those before it that
/// are no duplicates themselves, so that many copies of one give a finding each. Tracks that coincide in at most
/// `flicker_frames` images, and in fewer than half of those they share, pass each other.
/// \pre all numbers are finite. Cost: O(labels log labels), and the overlaps of labels with nearly the same bounds.
void check_image_duplicates(std::span<const ImageLabel> labels, const CheckLimits& limits, FindingCollector& found);

}  // namespace sweepmark
