// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark {

/// A temporary name beside `final_path` that is renamed over it by `commit` and removed otherwise:
/// no reader ever sees a half-written file.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path final_path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& temporary_path() const { return temporary_; }
  /// Flushes to disk and renames. The error names the final path.
  Result<void> commit();

 private:
  std::filesystem::path final_, temporary_;
  bool done_ = false;
};

/// Writes `content` to `path` through an `AtomicFile`.
Result<void> write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace sweepmark
