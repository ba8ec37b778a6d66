// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace sweepmark::testing_support {

/// The folder of real datasets: $SWEEPMARK_TEST_DATA, or ../shared/data beside the project; nothing when absent.
std::optional<std::filesystem::path> test_data();

/// Whether the absence of real data, or of a GPU, is a failure: $SWEEPMARK_REQUIRE_DATA=1, $SWEEPMARK_REQUIRE_GPU=1.
bool data_required();
bool gpu_required();

/// A fresh empty folder, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace sweepmark::testing_support

/// Declares `variable` as the path of a real dataset below the test data, or skips (fails when data is required).
#define SWEEPMARK_NEED_DATA(variable, relative)                                                             \
  const auto variable##_root = ::sweepmark::testing_support::test_data();                                    \
  if (!variable##_root || !std::filesystem::exists(*variable##_root / (relative))) {                         \
    if (::sweepmark::testing_support::data_required()) FAIL() << "real data is required, but absent: " << (relative); \
    GTEST_SKIP() << "no real data here: " << (relative) << " (set SWEEPMARK_TEST_DATA)";                     \
  }                                                                                                          \
  const std::filesystem::path variable = *variable##_root / (relative)
