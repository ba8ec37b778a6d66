// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/rating_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "data/formats/text.h"

namespace sweepmark {
namespace {

/// Numbers by size, then words by letters.
bool comes_before(const std::string& a, const std::string& b) {
  double number_a = 0, number_b = 0;
  const bool is_a = parse_number(std::string_view(a), number_a), is_b = parse_number(std::string_view(b), number_b);
  if (is_a != is_b) return is_a;
  if (is_a && number_a != number_b) return number_a < number_b;
  return a < b;
}

}  // namespace

std::uint32_t RatingTableBuilder::rater_of(const std::string& name) {
  const auto [at, is_new] = rater_index_.try_emplace(name, static_cast<std::uint32_t>(raters_.size()));
  if (is_new) raters_.push_back(name);
  return at->second;
}

bool RatingTableBuilder::add(const std::string& item, const std::string& rater, const std::string& value) {
  const auto [at, is_new] = item_index_.try_emplace(item, items_.size());
  if (is_new) {
    items_.push_back(item);
    said_.emplace_back();
  }
  return said_[at->second].try_emplace(rater_of(rater), value).second;
}

RatingTable RatingTableBuilder::take() && {
  RatingTable table{std::move(raters_), {}, std::move(items_), {}};
  std::set<std::string> values;
  for (const auto& item : said_) {
    for (const auto& [rater, value] : item) values.insert(value);
  }
  table.values.assign(values.begin(), values.end());
  std::ranges::sort(table.values, comes_before);
  std::map<std::string, std::uint32_t> index;
  for (std::uint32_t i = 0; i < table.values.size(); ++i) index[table.values[i]] = i;
  for (const auto& item : said_) {
    auto& ratings = table.of_item.emplace_back();
    for (const auto& [rater, value] : item) ratings.push_back({rater, index.at(value)});
  }
  return table;
}

Result<RatingTable> in_order(RatingTable table, const std::vector<std::string>& order) {
  std::map<std::string, std::uint32_t> index;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    if (!index.try_emplace(order[i], i).second) return Error{fmt::format("the order names {} twice", order[i])};
  }
  std::vector<std::uint32_t> position;
  for (const std::string& value : table.values) {
    const auto at = index.find(value);
    if (at == index.end()) return Error{fmt::format("the order does not name {}, which is among the ratings", value)};
    position.push_back(at->second);
  }
  for (auto& ratings : table.of_item) {
    for (Rating& rating : ratings) rating.value = position[rating.value];
  }
  table.values = order;
  return table;
}

std::optional<std::vector<double>> numbers_of(const RatingTable& table) {
  std::vector<double> numbers;
  for (const std::string& value : table.values) {
    if (!parse_number(std::string_view(value), numbers.emplace_back())) return std::nullopt;
  }
  return numbers;
}

Result<RatingTable> read_ratings(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  return parse_ratings(*text, file);
}

Result<RatingTable> parse_ratings(std::string_view text, const std::filesystem::path& file) {
  const auto rows = parse_csv(text, file);
  if (!rows) return rows.error();
  if (rows->empty()) return Error{fmt::format("no ratings, expected a header item,rater,value: {}", file.string())};
  constexpr std::array<const char*, 3> names = {"item", "rater", "value"};
  std::array<std::size_t, 3> column{};
  const auto& header = rows->front().cells;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::ranges::find(header, names[i]);
    if (at == header.end()) {
      return Error{fmt::format("expected a column {} in the header, found {}: {}", names[i], rows->front().text,
                               at_line(file, rows->front().line))};
    }
    column[i] = static_cast<std::size_t>(at - header.begin());
  }
  RatingTableBuilder table;
  bool is_empty = true;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    if (row.cells.size() <= std::ranges::max(column)) {
      return Error{
          fmt::format("expected {} cells, found {}: {}", header.size(), row.cells.size(), at_line(file, row.line))};
    }
    const std::string &item = row.cells[column[0]], &rater = row.cells[column[1]], &value = row.cells[column[2]];
    if (value.empty()) continue;
    is_empty = false;
    if (!table.add(item, rater, value))
      return Error{fmt::format("{} has rated {} before: {}", rater, item, at_line(file, row.line))};
  }
  if (is_empty) return Error{fmt::format("no ratings behind the header: {}", file.string())};
  return std::move(table).take();
}

}  // namespace sweepmark
