// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sweepmark {

/// One task of an annotator.
struct MixedTask {
  std::string name;  ///< "task-0007": the place in the order, which says nothing of what it is
  std::string item;
  bool is_golden = false;
};

struct MixOptions {
  double share = 0.05;     ///< of all tasks that are golden, rounded; at least one where there is one
  std::uint64_t seed = 1;  ///< the same seed gives the same order
};

/// Work in its order, with golden items among it: one at a random place of each stretch of equal length, so they are
/// neither at one end nor at equal distances. Golden items are drawn at random, none twice.
/// \return fewer golden tasks than asked for where there are not enough items
std::vector<MixedTask> mix_golden(const std::vector<std::string>& work, const std::vector<std::string>& golden,
                                  const MixOptions& options = {});

}  // namespace sweepmark
