// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/exec/cpu.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// One pair of cuboids that overlap.
struct OverlapPair {
  std::uint32_t a = 0, b = 0;
  float iou = 0;
};

/// Volume of the intersection over volume of the union of two cuboids, float64, any rotation: exact up to rounding.
/// A cuboid with a side <= 0 overlaps nothing. Cost: about a microsecond when both are upright, some more otherwise.
double box_iou(const Cuboid& a, const Cuboid& b);

/// All overlapping pairs between two sets of upright cuboids (rotation about z only is used), in (a, b) order.
/// float32 relative to a local origin; error of a value below 1e-6.
/// Cost: O(a * b) vectorised rejections, about 1 ns each, and about 60 ns for each overlapping pair.
void upright_box_iou(Cpu exec, std::span<const Cuboid> a, std::span<const Cuboid> b, std::vector<OverlapPair>& out);

}  // namespace sweepmark
