// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sweepmark {

/// Upright boxes as columns, relative to a local origin, padded with zeros to whole vectors.
struct UprightBoxes {
  std::size_t count = 0;
  std::vector<float> x, y, z, half_length, half_width, half_height, cosine, sine, radius;
};

}  // namespace sweepmark
