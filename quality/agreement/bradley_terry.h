// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// Which of two somebody preferred.
struct Comparison {
  std::string better, worse;
};

struct Strength {
  std::string name;
  double score = 0;  ///< logarithm of the strength; the mean of all is 0
  std::size_t won = 0, compared = 0;
};

/// The strengths that explain pairwise comparisons best: a beats b with probability s_a / (s_a + s_b). The best first.
/// Errors: a group that never lost, or never won, against the others: its strength has no limit; the message names it.
/// Cost: rounds * pairs. Source: Hunter, MM Algorithms for Generalized Bradley-Terry Models (2004).
Result<std::vector<Strength>> bradley_terry(const std::vector<Comparison>& comparisons);

/// A table with a header that names the columns better and worse. Errors, with file and line: a missing column, a row
/// that is too short or compares a thing with itself, no rows.
Result<std::vector<Comparison>> read_comparisons(const std::filesystem::path& file);
Result<std::vector<Comparison>> parse_comparisons(std::string_view text, const std::filesystem::path& file);

}  // namespace sweepmark
