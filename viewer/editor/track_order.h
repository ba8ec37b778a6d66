// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "data/label_set.h"

namespace sweepmark::editor {

/// Numbers by value, then words: the order in which lists, the timeline and keys go through objects.
bool id_before(std::string_view a, std::string_view b);

/// Indices of the tracks in that order.
std::vector<std::size_t> tracks_by_id(const LabelSet& labels);

}  // namespace sweepmark::editor
