// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/dawid_skene.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sweepmark {
namespace {

/// Never said is not impossible: a product must not become 0 by one word.
constexpr double least_probability = 1e-10;

void normalise(std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  if (sum <= 0) return;
  for (double& value : values) value /= sum;
}

/// What raters are like if items are what `probability` says.
void maximise(const RatingTable& table, DawidSkene& model) {
  const std::size_t values = table.values.size();
  model.prior.assign(values, 0);
  model.confusion.assign(table.raters.size(), std::vector(values, std::vector<double>(values, 0)));
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    if (table.of_item[i].empty()) continue;
    for (std::size_t truth = 0; truth < values; ++truth) {
      model.prior[truth] += model.probability[i][truth];
      for (const Rating& rating : table.of_item[i])
        model.confusion[rating.rater][truth][rating.value] += model.probability[i][truth];
    }
  }
  normalise(model.prior);
  for (auto& matrix : model.confusion) {
    for (auto& row : matrix) normalise(row);
  }
}

/// What items are if raters are what the model says. \return the mean log likelihood
double expect(const RatingTable& table, DawidSkene& model) {
  double likelihood = 0;
  const std::size_t values = table.values.size();
  for (std::size_t i = 0; i < table.of_item.size(); ++i) {
    if (table.of_item[i].empty()) continue;
    std::vector<double> log_of(values);
    for (std::size_t truth = 0; truth < values; ++truth) {
      log_of[truth] = std::log(std::max(model.prior[truth], least_probability));
      for (const Rating& rating : table.of_item[i])
        log_of[truth] += std::log(std::max(model.confusion[rating.rater][truth][rating.value], least_probability));
    }
    const double most = std::ranges::max(log_of);
    double sum = 0;
    for (std::size_t truth = 0; truth < values; ++truth)
      sum += model.probability[i][truth] = std::exp(log_of[truth] - most);
    for (double& p : model.probability[i]) p /= sum;
    likelihood += most + std::log(sum);
  }
  return likelihood / static_cast<double>(std::max<std::size_t>(1, table.items.size()));
}

}  // namespace

DawidSkene dawid_skene(const RatingTable& table, std::size_t most_rounds, double tolerance) {
  DawidSkene model;
  for (const auto& ratings : table.of_item) {
    auto& votes = model.probability.emplace_back(ratings.empty() ? 0 : table.values.size(), 0.0);
    for (const Rating& rating : ratings) votes[rating.value] += 1 / static_cast<double>(ratings.size());
  }
  double before = -std::numeric_limits<double>::infinity();
  while (model.rounds < most_rounds) {
    maximise(table, model);
    const double likelihood = expect(table, model);
    ++model.rounds;
    if (likelihood - before < tolerance) break;
    before = likelihood;
  }
  return model;
}

}  // namespace sweepmark
