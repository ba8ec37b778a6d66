// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace sweepmark {

/// Where a figure lies with that confidence.
struct Interval {
  double low = 0, high = 0;
};

struct BootstrapOptions {
  std::size_t rounds = 1000;  ///< 0: no interval
  double confidence = 0.95;
  std::uint64_t seed = 1;  ///< the same seed gives the same interval
};

/// The interval of a figure if other items of the same kind had been rated: items are drawn anew, with replacement, and
/// the figure is computed from each draw. Items of one cluster (frames of one object) are drawn together, because they
/// say the same thing many times.
/// \param cluster   of each item, any numbers; empty: each item is its own
/// \param figure    of how often each item counts; nothing where it is not defined (that draw is left out)
/// \return nothing without rounds, or where fewer than half of the draws have a figure
/// Cost: rounds * that of `figure`. Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentiles.
std::optional<Interval> bootstrap(
    std::size_t items, std::span<const std::uint32_t> cluster,
    const std::function<std::optional<double>(std::span<const std::uint32_t> weights)>& figure,
    const BootstrapOptions& options = {});

}  // namespace sweepmark
