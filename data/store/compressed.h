// SPDX-License-Identifier: Apache-2.0
//
// Blobs of a label store: a byte that says how (0 as they are, 1 Zstandard), then the content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sweepmark {

/// Compressed when that makes it shorter.
std::string compressed(std::string_view bytes);
/// Nothing when the blob is damaged, or says that it holds more than a gigabyte.
std::optional<std::string> uncompressed(std::string_view blob);

/// How many bytes a blob says that it holds, without looking at them; nothing when it is damaged.
std::optional<std::size_t> uncompressed_size(std::string_view blob);

}  // namespace sweepmark
