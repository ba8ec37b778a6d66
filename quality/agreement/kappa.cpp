// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/kappa.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/expects.h"

namespace sweepmark {
namespace {

double weight_of(ItemWeights weights, std::size_t item) {
  return weights.empty() ? 1.0 : static_cast<double>(weights[item]);
}

/// What chance leaves is nothing: below that, rounding decides.
constexpr double least_share = 1e-12;

std::optional<double> beyond_chance(double observed, double expected) {
  if (1 - expected < least_share) return std::nullopt;
  return (observed - expected) / (1 - expected);
}

/// Ratings of one item by category. \param counts  as many as values, all 0 before and after `use`
template <class Use>
void with_counts(const std::vector<Rating>& ratings, std::vector<double>& counts, const Use& use) {
  for (const Rating& rating : ratings) counts[rating.value] += 1;
  use();
  for (const Rating& rating : ratings) counts[rating.value] = 0;
}

/// Where categories stand, so that their difference is that of numbers. Ordinal ones stand at the middle of their
/// ranks: between two of them lie the ratings of those between, and half of their own. \param totals  ratings of each
std::vector<double> positions_of(Scale scale, std::span<const double> numbers, const std::vector<double>& totals) {
  std::vector<double> out(numbers.begin(), numbers.end());
  if (scale == Scale::ordinal) {
    out.clear();
    double before = 0;
    for (const double total : totals) {
      out.push_back(before + total / 2);
      before += total;
    }
  }
  // About their middle, so that squares of large numbers do not cancel.
  double sum = 0, all = 0;
  for (std::size_t k = 0; k < out.size(); ++k) sum += totals[k] * out[k], all += totals[k];
  for (double& position : out) position -= all == 0 ? 0 : sum / all;
  return out;
}

}  // namespace

std::optional<double> cohen_kappa(const RatingTable& table, std::uint32_t rater_a, std::uint32_t rater_b,
                                  ItemWeights weights) {
  std::vector<double> of_a(table.values.size(), 0), of_b(table.values.size(), 0);
  double count = 0, same = 0;
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    const auto by = [&](std::uint32_t rater) { return std::ranges::find(table.of_item[i], rater, &Rating::rater); };
    const auto a = by(rater_a), b = by(rater_b), none = table.of_item[i].end();
    if (a == none || b == none) continue;
    const double weight = weight_of(weights, i);
    count += weight;
    of_a[a->value] += weight;
    of_b[b->value] += weight;
    if (a->value == b->value) same += weight;
  }
  if (count == 0) return std::nullopt;
  double expected = 0;
  for (std::size_t k = 0; k < of_a.size(); ++k) expected += of_a[k] / count * (of_b[k] / count);
  return beyond_chance(same / count, expected);
}

std::optional<double> fleiss_kappa(const RatingTable& table, ItemWeights weights) {
  std::vector<double> counts(table.values.size(), 0), share(table.values.size(), 0);
  double items = 0, compared = 0, agreement = 0;
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    const auto& ratings = table.of_item[i];
    if (ratings.empty()) continue;
    const double weight = weight_of(weights, i), n = static_cast<double>(ratings.size());
    items += weight;
    for (const Rating& rating : ratings) share[rating.value] += weight / n;
    if (ratings.size() < 2) continue;
    compared += weight;
    with_counts(ratings, counts, [&] {
      double pairs = 0;
      for (const Rating& rating : ratings) pairs += counts[rating.value] - 1;
      agreement += weight * pairs / (n * (n - 1));
    });
  }
  if (compared == 0) return std::nullopt;
  double expected = 0;
  for (const double s : share) expected += s / items * (s / items);
  return beyond_chance(agreement / compared, expected);
}

std::optional<double> krippendorff_alpha(const RatingTable& table, Scale scale, std::span<const double> numbers,
                                         ItemWeights weights) {
  const std::size_t values = table.values.size();
  SWEEPMARK_EXPECTS(scale != Scale::interval || numbers.size() == values);
  std::vector<double> totals(values, 0);
  double all = 0;
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    const auto& ratings = table.of_item[i];
    if (ratings.size() < 2) continue;
    for (const Rating& rating : ratings) totals[rating.value] += weight_of(weights, i);
    all += weight_of(weights, i) * static_cast<double>(ratings.size());
  }
  const auto position = scale == Scale::nominal ? std::vector<double>() : positions_of(scale, numbers, totals);
  const auto difference = [&](std::uint32_t a, std::uint32_t b) {
    if (scale == Scale::nominal) return a == b ? 0.0 : 1.0;
    return (position[a] - position[b]) * (position[a] - position[b]);
  };
  // Observed: ordered pairs of ratings of an item, an item's pairs together as many as its ratings.
  double observed = 0;
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    const auto& ratings = table.of_item[i];
    if (ratings.size() < 2) continue;
    double sum = 0;
    for (std::size_t a = 0; a < ratings.size(); ++a) {
      for (std::size_t b = a + 1; b < ratings.size(); ++b) sum += 2 * difference(ratings[a].value, ratings[b].value);
    }
    observed += weight_of(weights, i) * sum / static_cast<double>(ratings.size() - 1);
  }
  // Expected: all pairs of ratings, in a sum over categories instead of over pairs of them.
  double expected = 0;
  for (std::size_t k = 0; k < values; ++k)
    expected +=
        scale == Scale::nominal ? totals[k] * (all - totals[k]) : 2 * all * totals[k] * position[k] * position[k];
  if (all < 2 || expected <= least_share) return std::nullopt;
  return 1 - (all - 1) * observed / expected;
}

std::optional<double> observed_agreement(const RatingTable& table, ItemWeights weights) {
  double compared = 0, same = 0;
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    const auto& ratings = table.of_item[i];
    if (ratings.size() < 2) continue;
    const double weight = weight_of(weights, i);
    compared += weight;
    if (std::ranges::all_of(ratings, [&](const Rating& r) { return r.value == ratings.front().value; })) same += weight;
  }
  return compared == 0 ? std::nullopt : std::optional(same / compared);
}

std::string_view strength_of_agreement(double kappa) {
  return kappa < 0     ? "poor"
         : kappa < 0.2 ? "slight"
         : kappa < 0.4 ? "fair"
         : kappa < 0.6 ? "moderate"
         : kappa < 0.8 ? "substantial"
                       : "almost perfect";
}

}  // namespace sweepmark
