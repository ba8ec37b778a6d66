// SPDX-License-Identifier: Apache-2.0
//
// Chain codes of OpenLABEL's poly2d. Not in the standard's text: learned from the reference implementation (Vicomtech's
// VCD toolkit, vcd/poly2d.py), and checked with it on a segmented image, every pixel of it (tests/data/openlabel_*).
#pragma once

#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "geometry/vec2.h"

namespace sweepmark::openlabel {

/// The contour in `val` of mode MODE_POLY2D_SRF6DCC: [x, y, number of unused symbols, symbols in base64], numbers as
/// texts or numbers. The code runs from pixel to pixel; given are the centres of those where it turns, so the pixel
/// in column x and row y is (x + 0.5, y + 0.5). Throws BadValue. Cost: linear.
std::vector<Vec2d> points_of_srf6dcc(const json::Json& val, const std::string& where);

}  // namespace sweepmark::openlabel
