// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "quality/label_checks.h"

namespace sweepmark {

/// What is wrong with labels in images: their shapes and places, parts of one object that disagree, duplicates, jumps,
/// flicker and gaps, swapped sides of skeletons, classes and attributes that the ontology does not have. What could
/// not be looked at is a note. Ordered as `check_labels` does.
/// Reads the headers of pictures whose size the dataset does not say. Cost: O(labels log labels), and for masks and
/// polygons their runs and edges.
std::vector<Finding> check_image_labels(const Scene& scene, const CheckLimits& limits, Places places = Places::worst);

}  // namespace sweepmark
