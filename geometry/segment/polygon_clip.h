// SPDX-License-Identifier: Apache-2.0
//
// Outlines put together and cut, as regions: what is inside of the result is inside of what the name says. Coordinates
// are rounded to 1/16384 of a pixel where edges cross; vertices that stay keep their numbers exactly, and outlines that
// are cut along one line share the vertices there. Lines (RingKind::line) have no inside: those of the first polygon
// stay as they are, those of the second are left out.
// Results are areas with their holes, an island in a hole behind it. \pre vertices are finite, within 2^30 pixels
// Cost: O(n log n) in the vertices and the crossings of edges, for each change between areas and holes among rings that
// overlap; and O(rings^2) comparisons of their bounds. Source: Vatti (1992), as in Clipper.
#pragma once

#include <span>
#include <utility>

#include "geometry/polygon.h"

namespace sweepmark {

Polygon union_of(const Polygon& a, const Polygon& b);
/// Of many; lines are left out.
Polygon union_of_all(std::span<const Polygon> polygons);
Polygon difference(const Polygon& a, const Polygon& b);
Polygon intersection(const Polygon& a, const Polygon& b);

/// Grown by `by` pixels on all sides, with round corners; shrunk where it is negative. What is narrower vanishes.
Polygon grown(const Polygon& polygon, double by);

/// One side of a line that goes on straight beyond its ends: what lies to its right as one looks along it (in an image,
/// where y points down), as a region that covers at least `around` on that side. \pre two places at least, not all the
/// same; a line that does not cross itself
Polygon side_of_line(std::span<const Vec2d> line, const ImageBox& around);

/// Both sides of a cut, the right one first; a side without area is an empty polygon. \pre as `side_of_line`
std::pair<Polygon, Polygon> cut(const Polygon& polygon, std::span<const Vec2d> line);

/// Fewer vertices, none of those left out farther than `tolerance` pixels from the outline that is left (Douglas and
/// Peucker). Rings keep three vertices at least, lines their ends. Cost: O(n log n) usually.
Polygon simplified(const Polygon& polygon, double tolerance);

}  // namespace sweepmark
