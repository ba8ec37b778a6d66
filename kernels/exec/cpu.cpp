// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cpu.h"

#include <oneapi/tbb/info.h>

namespace sweepmark {

int thread_count(Cpu cpu) { return cpu.threads > 0 ? cpu.threads : oneapi::tbb::info::default_concurrency(); }

}  // namespace sweepmark
