// SPDX-License-Identifier: Apache-2.0
//
// Shapes in JSON as COCO writes them, and others after it. \param where  JSON pointer, for messages
#pragma once

#include <string>

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

}  // namespace sweepmark::json
