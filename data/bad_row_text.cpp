// SPDX-License-Identifier: Apache-2.0
#include "data/bad_row_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

namespace sweepmark {

std::string_view kind_name(BadRow::Kind kind) {
  switch (kind) {
    case BadRow::Kind::second_row:
      return "second-row";
    case BadRow::Kind::size:
      return "size";
    case BadRow::Kind::rotation:
      return "rotation";
    case BadRow::Kind::missing_image:
      return "missing-image";
    case BadRow::Kind::box_without_area:
      return "negative-box";
    case BadRow::Kind::not_finite:
      return "not-finite";
    case BadRow::Kind::other:
      break;
  }
  return "other";
}

std::string in_words(const BadRow& row) {
  const std::string object = row.object.empty() ? "" : fmt::format(", object {}", row.object);
  return fmt::format("{}, {}{}: expected {}, got {}", row.file.string(), row.place, object, row.expected, row.found);
}

std::string count_in_words(std::span<const BadRow> rows) {
  if (rows.empty()) return "";
  std::map<BadRow::Kind, std::size_t> count_of_kind;
  for (const BadRow& row : rows) ++count_of_kind[row.kind];
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : count_of_kind) kinds.push_back(fmt::format("{} {}", count, kind_name(kind)));
  return fmt::format("{} {} wrong by {} ({})", rows.size(), rows.size() == 1 ? "row that is" : "rows that are",
                     rows.size() == 1 ? "itself" : "themselves", fmt::join(kinds, ", "));
}

}  // namespace sweepmark
