// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/bradley_terry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "data/formats/text.h"

namespace sweepmark {
namespace {

/// Everything that `from` has beaten, directly or over others.
std::vector<char> reached(std::size_t from, const std::vector<std::vector<std::size_t>>& beaten) {
  std::vector<char> seen(beaten.size(), 0);
  std::vector<std::size_t> open = {from};
  seen[from] = 1;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::size_t next : beaten[at]) {
      if (seen[next] == 0) seen[next] = 1, open.push_back(next);
    }
  }
  return seen;
}

}  // namespace

Result<std::vector<Strength>> bradley_terry(const std::vector<Comparison>& comparisons) {
  std::map<std::string, std::size_t> index;
  for (const Comparison& c : comparisons) {
    for (const std::string* name : {&c.better, &c.worse}) index.try_emplace(*name, index.size());
  }
  const std::size_t count = index.size();
  std::vector<Strength> out(count);
  for (const auto& [name, i] : index) out[i].name = name;
  std::map<std::pair<std::size_t, std::size_t>, double> met;  // how often two were compared, a < b
  std::vector<std::vector<std::size_t>> beaten(count), beaten_by(count);
  for (const Comparison& c : comparisons) {
    const std::size_t better = index.at(c.better), worse = index.at(c.worse);
    met[std::minmax(better, worse)] += 1;
    beaten[better].push_back(worse);
    beaten_by[worse].push_back(better);
    ++out[better].won;
    ++out[better].compared;
    ++out[worse].compared;
  }
  if (out.empty()) return Error{"expected a comparison, got none"};
  for (const auto* edges : {&beaten, &beaten_by}) {
    const auto seen = reached(0, *edges);
    const auto at = std::ranges::find(seen, 0);
    if (at == seen.end()) continue;
    return Error{fmt::format("{} was never {} by {} or what is like it: their strengths cannot be compared",
                             out[static_cast<std::size_t>(at - seen.begin())].name,
                             edges == &beaten ? "beaten" : "preferred", out[0].name)};
  }
  std::vector<double> strength(count, 1);
  for (int round = 0; round < 100'000; ++round) {
    std::vector<double> sum(count, 0);
    for (const auto& [two, times] : met) {
      const double share = times / (strength[two.first] + strength[two.second]);
      sum[two.first] += share;
      sum[two.second] += share;
    }
    double change = 0, mean = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double next = static_cast<double>(out[i].won) / sum[i];
      change = std::max(change, std::abs(std::log(next / strength[i])));
      strength[i] = next;
      mean += std::log(next) / static_cast<double>(count);
    }
    for (double& s : strength) s /= std::exp(mean);
    if (change < 1e-14) break;
  }
  for (std::size_t i = 0; i < count; ++i) out[i].score = std::log(strength[i]);
  std::ranges::stable_sort(out, std::ranges::greater{}, &Strength::score);
  return out;
}

Result<std::vector<Comparison>> read_comparisons(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  return parse_comparisons(*text, file);
}

Result<std::vector<Comparison>> parse_comparisons(std::string_view text, const std::filesystem::path& file) {
  const auto rows = parse_csv(text, file);
  if (!rows) return rows.error();
  if (rows->size() < 2) return Error{"expected a header better,worse and comparisons behind it: " + file.string()};
  const auto& header = rows->front().cells;
  const auto better = static_cast<std::size_t>(std::ranges::find(header, "better") - header.begin()),
             worse = static_cast<std::size_t>(std::ranges::find(header, "worse") - header.begin());
  if (std::max(better, worse) >= header.size()) {
    return Error{fmt::format("expected columns better and worse in the header, found {}: {}", rows->front().text,
                             at_line(file, rows->front().line))};
  }
  std::vector<Comparison> out;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    if (row.cells.size() <= std::max(better, worse)) {
      return Error{
          fmt::format("expected {} cells, found {}: {}", header.size(), row.cells.size(), at_line(file, row.line))};
    }
    out.push_back({row.cells[better], row.cells[worse]});
    if (out.back().better == out.back().worse)
      return Error{fmt::format("{} is compared with itself: {}", out.back().better, at_line(file, row.line))};
  }
  return out;
}

}  // namespace sweepmark
