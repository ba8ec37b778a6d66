// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "geometry/vec2.h"

namespace sweepmark {

/// How a stored picture is turned to be shown, as EXIF numbers it: 1 as it is, 2 mirrored, 3 by 180 degrees, 4 upside
/// down, 5 transposed, 6 by 90 degrees clockwise, 7 transposed the other way, 8 by 90 degrees counter-clockwise.
/// Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
using Orientation = std::uint8_t;

/// Whether rows become columns.
constexpr bool swaps_sides(Orientation orientation) { return orientation >= 5; }

/// From a JPEG's APP1 segment ("Exif", two zeros, TIFF). 1 where nothing says otherwise or the segment is damaged.
Orientation orientation_of_exif(std::string_view segment);
/// From TIFF alone, as a PNG's chunk eXIf holds it (PNG specification, third edition, 11.3.4.3).
Orientation orientation_of_tiff(std::string_view bytes);

/// Where a place in the stored picture, with its top left corner at (0, 0), is in the shown one.
/// \param width, height  of the stored picture
Vec2d shown_place(Vec2d stored, double width, double height, Orientation orientation);

/// Pixels of four bytes, row by row, as they are shown. \pre pixels.size() == 4 * width * height
std::vector<std::uint8_t> turned(const std::vector<std::uint8_t>& pixels, std::size_t width, std::size_t height,
                                 Orientation orientation);

}  // namespace sweepmark
