// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kernels/math/types.h"

namespace sweepmark {

/// A row of a label file that is wrong by itself while the rest of the file is right. Its label is not in the label
/// set; the row goes back as it was when the format's own writer writes the labels.
struct BadRow {
  enum class Kind : std::uint8_t {
    second_row,        ///< another row of the same object in the same frame
    size,              ///< a cuboid whose length, width or height is not above 0
    rotation,          ///< a quaternion far from unit length
    missing_image,     ///< a label of an image that is not in the file
    box_without_area,  ///< an image box whose width or height is not above 0
    not_finite,        ///< a coordinate that is not a number, or none that float32 holds
    other,
  };

  Kind kind = Kind::other;
  std::filesystem::path file;
  std::string place;     ///< "line 12", "annotations[3].bbox"
  std::string found;     ///< "width -4"
  std::string expected;  ///< "a width above 0"
  std::string object;    ///< the track's id; empty where the row names none
  TimestampNs timestamp = 0;
};

}  // namespace sweepmark
