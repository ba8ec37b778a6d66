// SPDX-License-Identifier: Apache-2.0
#include "tracking/assignment.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace sweepmark {
namespace {

/// Which rows and columns hang together through pairs.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[std::max(root(a), root(b))] = std::min(root(a), root(b)); }

 private:
  std::vector<std::size_t> parent_;
};

/// Dense problem with at least as many columns as rows: the column of each row. \param cost  row-major
std::vector<std::size_t> solve_dense(const std::vector<double>& cost, std::size_t rows, std::size_t columns) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> row_price(rows + 1, 0), column_price(columns + 1, 0);
  std::vector<std::size_t> row_of(columns + 1, 0), came_from(columns + 1, 0);  // counted from 1; 0 is nobody
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> shortest(columns + 1, infinite);
    std::vector<bool> used(columns + 1, false);
    do {
      used[column] = true;
      const std::size_t at = row_of[column];
      double least = infinite;
      std::size_t next = 0;
      for (std::size_t c = 1; c <= columns; ++c) {
        if (used[c]) continue;
        const double reduced = cost[(at - 1) * columns + c - 1] - row_price[at] - column_price[c];
        if (reduced < shortest[c]) {
          shortest[c] = reduced;
          came_from[c] = column;
        }
        if (shortest[c] < least) {
          least = shortest[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c <= columns; ++c) {
        if (used[c]) {
          row_price[row_of[c]] += least;
          column_price[c] -= least;
        } else {
          shortest[c] -= least;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[came_from[column]];
      column = came_from[column];
    }
  }
  std::vector<std::size_t> column_of(rows, unassigned);
  for (std::size_t c = 1; c <= columns; ++c)
    if (row_of[c] != 0) column_of[row_of[c] - 1] = c - 1;
  return column_of;
}

}  // namespace

std::vector<std::size_t> assign(std::size_t rows, std::size_t columns, const std::vector<PairCost>& pairs,
                                double leave_out) {
  std::vector<std::size_t> result(rows, unassigned);
  Groups groups(rows + columns);
  for (const PairCost& pair : pairs) groups.join(pair.row, rows + pair.column);
  std::map<std::size_t, std::vector<const PairCost*>> by_group;
  for (const PairCost& pair : pairs) by_group[groups.root(pair.row)].push_back(&pair);
  for (const auto& [root, of_group] : by_group) {
    std::vector<std::size_t> group_rows, group_columns;
    for (const PairCost* pair : of_group) {
      group_rows.push_back(pair->row);
      group_columns.push_back(pair->column);
    }
    for (auto* indices : {&group_rows, &group_columns}) {
      std::ranges::sort(*indices);
      const auto same = std::ranges::unique(*indices);
      indices->erase(same.begin(), same.end());
    }
    // Each row has a column of its own beside the real ones, which leaves it out.
    const std::size_t n = group_rows.size(), real = group_columns.size(), width = real + n;
    constexpr double impossible = 1e9;
    std::vector<double> cost(n * width, impossible);
    const auto position = [](const std::vector<std::size_t>& sorted, std::size_t value) {
      return static_cast<std::size_t>(std::ranges::lower_bound(sorted, value) - sorted.begin());
    };
    for (std::size_t r = 0; r < n; ++r) cost[r * width + real + r] = leave_out;
    for (const PairCost* pair : of_group)
      cost[position(group_rows, pair->row) * width + position(group_columns, pair->column)] = pair->cost;
    const auto column_of = solve_dense(cost, n, width);
    for (std::size_t r = 0; r < n; ++r)
      if (column_of[r] < real && cost[r * width + column_of[r]] < impossible)
        result[group_rows[r]] = group_columns[column_of[r]];
  }
  return result;
}

}  // namespace sweepmark
