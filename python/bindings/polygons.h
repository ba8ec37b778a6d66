// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "geometry/polygon.h"
#include "python/bindings/arrays.h"

namespace sweepmark::python {

/// One ring (n x 2), several, or pairs of a kind ("area", "hole", "line") and a ring.
/// \throws ArgumentError  another kind, vertices that are not finite
Polygon polygon_of(nb::handle rings);
/// As pairs of kind and n x 2.
nb::list rings_of(const Polygon& polygon);

}  // namespace sweepmark::python
