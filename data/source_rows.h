// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/label_set.h"

namespace sweepmark {

/// Finds which row of a dataset's file each keyframe is, for labels that come from a store, where rows have no place:
/// the keyframe of the same track and time, or where its track was renamed, joined or cut, the same value at the same
/// time. Each row is taken once; keyframes that are none get no row.
/// \param dataset  the labels as the dataset has them  Cost: O(n log n).
void find_source_rows(const LabelSet& dataset, LabelSet& labels);

}  // namespace sweepmark
