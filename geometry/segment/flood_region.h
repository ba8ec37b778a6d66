// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "geometry/mask.h"
#include "geometry/segment/picture_view.h"
#include "kernels/result.h"

namespace sweepmark {

/// The pixels around a seed that are like it: joined by their sides, each of its three colours within `tolerance` of
/// the seed's (0 to 255).
/// Errors: a seed out of the picture. Cost: O(pixels of the picture), about 2 ns each. Source: OpenCV's floodFill.
Result<Mask> flood_region(const PictureView& picture, int x, int y, int tolerance);

}  // namespace sweepmark
