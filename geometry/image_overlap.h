// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "geometry/image_value.h"

namespace sweepmark {

/// How well one label of an image agrees with another, from 0 to 1: the least over the kinds of shapes that the first
/// has, 0 where the second lacks one.
///
/// Boxes and masks: intersection over union. Polygons: that of the pixels that they cover; lines alone: that of the
/// boxes around them, 1 where they are equal. Skeletons: COCO's object keypoint similarity, with one falloff of 5 % of
/// the skeleton's size for all joints (theirs are measured for people, from 2.5 to 10.7 %).
/// Cost: that of `iou` and, for polygons, of drawing both. \pre masks are of one image size
double overlap(const ImageValue& truth, const ImageValue& other);

}  // namespace sweepmark
