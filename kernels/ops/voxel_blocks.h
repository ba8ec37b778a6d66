// SPDX-License-Identifier: Apache-2.0
//
// Blocks of 64 voxels whose keys follow each other, for the GPU: one bit of a 64-bit mask is one voxel, so a table of
// blocks is a fraction of a table of voxels, and only blocks have to be sorted. Plain arithmetic that the host tests.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "kernels/config.h"
#include "kernels/math/types.h"

namespace sweepmark::core {

/// Which block a voxel is in, and which of its 64 voxels it is. A block is 16 x 2 x 2 voxels: what one value of
/// `voxel_key(v) >> 6` covers.
struct BlockPlace {
  std::uint32_t x, y, z;  ///< 17, 20 and 20 bits
  std::uint32_t bit;
};

SWEEPMARK_HD inline BlockPlace block_place_of(Vec3i voxel) {
  const auto part = [](std::int32_t v) { return static_cast<std::uint32_t>(v + (1 << 20)); };
  const std::uint32_t x = part(voxel.x), y = part(voxel.y), z = part(voxel.z);
  return {x >> 4, y >> 1, z >> 1, (x >> 1 & 7) << 3 | (z & 1) << 2 | (y & 1) << 1 | (x & 1)};
}

SWEEPMARK_HD inline Vec3i voxel_at(const BlockPlace& place) {
  const auto whole = [](std::uint32_t v) { return static_cast<std::int32_t>(v) - (1 << 20); };
  return {whole(place.x << 4 | (place.bit >> 3) << 1 | (place.bit & 1)), whole(place.y << 1 | (place.bit >> 1 & 1)),
          whole(place.z << 1 | (place.bit >> 2 & 1))};
}

/// How blocks of a cloud, and the sweeps they belong to, become short keys: fewer bits are fewer passes of the sort.
/// Ascending keys are ascending (sweep, voxel_key).
struct BlockLayout {
  std::uint32_t low[3];    ///< smallest block on x, y, z
  std::uint32_t count[3];  ///< blocks on x, y, z
  int bits[3];             ///< that hold count - 1
  int sweep_bits;

  SWEEPMARK_HD bool holds(const BlockPlace& p) const {
    return p.x - low[0] < count[0] && p.y - low[1] < count[1] &&
           p.z - low[2] < count[2];  // unsigned: below is far above
  }
  SWEEPMARK_HD std::uint64_t key_of(const BlockPlace& p, std::uint32_t sweep) const {
    return ((std::uint64_t{sweep} << bits[2] | (p.z - low[2])) << bits[1] | (p.y - low[1])) << bits[0] | (p.x - low[0]);
  }
  SWEEPMARK_HD BlockPlace place_of(std::uint64_t key, std::uint32_t bit) const {
    const auto part = [](std::uint64_t value, int width) {
      return static_cast<std::uint32_t>(value & ((std::uint64_t{1} << width) - 1));
    };
    return {part(key, bits[0]) + low[0], part(key >> bits[0], bits[1]) + low[1],
            part(key >> (bits[0] + bits[1]), bits[2]) + low[2], bit};
  }
  SWEEPMARK_HD std::uint32_t sweep_of(std::uint64_t key) const {
    return static_cast<std::uint32_t>(key >> (bits[0] + bits[1] + bits[2]));
  }
  SWEEPMARK_HD int total_bits() const { return bits[0] + bits[1] + bits[2] + sweep_bits; }
};

/// Bounds of blocks, both ends included; empty when low > high.
struct BlockBounds {
  std::uint32_t low[3] = {~0U, ~0U, ~0U}, high[3] = {0, 0, 0};
  bool is_empty() const { return low[0] > high[0]; }
};

inline constexpr std::uint32_t blocks_along[3] = {1U << 17, 1U << 20, 1U << 20};
inline constexpr int most_key_bits = 64;

/// \param margin  by how much of their extent the bounds may grow before another layout is needed
/// \return nothing when the keys would need more than 64 bits
inline std::optional<BlockLayout> layout_of(const BlockBounds& bounds, std::size_t sweeps, double margin) {
  BlockLayout layout{};
  for (int k = 0; k < 3; ++k) {
    const std::uint32_t low = bounds.is_empty() ? blocks_along[k] / 2 : bounds.low[k],
                        high = bounds.is_empty() ? low : bounds.high[k];
    const auto more = static_cast<std::uint32_t>(margin * (high - low + 16));
    layout.low[k] = low - std::min(low, more);
    layout.count[k] = std::min(high + more, blocks_along[k] - 1) - layout.low[k] + 1;
    layout.bits[k] = static_cast<int>(std::bit_width(layout.count[k] - 1));
  }
  // The highest part never has all bits set, so that a key of all ones can mark what is no block.
  layout.sweep_bits = static_cast<int>(std::bit_width(sweeps > 1 ? sweeps : 0));
  if (sweeps <= 1) layout.bits[2] = static_cast<int>(std::bit_width(layout.count[2]));
  if (layout.total_bits() <= most_key_bits) return layout;
  return margin > 0 ? layout_of(bounds, sweeps, 0) : std::nullopt;
}

/// Number and sum of offsets in one word, so that one addition to memory does both: right below 2^20 points in a voxel.
/// A voxel with more loses 2^20 points from the number (the sum only grows into it where the number has wrapped), which
/// shows in the total.
inline constexpr int packed_count_shift = 44;
SWEEPMARK_HD inline std::uint64_t packed(std::uint32_t count, std::uint32_t offsets) {
  return std::uint64_t{count} << packed_count_shift | offsets;
}
SWEEPMARK_HD inline std::uint32_t packed_count(std::uint64_t sum) {
  return static_cast<std::uint32_t>(sum >> packed_count_shift);
}
SWEEPMARK_HD inline std::uint64_t packed_offsets(std::uint64_t sum) {
  return sum & ((std::uint64_t{1} << packed_count_shift) - 1);
}

}  // namespace sweepmark::core
