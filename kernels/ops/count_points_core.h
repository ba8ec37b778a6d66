// SPDX-License-Identifier: Apache-2.0
//
// The rule "is this point inside this cuboid", written once for the CPU and for CUDA.
// Source: Ericson, Real-Time Collision Detection (2005), 4.4 (oriented boxes).
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/math/rigid.h"
#include "kernels/math/types.h"

namespace sweepmark::core {

/// A cuboid in the frame of the points, ready to be tested. The answer is that of the double members; the float members
/// give it early where no rounding can change it.
struct CuboidTest {
  Mat3d box_from_points;  ///< rotation of the points' frame into the box's axes
  Vec3d center;           ///< frame of the points
  Vec3d half;             ///< half the size
  // In vectors of four, whose last lane is always inside.
  float column[3][4];  ///< of box_from_points
  float center_f[4];
  float surely_inside[4];    ///< below this on all axes: inside, whatever the rounding
  float possibly_inside[4];  ///< above this on any axis: outside, whatever the rounding
};

/// The definition: p (float32, taken to float64) minus the centre, rotated, within half the size on every axis, faces
/// included; false for NaN and infinity.
SWEEPMARK_HD inline bool contains_exactly(const CuboidTest& box, const Point& p) {
  const Vec3d local =
      box.box_from_points *
      (Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)} - box.center);
  return fabs(local.x) <= box.half.x && fabs(local.y) <= box.half.y && fabs(local.z) <= box.half.z;
}

/// The same answer, in float32 for nearly all points.
SWEEPMARK_HD inline bool contains(const CuboidTest& box, const Point& p) {
  const float dx = p.x - box.center_f[0], dy = p.y - box.center_f[1], dz = p.z - box.center_f[2];
  const auto along = [&](int k) {
    return fabsf(box.column[0][k] * dx + box.column[1][k] * dy + box.column[2][k] * dz);
  };
  const float x = along(0), y = along(1), z = along(2);
  const bool possible = x <= box.possibly_inside[0] && y <= box.possibly_inside[1] && z <= box.possibly_inside[2];
  if (!possible) return false;  // NaN and infinity end here
  if (x < box.surely_inside[0] && y < box.surely_inside[1] && z < box.surely_inside[2]) return true;
  return contains_exactly(box, p);
}

/// A grid of square cells on the points' ground plane; each cell lists the cuboids that reach into it.
struct CuboidGridView {
  float x0, y0, cells_per_metre;
  std::int32_t columns, rows;
  const std::uint32_t* occupied;  ///< one bit a cell: some cuboid reaches into it
  const std::uint32_t* first;     ///< cells + 1 positions in `cuboids`
  const std::uint32_t* cuboids;   ///< ascending in each cell
};

/// The cell of a point, or -1 outside the grid (NaN and infinity too).
SWEEPMARK_HD inline std::int32_t cell_of(const CuboidGridView& grid, float x, float y) {
  const float column = (x - grid.x0) * grid.cells_per_metre, row = (y - grid.y0) * grid.cells_per_metre;
  if (!(column >= 0 && row >= 0 && column < static_cast<float>(grid.columns) && row < static_cast<float>(grid.rows)))
    return -1;
  return static_cast<std::int32_t>(row) * grid.columns + static_cast<std::int32_t>(column);
}

SWEEPMARK_HD inline bool is_occupied(const CuboidGridView& grid, std::int32_t cell) {
  return (grid.occupied[cell >> 5] >> (cell & 31) & 1U) != 0;
}

}  // namespace sweepmark::core
