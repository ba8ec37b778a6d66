// SPDX-License-Identifier: Apache-2.0
//
// OpenLABEL's shapes in images: `bbox` (centre, width, height) and `poly2d` of an object, in the coordinate system of a
// camera. Of several boxes of an object in one camera the first is ours; poly2d in a chain code are not read. What is
// not ours stays in the file as it is.
#pragma once

#include <functional>
#include <string>

#include "data/formats/json_reader.h"
#include "tracking/image_track.h"

namespace sweepmark::openlabel {

/// \param data   an object's data in a frame \param where  its place, for messages
/// \param visit  called for each camera with what the object has in it
void read_image_shapes(
    const json::Json& data, const std::string& where,
    const std::function<void(const std::string& camera, ImageValue value, Attributes attributes)>& visit);

/// Takes the shapes that `read_image_shapes` gives for a camera out of the data.
void erase_image_shapes(json::Json& data, const std::string& camera);
/// \pre the value has an upright box, a polygon, or both
void add_image_shapes(json::Json& data, const std::string& camera, const ImageValue& value,
                      const Attributes& attributes);

}  // namespace sweepmark::openlabel
