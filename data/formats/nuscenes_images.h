// SPDX-License-Identifier: Apache-2.0
//
// Labels in images that nuImages' and T4's tables have: object_ann.json (boxes and masks) and surface_ann.json (masks).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::nuscenes::tables {

/// An image of a scene.
struct ImagePlace {
  std::string camera;
  TimestampNs timestamp = 0;
  std::uint32_t width = 0, height = 0;  ///< 0 where the table does not say
};
using ImagesOfTokens = std::unordered_map<std::string, ImagePlace>;  ///< by the token of their sample_data

/// Adds the labels of these images: an object of one `instance_token` (T4) is a track of its camera, others are labels
/// of their own, absent in labelled images between. Throws BadRecord. Cost: one pass over both tables, where they are
/// there.
void read_image_labels(const std::filesystem::path& folder, const ImagesOfTokens& images, Scene& scene);

/// Bytes of a text in base64. Errors: a character that is none of it.
Result<std::string> bytes_of_base64(std::string_view text);

}  // namespace sweepmark::nuscenes::tables
