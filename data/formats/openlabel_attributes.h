// SPDX-License-Identifier: Apache-2.0
//
// Named values in OpenLABEL: of an object, of its data in a frame (for all labels there), of a single label's element.
#pragma once

#include <array>
#include <vector>

#include "data/formats/json_reader.h"
#include "tracking/track.h"

namespace sweepmark::openlabel {

using json::Json;

inline constexpr std::array<const char*, 3> attribute_kinds = {"boolean", "num", "text"};
/// Kinds of object data that are labels of ours.
inline constexpr std::array<const char*, 4> label_kinds = {"cuboid", "bbox", "rbbox", "poly2d"};

/// Adds the named values in `data` to `out`; a later one of the same name counts.
void read_attributes(const Json& data, const std::string& where, Attributes& out);

/// Makes the named values in `holders` say together what `wanted` says: what is the same stays as it is, what is new
/// comes into the first. \pre holders is not empty
void put_attributes(const std::vector<Json*>& holders, Attributes wanted);

/// Gives the values that stand in `data` for all of its labels to each label, so that one can change by itself.
void share_out(Json& data);

}  // namespace sweepmark::openlabel
