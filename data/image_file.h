// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/exif.h"
#include "kernels/result.h"

namespace sweepmark {

/// Pixels from the top left, row by row, 4 bytes each: red, green, blue, alpha.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

/// Of the shown picture: a JPEG that EXIF turns is as viewers, browsers and OpenCV show it.
struct PictureSize {
  std::uint32_t width = 0, height = 0;
  Orientation orientation = 1;  ///< how the stored picture was turned for it
  /// Of the picture as it is stored.
  PictureSize stored() const {
    return swaps_sides(orientation) ? PictureSize{height, width} : PictureSize{width, height};
  }
};

/// PNG or JPEG, recognised by content, as it is shown. Errors: unreadable, neither, damaged, more than 16,384 pixels a
/// side. \param stated  what the dataset says of its size: where only the stored picture is of that size, the labels
/// are in its pixels, and it is given as it is stored
Result<Picture> read_image(const std::filesystem::path& file, PictureSize stated = {});
/// From the file's header, without decoding it. Errors: as above, but for damage behind the header.
Result<PictureSize> read_image_size(const std::filesystem::path& file);
/// Whether a dataset's sizes are those of the stored picture where the shown one has other sides.
bool is_stated_as_stored(PictureSize stated, PictureSize shown);

/// Written to a temporary file beside `file` and renamed.
Result<void> write_png(const Picture& picture, const std::filesystem::path& file);

}  // namespace sweepmark
