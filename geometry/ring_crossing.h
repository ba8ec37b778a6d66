// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "geometry/polygon.h"

namespace sweepmark {

/// A place where a closed ring crosses itself: two edges pass through each other, or it passes through a vertex or an
/// edge of its own to the other side. Nothing where it only touches itself, or runs along itself there and back (the
/// bridge to a hole): such a ring encloses what it seems to. Of several places the one found first; the same each time.
/// Places closer than a millionth of a pixel are one. A ring that runs along itself and then crosses is not found.
/// \pre vertices are finite. Cost: O(n log n) and the pairs of edges whose extents along one axis overlap: few for
/// outlines.
std::optional<Vec2d> self_crossing(const Ring& ring);

}  // namespace sweepmark
