// SPDX-License-Identifier: Apache-2.0
//
// Recognising JSON and XML files by their content without reading all of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sweepmark {

/// The first 64 KB of a regular file that ends with `extension`; empty for anything else.
std::string head_of(const std::filesystem::path& path, std::string_view extension);

/// Whether `head` is the beginning of a JSON value that opens with `opening` ('{' or '['), with all of `words` in it.
bool begins_like(std::string_view head, char opening, std::initializer_list<std::string_view> words);

}  // namespace sweepmark
