// SPDX-License-Identifier: Apache-2.0
//
// One label of one image by itself.
#pragma once

#include "data/image_file.h"
#include "data/ontology.h"
#include "quality/check_limits.h"
#include "quality/finding_collector.h"

namespace sweepmark {

/// Numbers that are none, no area, too few points, outlines that cross themselves, empty masks.
/// \return whether all coordinates are numbers within 10^9 pixels: the checks below, and those of more than one label,
/// need that
bool check_shapes(const ImageTrack& track, const ImageKeyframe& label, FindingCollector& found);

/// A mask of another size, a label out of its image, keypoints out of it. \param size  0: not known
/// \return how far the label reaches out of the image, in pixels, where some of it is within; else 0
double check_place(const ImageTrack& track, const ImageKeyframe& label, PictureSize size, const Ontology& ontology,
                   const CheckLimits& limits, FindingCollector& found);

/// A box, a polygon, a mask and keypoints of one object that are at different places.
void check_parts(const ImageTrack& track, const ImageKeyframe& label, const CheckLimits& limits,
                 FindingCollector& found);

}  // namespace sweepmark
