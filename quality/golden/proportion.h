// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "quality/agreement/bootstrap.h"

namespace sweepmark {

/// Where the true share lies when `right` of `count` items were right: Wilson's score interval. All of [0, 1] without
/// items. Holds its confidence from few items on, at shares near 0 and 1 too.
/// Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927).
Interval wilson_interval(std::size_t right, std::size_t count, double confidence = 0.95);

}  // namespace sweepmark
