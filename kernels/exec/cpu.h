// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepmark {

/// Runs a batch operation on this machine's cores. Copyable, cheap.
struct Cpu {
  /// Most threads that one call uses; 0 means all cores.
  int threads = 0;
};

/// \return `cpu.threads`, or the number of cores for 0. How many shares an operation divides its work into.
int thread_count(Cpu cpu);

/// Threads that are of use for that many shares: never more than there are cores.
int arena_size(int shares);

}  // namespace sweepmark
