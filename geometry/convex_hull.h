// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "geometry/vec2.h"

namespace sweepmark {

/// Corners of the smallest convex region around the points, in counter-clockwise order of axes x right, y up; the
/// points themselves where fewer than 3 differ. Cost: O(n log n).
std::vector<Vec2d> convex_hull(std::vector<Vec2d> points);

/// Whether a point is in a hull with its edges; a hull without area holds nothing.
bool is_within(std::span<const Vec2d> hull, Vec2d p);

}  // namespace sweepmark
