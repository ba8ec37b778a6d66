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

/// Of the shown picture: one that EXIF turns is as viewers, browsers and OpenCV show it.
struct PictureSize {
  std::uint32_t width = 0, height = 0;
  Orientation orientation = 1;  ///< how the stored picture was turned for it
  /// Of the picture as it is stored.
  PictureSize stored() const {
    return swaps_sides(orientation) ? PictureSize{height, width} : PictureSize{width, height};
  }
};

/// In which pixels a dataset's labels of a picture are, where EXIF turns it.
enum class LabelPixels : std::uint8_t {
  shown,
  stored,
  unsaid,  ///< its sizes do not tell: the picture is mirrored, turned by 180 degrees or square, or no size is stated
};
/// \param stated  the size that the dataset gives; 0 where it gives none
LabelPixels label_pixels(PictureSize stated, PictureSize shown);

/// PNG or JPEG, recognised by content, as it is shown. Errors: unreadable, neither, damaged, more than 16,384 pixels a
/// side. \param stated  what the dataset says of its size: where the labels are in the stored pixels, the picture is
/// given as it is stored \param unsaid  what is taken where that does not tell
Result<Picture> read_image(const std::filesystem::path& file, PictureSize stated = {},
                           LabelPixels unsaid = LabelPixels::shown);
/// From the file's header, without decoding it. Errors: as above, but for damage behind the header.
Result<PictureSize> read_image_size(const std::filesystem::path& file);

/// Written to a temporary file beside `file` and renamed.
Result<void> write_png(const Picture& picture, const std::filesystem::path& file);

}  // namespace sweepmark
