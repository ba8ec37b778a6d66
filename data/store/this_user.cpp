// SPDX-License-Identifier: Apache-2.0
#include "data/store/this_user.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace sweepmark {

std::string this_user() {
  for (const char* variable : {"USER", "LOGNAME"}) {
    if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
  }
  // Services and containers often set neither.
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> strings{};
  if (getpwuid_r(getuid(), &entry, strings.data(), strings.size(), &found) == 0 && found != nullptr &&
      *found->pw_name != '\0')
    return found->pw_name;
  return "uid " + std::to_string(getuid());
}

EditBy by_this_user(std::string tool) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {this_user(), std::move(tool), std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

}  // namespace sweepmark
