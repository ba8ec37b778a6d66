// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/bootstrap.h"

#include <algorithm>
#include <map>

#include "data/synth/random.h"
#include "quality/percentile.h"

namespace sweepmark {
std::optional<Interval> bootstrap(
    std::size_t items, std::span<const std::uint32_t> cluster,
    const std::function<std::optional<double>(std::span<const std::uint32_t> weights)>& figure,
    const BootstrapOptions& options) {
  std::vector<std::vector<std::size_t>> clusters;
  std::map<std::uint32_t, std::size_t> index;
  for (std::size_t i = 0; i < items; ++i) {
    const auto [at, is_new] =
        index.try_emplace(cluster.empty() ? static_cast<std::uint32_t>(i) : cluster[i], clusters.size());
    if (is_new) clusters.emplace_back();
    clusters[at->second].push_back(i);
  }
  if (clusters.empty() || options.rounds == 0) return std::nullopt;
  const synth::Random random(options.seed);
  std::vector<double> figures;
  std::vector<std::uint32_t> weights(items);
  for (std::size_t round = 0; round < options.rounds; ++round) {
    std::ranges::fill(weights, 0U);
    for (std::size_t draw = 0; draw < clusters.size(); ++draw) {
      for (const std::size_t item : clusters[random.bits(round, draw) % clusters.size()]) ++weights[item];
    }
    if (const auto value = figure(weights)) figures.push_back(*value);
  }
  if (2 * figures.size() < options.rounds) return std::nullopt;
  std::ranges::sort(figures);
  const double tail = (1 - options.confidence) / 2;
  return Interval{percentile(figures, tail), percentile(figures, 1 - tail)};
}

}  // namespace sweepmark
