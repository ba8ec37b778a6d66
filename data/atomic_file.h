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

/// The same for a folder: filled under a temporary name beside `final_path`, which must not exist or be empty.
class AtomicFolder {
 public:
  /// Errors: something is at `final_path` already; the temporary folder cannot be made.
  static Result<AtomicFolder> make(std::filesystem::path final_path);
  ~AtomicFolder();
  AtomicFolder(AtomicFolder&&) noexcept;
  AtomicFolder& operator=(AtomicFolder&&) = delete;

  const std::filesystem::path& temporary_path() const { return temporary_; }
  Result<void> commit();

 private:
  AtomicFolder(std::filesystem::path final_path, std::filesystem::path temporary);
  std::filesystem::path final_, temporary_;
};

/// Writes `content` to `path` through an `AtomicFile`.
Result<void> write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace sweepmark
