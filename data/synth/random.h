// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sweepmark::synth {

/// Random numbers by counter: the same for the same (seed, stream, index), whatever the order or the thread.
/// Source: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : seed_(seed) {}

  constexpr std::uint64_t bits(std::uint64_t stream, std::uint64_t index) const {
    std::uint64_t h = seed_ * 0x9E3779B97F4A7C15ULL + stream * 0xD1B54A32D192ED03ULL + index * 0x8CB92BA72F3D8DD7ULL;
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
    return h ^ (h >> 31);
  }
  /// In [low, high).
  constexpr double uniform(std::uint64_t stream, std::uint64_t index, double low = 0, double high = 1) const {
    return low + (high - low) * (static_cast<double>(bits(stream, index) >> 11) * 0x1p-53);
  }
  /// Mean 0, standard deviation 1, bounded by +-3.5: the sum of four uniform numbers, scaled.
  constexpr double bell(std::uint64_t stream, std::uint64_t index) const {
    const std::uint64_t b = bits(stream, index);
    const auto part = [&](int shift) { return static_cast<double>(b >> shift & 0xFFFF) / 65536.0 - 0.5; };
    return (part(0) + part(16) + part(32) + part(48)) * 1.7320508075688772;
  }

 private:
  std::uint64_t seed_;
};

}  // namespace sweepmark::synth
