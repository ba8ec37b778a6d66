// SPDX-License-Identifier: Apache-2.0
//
// How many blocks a kernel gets: plain arithmetic, so that a test can ask for sizes that no test machine holds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sweepmark::cuda {

/// Blocks for kernels that step through `items` in strides of the whole grid: enough for one item a thread, but no more
/// than `most`. At least one for any work, none for no work (a launch of no blocks is an error, so it must be skipped).
constexpr unsigned grid_of(std::uint64_t items, unsigned block_size, std::uint64_t most) {
  const std::uint64_t needed = items / block_size + (items % block_size != 0 ? 1 : 0);
  // 2^31 - 1 is the largest grid of any device.
  return static_cast<unsigned>(std::min({needed, std::max<std::uint64_t>(most, 1), std::uint64_t{0x7FFFFFFF}}));
}

}  // namespace sweepmark::cuda
