// SPDX-License-Identifier: Apache-2.0
//
// What several people said of several items: the input of every measure of agreement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// One person's word on one item.
struct Rating {
  std::uint32_t rater = 0, value = 0;  ///< indices into the table's `raters` and `values`
  friend bool operator==(const Rating&, const Rating&) = default;
};

/// Ratings of items; each rater says at most one thing of an item, and may say nothing.
struct RatingTable {
  std::vector<std::string> raters;
  std::vector<std::string> values;  ///< the categories; ordinal measures take them in this order
  std::vector<std::string> items;
  std::vector<std::vector<Rating>> of_item;  ///< as many as items, raters ascending
};

/// Fills a table from words. Raters and items keep the order in which they come.
class RatingTableBuilder {
 public:
  /// \return false where the rater has said something of the item already; that stays
  bool add(const std::string& item, const std::string& rater, const std::string& value);
  /// The table; values that are numbers are ascending, others in alphabetical order.
  RatingTable take() &&;

 private:
  std::uint32_t rater_of(const std::string& name);

  std::map<std::string, std::size_t> item_index_;
  std::map<std::string, std::uint32_t> rater_index_;
  std::vector<std::string> items_, raters_;
  std::vector<std::map<std::uint32_t, std::string>> said_;
};

/// The table with its values in another order, for ordinal measures. Errors: a value that `order` does not name, or
/// that it names twice.
Result<RatingTable> in_order(RatingTable table, const std::vector<std::string>& order);

/// The values as numbers, for measures of intervals; nothing where one is no number.
std::optional<std::vector<double>> numbers_of(const RatingTable& table);

/// A table with a header that names the columns item, rater and value (others are passed over); an empty value is no
/// rating. Errors, with file and line: a column that is missing, a row that is too short, a second rating of one item
/// by one rater, a table without ratings.
Result<RatingTable> read_ratings(const std::filesystem::path& file);
Result<RatingTable> parse_ratings(std::string_view text, const std::filesystem::path& file);

}  // namespace sweepmark
