// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "kernels/interpolate.h"
#include "kernels/ops/interpolate_core.h"

namespace sweepmark {

/// Bends the straight segments of one track into a curve through its keyframes.
///
/// Slopes are those of the natural cubic spline by timestamp: of all curves through the keyframes the one with the
/// least acceleration. Where it would be more than three times as fast as on either side it is slowed down, so that an
/// object that stops stays where it stopped. `motion` moves a point on the rear axle instead of the centre and turns
/// the slopes towards the heading, as far as the headings of the keyframes explain the path: a drift that stays the
/// same is kept, labels whose heading says nothing about the path are left to the spline. \param keyframes  ascending
/// in time \param mode       smooth or motion \param segments   in and out: straight, one from each keyframe to the
/// next; the last one is not used Cost: O(keyframes).
void bend_segments(std::span<const CuboidKeyframe> keyframes, InterpolationMode mode,
                   std::span<core::Segment> segments);

}  // namespace sweepmark
