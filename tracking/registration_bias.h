// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "geometry/object_shape.h"
#include "tracking/refine.h"
#include "tracking/track.h"

namespace sweepmark {

/// How far registration is off for seconds on end: what it makes of keyframes, whose place is known, from the shape
/// that the other keyframes show. Bodies that bend, shapes seen from one side only and boxes wider than their object
/// show there.
/// \param min_confidence  of registrations that count. \return standard deviations, above 0
/// Cost: that of up to 8 registrations and 56 additions to a shape.
BodyVector registration_bias(const Track& track, const PointsNear& points, double min_confidence);

}  // namespace sweepmark
