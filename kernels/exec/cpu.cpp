// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cpu.h"

#include <oneapi/tbb/info.h>

#include <algorithm>

namespace sweepmark {

int thread_count(Cpu cpu) { return cpu.threads > 0 ? cpu.threads : oneapi::tbb::info::default_concurrency(); }

int arena_size(int shares) { return std::clamp(shares, 1, oneapi::tbb::info::default_concurrency()); }

}  // namespace sweepmark
