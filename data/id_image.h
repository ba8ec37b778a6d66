// SPDX-License-Identifier: Apache-2.0
//
// PNG files whose pixels are numbers: of an instance, a class, or both, as panoptic and MOTS labels have them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// How a pixel's number lies in the file.
enum class IdDepth : std::uint8_t {
  gray8,  ///< or the index into a palette, whose colours only show it
  gray16,
  rgb24,  ///< red + 256 green + 65536 blue
};

struct IdImage {
  std::uint32_t width = 0, height = 0;
  IdDepth depth = IdDepth::gray16;
  std::vector<std::uint32_t> ids;  ///< row by row from the top left
};

/// \param file  for messages
/// Errors: no PNG, damaged, transparent, more than 16,384 pixels a side; the message names the file.
Result<IdImage> parse_id_image(std::string_view content, const std::filesystem::path& file);
Result<IdImage> read_id_image(const std::filesystem::path& file);
/// The file's content. \pre ids fit the depth
std::string id_image_content(const IdImage& image);

}  // namespace sweepmark
