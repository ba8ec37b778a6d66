// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/frame_pairs.h"

namespace sweepmark {

std::vector<MatchedPair> match_frame(std::size_t objects_a, std::size_t objects_b,
                                     const std::vector<SimilarPair>& pairs, double least_similarity) {
  std::vector<PairCost> costs;
  std::vector<std::size_t> pairs_of_a(objects_a, 0), pairs_of_b(objects_b, 0);
  for (const SimilarPair& pair : pairs) {
    if (pair.similarity < least_similarity) continue;
    costs.push_back({pair.a, pair.b, 1 - pair.similarity});
    ++pairs_of_a[pair.a];
    ++pairs_of_b[pair.b];
  }
  // Most objects lie on one other that lies on no third: nothing to choose.
  std::vector<MatchedPair> matched;
  std::vector<PairCost> open;
  std::vector<double> similarity_of(objects_a, 0);
  std::vector<std::size_t> column_of(objects_a, unassigned);
  for (const PairCost& cost : costs) {
    if (pairs_of_a[cost.row] == 1 && pairs_of_b[cost.column] == 1) {
      column_of[cost.row] = cost.column;
    } else {
      open.push_back(cost);
    }
  }
  if (!open.empty()) {
    // Leaving one out costs more than all that others can gain by it.
    const auto chosen = assign(objects_a, objects_b, open, 1 + static_cast<double>(open.size()));
    for (std::size_t a = 0; a < objects_a; ++a) {
      if (chosen[a] != unassigned) column_of[a] = chosen[a];
    }
  }
  for (const PairCost& cost : costs) {
    if (column_of[cost.row] == cost.column) similarity_of[cost.row] = 1 - cost.cost;
  }
  for (std::size_t a = 0; a < objects_a; ++a) {
    if (column_of[a] != unassigned)
      matched.push_back({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(column_of[a]), similarity_of[a]});
  }
  return matched;
}

}  // namespace sweepmark
