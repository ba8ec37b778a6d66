// SPDX-License-Identifier: Apache-2.0
#include "kernels/expects.h"

#include <cstdio>
#include <cstdlib>

namespace sweepmark::detail {

void expects_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "sweepmark: bug: %s is false at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace sweepmark::detail
