// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "kernels/count_points.h"
#include "kernels/ops/count_points_core.h"
#include "kernels/ops/footprint.h"

namespace sweepmark {

/// The cuboids of one task, checked, taken to the frame of the points in double, and rasterised. Buffers are reused.
class CuboidGrid {
 public:
  /// Errors: those of PointCounter. Cost: O(cuboids); the cells grow until at most `32 * cuboids + 65536` entries are
  /// listed, so memory is bounded whatever the cuboids cover.
  Result<void> build(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points);

  core::CuboidGridView view() const;
  const std::vector<core::CuboidTest>& tests() const { return tests_; }
  std::size_t cell_count() const { return static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_); }
  const std::vector<std::uint32_t>& occupied() const { return occupied_; }
  const std::vector<std::uint32_t>& first() const { return first_; }
  const std::vector<std::uint32_t>& listed() const { return listed_; }

 private:
  struct Rectangle {
    float min_x, min_y, max_x, max_y;
  };
  struct Cells {
    std::int32_t column0, row0, column1, row1;  // last ones included
  };

  /// Cells of one row that one cuboid reaches into.
  struct Span {
    std::uint32_t first_cell, last_cell, cuboid;  // last one included
  };

  void choose_cells();
  Cells cells_of(const Rectangle& reach) const;
  void rasterise();

  std::vector<core::CuboidTest> tests_;
  std::vector<Rectangle> reach_;
  std::vector<RowRange> ranges_;
  std::vector<Span> spans_;
  float x0_ = 0, y0_ = 0, cells_per_metre_ = 1;
  std::int32_t columns_ = 0, rows_ = 0;
  std::vector<std::uint32_t> occupied_, first_, listed_;
};

/// The test of one cuboid. \pre checked: finite, size above 0, rotations of unit length
core::CuboidTest make_cuboid_test(const Cuboid& cuboid, const Pose& points_from_cuboids);

/// What is wrong with a cuboid or a pose, as PointCounter says it.
Result<void> check_cuboids(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points);

}  // namespace sweepmark
