// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <malloc.h>

#include <fstream>
#include <string>

namespace sweepmark::bench {

inline double resident_peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

/// Memory that one call takes beyond what is there already, at its peak, MB. The call starts cold and is not timed.
template <class Call>
double peak_memory_mb(Call&& call) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak becomes what is resident now
  const double before = resident_peak_mb();
  call();
  return resident_peak_mb() - before;
}

}  // namespace sweepmark::bench
