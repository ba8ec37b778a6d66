// SPDX-License-Identifier: Apache-2.0
//
// From points to cuboids, for a click or a dragged rectangle. Points and results are in one frame with z up, metres.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark {

/// The upright cuboid of least extent around points as a LiDAR sees them (one or two sides of the object).
///
/// The heading is searched over 90 degrees in steps, then refined: the one that brings the points closest to the sides
/// (closeness criterion). The longer side is the length. With a hint, the direction of the four that is nearest to it.
/// \return nothing for less than 3 points; each size is at least 0.05 m
/// Cost: O(points * 100). Source: Zhang et al., Efficient L-Shape Fitting for Vehicle Detection (2017).
std::optional<Cuboid> fit_upright_cuboid(std::span<const Vec3d> points, std::optional<double> yaw_hint = {});

/// The smallest cuboid with the rotation of `cuboid` around those points that are inside it, with at least 0.05 m a
/// side; `cuboid` itself when no point is inside.
Cuboid shrink_to_points(const Cuboid& cuboid, std::span<const Vec3d> points);

/// Completes an object of which one or two sides are seen: length and width become at least those of `usual`, at the
/// faces that `sensor` cannot see; the near ones, which the points touch, stay. What is no longer than the usual one is
/// wide is taken for a rear or front, unless the heading is known: seen end on, the side across the view is its width;
/// else a thin one's longer side. The height is left alone.
Cuboid complete_to_size(const Cuboid& seen, Vec3d sensor, Vec3d usual, bool heading_is_known = false);

/// Height of the ground under a cloud, from the lowest points of cells; slopes and kerbs are followed.
class GroundGrid {
 public:
  /// Cost: O(points). Points that are not finite are ignored. \param cell_m  side of a cell
  explicit GroundGrid(std::span<const Point> points, double cell_m = 1.0);
  /// The height at a place, from the nearest cells that have points; 0 for an empty cloud.
  double height_at(double x, double y) const;

 private:
  double cell_m_ = 1;
  double min_x_ = 0, min_y_ = 0;
  int columns_ = 0, rows_ = 0;
  std::vector<float> height_;  ///< row-major
};

/// The height of the ground around and under a cuboid: what is under it is seldom seen, and beside it may stand other
/// objects, so the lower quarter of the heights at twelve places counts.
double ground_beside(const Cuboid& cuboid, const GroundGrid& ground);

/// The points of the object that `seed` (an index into `points`) belongs to: those above the ground that are joined to
/// it by steps of at most `reach_m`, within `limit_m` of it on the ground plane. Ascending.
/// Empty where the seed itself is ground.
std::vector<std::uint32_t> object_points(std::span<const Point> points, const GroundGrid& ground, std::uint32_t seed,
                                         double reach_m = 0.5, double limit_m = 12);

/// Adds to an object its parts that rays at a grazing angle leave apart: a bumper from a windscreen, a side from a
/// roof. Such a part lies before or behind the object on the same rays, the nearer one no higher, and both together are
/// no larger than 1.25 times the usual size; another car is. \param object  as `object_points` gives it, ascending; so
/// is the result \param sensor  where the rays come from \param usual  length and width of the class Cost: that of
/// `object_points` for each part.
std::vector<std::uint32_t> with_parts_on_same_rays(std::span<const Point> points, const GroundGrid& ground,
                                                   std::vector<std::uint32_t> object, Vec3d sensor, Vec3d usual);

/// The cuboid of those points, standing on the ground beside it. \param
/// yaw_hint  as for `fit_upright_cuboid`
std::optional<Cuboid> fit_object(std::span<const Point> points, std::span<const std::uint32_t> object,
                                 const GroundGrid& ground, std::optional<double> yaw_hint = {});

}  // namespace sweepmark
