// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

/// A sweep kept sorted by place on the ground plane, for cuboids that are counted again and again: an editor recounts
/// the one that is being dragged without touching the rest of the cloud. The answers are those of PointCounter.
/// One thread at a time. Memory: 20 bytes a point and 4 a cell.
class PointIndex {
 public:
  PointIndex();
  ~PointIndex();
  PointIndex(PointIndex&&) noexcept;
  PointIndex& operator=(PointIndex&&) noexcept;

  /// Replaces what is indexed; `points` need not live on. Points that are not finite are left out.
  /// Errors: 2^32 - 1 points or more. Cost: O(points), about 10 ns each.
  Result<void> assign(std::span<const Point> points);

  /// Points inside each cuboid. Frames and errors: those of PointCounter.
  /// Cost: O(points near the cuboids).
  Result<std::vector<std::uint32_t>> count(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points = {});
  /// As `count`, into a result whose storage is reused.
  Result<void> count_into(std::span<const Cuboid> cuboids, const Pose& cuboids_from_points,
                          std::vector<std::uint32_t>& inside);

  /// The points inside one cuboid: indices into what was assigned, ascending.
  Result<std::vector<std::uint32_t>> find(const Cuboid& cuboid, const Pose& cuboids_from_points = {});

 private:
  struct Grid;
  std::unique_ptr<Grid> grid_;
};

}  // namespace sweepmark
