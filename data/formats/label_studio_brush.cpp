// SPDX-License-Identifier: Apache-2.0
//
// Source: label_studio_sdk/converter/brush.py. Bits from the highest of each byte: 32 for the number of values, 5 for
// the bits of a value less one, four times 4 for the bits of run lengths less one. Then runs: 1 bit whether one value
// is repeated, 2 which of the four lengths is used, the length less one, and one value or that many.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "data/formats/label_studio.h"
#include "geometry/mask_convert.h"

namespace sweepmark::label_studio {
namespace {

class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  /// 0 behind the end. \pre count <= 32
  std::uint32_t read(std::uint32_t count) {
    std::uint32_t value = 0;
    for (; count > 0; --count, ++at_) {
      const std::size_t byte = at_ / 8;
      value = value << 1 | (byte < bytes_.size() ? bytes_[byte] >> (7 - at_ % 8) & 1U : 0U);
    }
    return value;
  }
  bool is_behind_the_end() const { return at_ > 8 * bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Mask> mask_of_brush(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> bytes) {
  constexpr std::size_t channels = 4, alpha = 3;
  constexpr std::uint64_t most_pixels = std::uint64_t{1} << 28;
  const std::uint64_t pixels = std::uint64_t{width} * height;
  Bits bits(bytes);
  const std::uint64_t count = bits.read(32);
  if (pixels > most_pixels || count != channels * pixels)
    return Error{fmt::format("expected 4 values for each of {} x {} pixels, got {}", width, height, count)};
  const std::uint32_t value_bits = bits.read(5) + 1;
  std::array<std::uint32_t, 4> length_bits{};
  for (std::uint32_t& size : length_bits) size = bits.read(4) + 1;
  std::vector<std::uint8_t> bitmap(pixels, 0);
  for (std::uint64_t i = 0; i < count;) {
    const bool is_repeated = bits.read(1) == 1;
    const std::uint32_t size = length_bits[bits.read(2)];
    const std::uint64_t end = std::min<std::uint64_t>(count, i + 1 + bits.read(size));
    std::uint32_t value = is_repeated ? bits.read(value_bits) : 0;
    for (; i < end; ++i) {
      if (!is_repeated) value = bits.read(value_bits);
      if (i % channels == alpha && value != 0) bitmap[i / channels] = 1;
    }
    if (bits.is_behind_the_end()) return Error{fmt::format("the bytes end before value {} of {}", i, count)};
  }
  return from_bitmap(width, height, bitmap);
}

}  // namespace sweepmark::label_studio
