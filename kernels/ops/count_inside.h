// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/ops/count_points_core.h"

namespace sweepmark {

/// Tests neighbouring points against one cuboid, many at a time. \return how many are inside
std::size_t count_inside(const core::CuboidTest& test, const Point* points, std::size_t count);

}  // namespace sweepmark
