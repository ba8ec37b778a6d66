// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// Pixels from the top left, row by row, 4 bytes each: red, green, blue, alpha.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

/// PNG or JPEG, recognised by content. Errors: unreadable, neither, damaged, more than 16,384 pixels a side.
Result<Picture> read_image(const std::filesystem::path& file);
struct PictureSize {
  std::uint32_t width = 0, height = 0;
};
/// From the file's header, without decoding it. Errors: as above, but for damage behind the header.
Result<PictureSize> read_image_size(const std::filesystem::path& file);

/// Written to a temporary file beside `file` and renamed.
Result<void> write_png(const Picture& picture, const std::filesystem::path& file);

}  // namespace sweepmark
