// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string_view>

namespace sweepmark {

/// Whether a file is one JSON object with all these members at its top. Reads until they are found, in bounded memory.
bool has_top_level_keys(const std::filesystem::path& file, std::initializer_list<std::string_view> keys);

}  // namespace sweepmark
