// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "quality/agreement/rating_table.h"

namespace sweepmark {

/// What items are, and what each rater makes of each category.
struct DawidSkene {
  std::vector<std::vector<double>> probability;  ///< of each item, for each value; empty for items without ratings
  std::vector<double> prior;                     ///< how common each value is
  /// Of each rater, for each true value: how often each value is said. Rows sum to 1, or are 0 where the rater never
  /// met that value.
  std::vector<std::vector<std::vector<double>>> confusion;
  std::size_t rounds = 0;
};

/// Estimates the true categories and each rater's confusion matrix together, by expectation maximisation from the
/// shares of votes. A rater who mixes two classes up in one direction counts for less exactly there.
/// Cost: rounds * ratings * values. Source: Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates
/// Using the EM Algorithm (1979).
DawidSkene dawid_skene(const RatingTable& table, std::size_t most_rounds = 100, double tolerance = 1e-5);

}  // namespace sweepmark
