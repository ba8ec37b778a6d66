// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kernels/result.h"

namespace sweepmark::cli {

struct ImageSize {
  int width = 0, height = 0;
};

/// "1280x720". Errors: anything else, sides below 16 or above 8192.
Result<ImageSize> parse_size(const std::string& text);

}  // namespace sweepmark::cli
