// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace sweepmark {

/// Expands LZF data, as PCD files have it, into `plain`.
/// \return whether that fills `plain` to its last byte and uses all of `packed`; `plain` is unspecified otherwise
/// Cost: O(plain.size()), no allocation.
/// Source: the format of Lehmann's LibLZF. A control byte below 32 is followed by that many bytes and one more to copy;
/// any other holds a length less 2 in its upper 3 bits (7: a byte to add follows) and, with the byte behind, how far
/// back the run begins, less 1.
bool expand_lzf(std::string_view packed, std::span<char> plain);

}  // namespace sweepmark
