// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepmark {

/// Runs a batch operation on this machine's cores. Copyable, cheap.
struct Cpu {
  /// Most threads that one call uses; 0 means all cores.
  int threads = 0;
};

/// \return `cpu.threads`, or the number of cores for 0.
int thread_count(Cpu cpu);

}  // namespace sweepmark
