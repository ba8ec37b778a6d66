// SPDX-License-Identifier: Apache-2.0
#include "data/store/this_user.h"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace sweepmark {

EditBy by_this_user(std::string tool) {
  const char* name = std::getenv("USER");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {name == nullptr ? "" : name, std::move(tool),
          std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

}  // namespace sweepmark
