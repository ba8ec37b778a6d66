// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace sweepmark {

/// No assignment of this row.
inline constexpr std::size_t unassigned = std::numeric_limits<std::size_t>::max();

/// One possible pair and what it costs.
struct PairCost {
  std::size_t row = 0, column = 0;
  double cost = 0;
};

/// The assignment of rows to columns, each at most once, with the least sum of costs, where leaving a row out costs
/// `leave_out`: exact. Pairs that are not listed are impossible.
/// \return the column of each row, or `unassigned`
/// Cost: O(n^3) for each group of rows and columns that the pairs join; such groups are small in a street.
/// Source: Kuhn, The Hungarian Method (1955), by shortest augmenting paths.
std::vector<std::size_t> assign(std::size_t rows, std::size_t columns, const std::vector<PairCost>& pairs,
                                double leave_out);

}  // namespace sweepmark
