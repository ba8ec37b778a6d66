// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace sweepmark {

/// A set of the values of an enumeration that counts from 0.
template <class Enum, std::size_t count>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<Enum> values) {
    for (const Enum v : values) bits_ |= std::uint64_t{1} << static_cast<unsigned>(v);
  }
  static constexpr EnumSet all_but(std::initializer_list<Enum> values) {
    EnumSet out;
    out.bits_ = ((std::uint64_t{1} << count) - 1) & ~EnumSet(values).bits_;
    return out;
  }
  friend constexpr EnumSet operator|(EnumSet a, EnumSet b) {
    a.bits_ |= b.bits_;
    return a;
  }
  constexpr bool has(Enum v) const { return (bits_ >> static_cast<unsigned>(v) & 1) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace sweepmark
