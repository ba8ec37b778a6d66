// SPDX-License-Identifier: Apache-2.0
//
// Shapes in JSON as COCO writes them, and others after it. \param where  JSON pointer, for messages
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/formats/json_reader.h"
#include "geometry/mask.h"
#include "geometry/polygon.h"

namespace sweepmark::json {

/// [x, y, x, y, ...] as an area's outline.
Ring ring_of(const Json& list, const std::string& where);
Json list_of(const Ring& ring);

/// {"size": [height, width], "counts": runs down the columns, as a list or as COCO's text}.
Mask mask_of(const Json& rle, const std::string& where);
Json rle_of(const Mask& mask);  ///< with counts as a text

/// Edges between a skeleton's points: pairs of their numbers, from 1. Where a 0 occurs all of the skeleton's are taken
/// as counted from 0, as many converters do, and a sentence that says so is added to `notes`. \param list  the member
/// of `holder` \param points  how many there are
std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_of(const Json& holder, const char* list, std::size_t points,
                                                              const std::string& where,
                                                              std::vector<std::string>& notes);

}  // namespace sweepmark::json
