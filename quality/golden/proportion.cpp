// SPDX-License-Identifier: Apache-2.0
#include "quality/golden/proportion.h"

#include <algorithm>
#include <cmath>

namespace sweepmark {
namespace {

/// z with P(|N(0, 1)| <= z) = confidence, by bisection of the error function.
double normal_quantile_of_both_sides(double confidence) {
  double low = 0, high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::sqrt(2.0)) < confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Interval wilson_interval(std::size_t right, std::size_t count, double confidence) {
  if (count == 0) return {0, 1};
  const double n = static_cast<double>(count), p = static_cast<double>(right) / n,
               z = normal_quantile_of_both_sides(confidence), z2 = z * z;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n),
               half = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {right == 0 ? 0 : std::max(0.0, middle - half), right == count ? 1 : std::min(1.0, middle + half)};
}

}  // namespace sweepmark
