// SPDX-License-Identifier: Apache-2.0
#include "quality/golden/golden_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "data/synth/random.h"

namespace sweepmark {

std::vector<MixedTask> mix_golden(const std::vector<std::string>& work, const std::vector<std::string>& golden,
                                  const MixOptions& options) {
  const synth::Random random(options.seed);
  // `share` is of the whole: g / (work + g).
  const double wanted = options.share * static_cast<double>(work.size()) / (1 - options.share);
  const std::size_t count =
      std::min(golden.size(), options.share <= 0 ? 0 : std::max<std::size_t>(1, std::lround(wanted)));
  std::vector<std::size_t> drawn(golden.size());
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(drawn[i], drawn[i + random.bits(1, i) % (drawn.size() - i)]);
  const std::size_t total = work.size() + count;
  std::vector<char> is_golden(total, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * total / count, end = (i + 1) * total / count;
    is_golden[begin + random.bits(2, i) % (end - begin)] = 1;
  }
  std::vector<MixedTask> tasks;
  std::size_t next_work = 0, next_golden = 0;
  for (std::size_t i = 0; i < total; ++i) {
    const bool golden_here = is_golden[i] != 0;
    tasks.push_back({fmt::format("task-{:04}", i + 1), golden_here ? golden[drawn[next_golden++]] : work[next_work++],
                     golden_here});
  }
  return tasks;
}

}  // namespace sweepmark
