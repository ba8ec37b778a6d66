// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/ops/count_points_core.h"

namespace sweepmark {

/// Rows of a grid on the ground plane: row r spans [y0 + r / per_metre, y0 + (r + 1) / per_metre]; the first and the
/// last reach to infinity.
struct GridRows {
  double y0, per_metre;
  std::int32_t count;
  double slack_m;  ///< a point this far from a row's border may have been rounded into the next row
};

/// What of a row a cuboid's footprint covers, metres.
struct RowRange {
  double min_x, max_x;
};

/// How far rounding can move a point of the cuboid on the ground plane: far below this, metres.
double footprint_margin(const core::CuboidTest& cuboid);

/// The rows that the cuboid's shadow on the ground plane reaches into, and what it covers of each: never less than it
/// covers, more by the margin. Any rotation. \param ranges  replaced \return the row of the first range
/// Cost: O(rows).
std::int32_t footprint_rows(const core::CuboidTest& cuboid, const GridRows& rows, std::vector<RowRange>& ranges);

}  // namespace sweepmark
