// SPDX-License-Identifier: Apache-2.0
//
// Cameras of OpenLABEL streams: `intrinsics_pinhole` and `intrinsics_fisheye` of their properties.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "geometry/camera_model.h"
#include "kernels/math/types.h"

namespace sweepmark::openlabel {

using json::Json;

struct Optics {
  std::optional<CameraIntrinsics> camera = {};  ///< none where the stream has no lens that can be drawn
  Pose system_from_camera = {};  ///< the identity, unless the camera stands beside its coordinate system's origin
};

/// \param properties  `stream_properties` \param stream  its name, for notes \param where  JSON pointer, for messages
/// \param notes  gets what is not drawn and why Throws what the JSON reader throws: a value of the wrong type.
Optics read_optics(const Json& properties, const std::string& stream, const std::string& where,
                   std::vector<std::string>& notes);

}  // namespace sweepmark::openlabel
