// SPDX-License-Identifier: Apache-2.0
//
// Agreement beyond chance on categories. Each measure can weight items by how often they count, which is what
// resampling (quality/agreement/bootstrap.h) does; without weights each item counts once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "quality/agreement/rating_table.h"

namespace sweepmark {

/// How often each item of a table counts; empty: once.
using ItemWeights = std::span<const std::uint32_t>;

/// Two raters, over the items that both have rated. \return nothing where chance alone gives full agreement (both used
/// one and the same category), or without common items
/// Source: Cohen, A Coefficient of Agreement for Nominal Scales (1960).
std::optional<double> cohen_kappa(const RatingTable& table, std::uint32_t rater_a, std::uint32_t rater_b,
                                  ItemWeights weights = {});

/// Any number of raters, and of ratings of an item. With one number of ratings for all items it is Fleiss' measure;
/// else items with one rating count for how common categories are, and not for agreement.
/// \return nothing where chance alone gives full agreement, or without an item with two ratings
/// Source: Fleiss, Measuring Nominal Scale Agreement Among Many Raters (1971); Gwet, Handbook of Inter-Rater
/// Reliability (2014), for missing ratings.
std::optional<double> fleiss_kappa(const RatingTable& table, ItemWeights weights = {});

enum class Scale : std::uint8_t { nominal, ordinal, interval };

/// Krippendorff's alpha: any number of raters, missing ratings allowed. Items with one rating do not count.
/// \param numbers  of the values, as many as these, for `Scale::interval`
/// \return nothing where no two paired ratings differ in the whole table (no disagreement is possible), or without any
///
/// Cost: O(ratings + values). Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
std::optional<double> krippendorff_alpha(const RatingTable& table, Scale scale, std::span<const double> numbers = {},
                                         ItemWeights weights = {});

/// Share of the items with at least two ratings whose ratings are all the same.
std::optional<double> observed_agreement(const RatingTable& table, ItemWeights weights = {});

/// "poor" below 0, then "slight", "fair" (from 0.2), "moderate" (0.4), "substantial" (0.6), "almost perfect" (0.8).
/// Source: Landis and Koch, The Measurement of Observer Agreement for Categorical Data (1977); a value on a limit
/// belongs to the upper word.
std::string_view strength_of_agreement(double kappa);

}  // namespace sweepmark
