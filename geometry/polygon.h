// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/image_box.h"

namespace sweepmark {

enum class RingKind : std::uint8_t {
  area,  ///< closed: adds what it encloses
  hole,  ///< closed: takes away what it encloses
  line,  ///< open, without area: a lane, a kerb
};

/// Vertices in order, without repeating the first one at the end.
struct Ring {
  std::vector<Vec2d> vertices;
  RingKind kind = RingKind::area;
  friend bool operator==(const Ring&, const Ring&) = default;
};

/// A region of an image in several rings, or lines. Rings are painted in their order, so an island in a hole is an
/// area behind the hole. Inside one ring the even-odd rule holds. Coordinates as in geometry/image_box.h.
struct Polygon {
  std::vector<Ring> rings;
  friend bool operator==(const Polygon&, const Polygon&) = default;
};

/// Area in square pixels with its sign: positive when the vertices run clockwise as one looks at the image.
double signed_area(const Ring& ring);

/// Areas less holes, each ring by itself: right where areas do not overlap and holes lie in areas.
double area(const Polygon& polygon);

/// The smallest box around all vertices; an empty box when there are none.
ImageBox bounds(const Polygon& polygon);

}  // namespace sweepmark
