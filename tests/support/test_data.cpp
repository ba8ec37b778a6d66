// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_data.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sweepmark::testing_support {
namespace fs = std::filesystem;
namespace {
bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && std::string_view(value) == "1";
}
}  // namespace

std::optional<fs::path> test_data() {
  const char* named = std::getenv("SWEEPMARK_TEST_DATA");
  const fs::path folder = named != nullptr ? fs::path(named) : fs::path(SWEEPMARK_SOURCE_DIR).parent_path() / "shared" / "data";
  if (!fs::is_directory(folder)) return std::nullopt;
  return folder;
}

bool data_required() { return is_set("SWEEPMARK_REQUIRE_DATA"); }
bool gpu_required() { return is_set("SWEEPMARK_REQUIRE_GPU"); }

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "sweepmark-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create a temporary folder at " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace sweepmark::testing_support
