// SPDX-License-Identifier: Apache-2.0
//
// What a brush or a program leaves behind in masks, put right. Cost of all: O(pixels of the image's rows and columns
// that the mask reaches), a few nanoseconds each.
#pragma once

#include <cstdint>

#include "geometry/mask.h"

namespace sweepmark {

/// Pixels outside that are enclosed belong to it from now on, where the enclosed region has `most_pixels` at most.
/// Diagonal gaps of the mask enclose.
Mask with_holes_filled(const Mask& mask, std::uint64_t most_pixels = UINT64_MAX);

/// Without the pieces of fewer than `least_pixels`; the largest piece stays in any case. Pixels that touch at a corner
/// are one piece.
Mask without_specks(const Mask& mask, std::uint64_t least_pixels);

/// All pixels whose centres are within `radius` pixels of one inside; with a negative radius, those with none outside
/// that near (beyond the border of the image counts as inside).
Mask grown(const Mask& mask, int radius);

/// The outline with what is finer than about `radius` pixels smoothed away: a Gaussian of that deviation, cut at a
/// half.
Mask smoothed(const Mask& mask, double radius);

}  // namespace sweepmark
