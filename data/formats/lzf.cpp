// SPDX-License-Identifier: Apache-2.0
#include "data/formats/lzf.h"

#include <algorithm>
#include <cstddef>

namespace sweepmark {

bool expand_lzf(std::string_view packed, std::span<char> plain) {
  std::size_t in = 0, out = 0;
  const auto byte = [&] { return static_cast<std::size_t>(static_cast<unsigned char>(packed[in++])); };
  while (in < packed.size()) {
    const std::size_t control = byte();
    if (control < 32) {
      const std::size_t length = control + 1;
      if (length > packed.size() - in || length > plain.size() - out) return false;
      std::copy_n(packed.data() + in, length, plain.data() + out);
      in += length;
      out += length;
      continue;
    }
    std::size_t length = control >> 5;
    const std::size_t bytes_behind = length == 7 ? 2 : 1;
    if (bytes_behind > packed.size() - in) return false;
    if (length == 7) length += byte();
    length += 2;
    const std::size_t back = ((control & 31) << 8) + byte() + 1;
    if (back > out || length > plain.size() - out) return false;
    // One by one: a run may overlap itself.
    for (const std::size_t end = out + length; out < end; ++out) plain[out] = plain[out - back];
  }
  return out == plain.size();
}

}  // namespace sweepmark
