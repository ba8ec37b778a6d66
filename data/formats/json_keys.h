// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sweepmark {

/// Whether a file is one JSON object with all these members at its top. Reads until they are found, in bounded memory.
bool has_top_level_keys(const std::filesystem::path& file, std::initializer_list<std::string_view> keys);

/// The first keys at the top of a file that is one JSON object; none where it is something else.
std::vector<std::string> top_level_keys(const std::filesystem::path& file, std::size_t most);

}  // namespace sweepmark
