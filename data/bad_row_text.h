// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "data/bad_row.h"

namespace sweepmark {

/// "second-row", "size": for machines and tables.
std::string_view kind_name(BadRow::Kind kind);

/// "label.txt, line 12, object 3: expected a unit quaternion, got ..."
std::string in_words(const BadRow& row);

/// "3 rows that are wrong by themselves (1 second-row, 2 size)"; empty without rows.
std::string count_in_words(std::span<const BadRow> rows);

}  // namespace sweepmark
