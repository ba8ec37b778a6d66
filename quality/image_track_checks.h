// SPDX-License-Identifier: Apache-2.0
//
// Labels of one object in consecutive images.
#pragma once

#include <span>

#include "data/scene.h"
#include "quality/check_limits.h"
#include "quality/finding_collector.h"
#include "quality/labelled_images.h"

namespace sweepmark {

/// Labels that leave the one before by more than objects move: farther than `jump_sizes_per_s` of their own size from
/// where the object's motion before it, that after it, and what the other objects of the camera do at the same time
/// would put them. \pre all numbers are finite. Cost: O(labels log labels).
void check_jumps(std::span<const ImageTrack> tracks, const CheckLimits& limits, FindingCollector& found);

/// Images of the track's camera between two of its labels that have none of it: flicker where they are at most
/// `flicker_frames` and neither of the two labels says that the object is occluded, else a gap. Where only every so
/// many images are labelled, those count. \pre the dataset labels image by image: what lies between keyframes is not
/// missing
void check_image_presence(std::span<const ImageTrack> tracks, const LabelledImages& images, const CheckLimits& limits,
                          FindingCollector& found);

}  // namespace sweepmark
