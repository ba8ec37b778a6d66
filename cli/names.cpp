// SPDX-License-Identifier: Apache-2.0
#include "cli/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace sweepmark::cli {
namespace {

/// How many letters to put in, take out or change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_names(std::string_view wanted, std::vector<std::string> names) {
  constexpr std::size_t most = 5;
  std::ranges::stable_sort(names, {}, [&](const std::string& name) { return distance(wanted, name); });
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most)));
  return fmt::format("{}{}", fmt::join(first, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

Result<void> expect_track(const std::string& scene, const LabelSet& labels, const std::string& id) {
  if (id.empty()) return {};
  std::set<std::string> ids;
  for (const Track& track : labels.tracks) ids.insert(track.id);
  if (ids.contains(id)) return {};
  if (ids.empty()) return Error{fmt::format("--track {}: scene {} has no tracks", id, scene)};
  return Error{fmt::format("--track {}: no such track in scene {}; nearest are {}", id, scene,
                           nearest_names(id, {ids.begin(), ids.end()}))};
}

}  // namespace sweepmark::cli
