// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "data/unfinished_output.h"
#include "kernels/result.h"

namespace sweepmark {

enum class Overwrite : bool { no, yes };

/// What is at `out` already stays, unless it may be overwritten. An empty folder may always be filled.
/// Errors: a file or a folder that holds something is there, and `overwrite` is `no`; a device or a pipe is there.
Result<void> expect_free(const std::filesystem::path& out, Overwrite overwrite);

/// A temporary name beside `final_path` that is renamed over it by `commit` and removed otherwise:
/// no reader ever sees a half-written file.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path final_path);

  const std::filesystem::path& temporary_path() const { return output_.path(); }
  /// Flushes to disk and renames. The error names the final path.
  Result<void> commit();

 private:
  std::filesystem::path final_;
  UnfinishedOutput output_;
};

/// The same for a folder: filled under a temporary name beside `final_path`.
class AtomicFolder {
 public:
  /// Errors: those of `expect_free`; the temporary folder cannot be made.
  static Result<AtomicFolder> make(std::filesystem::path final_path, Overwrite overwrite = Overwrite::no);

  const std::filesystem::path& temporary_path() const { return output_.path(); }
  /// Flushes to disk and renames; a folder that is there is replaced as a whole.
  /// Errors: that folder holds a file which this one does not; nothing is changed then.
  Result<void> commit();

 private:
  explicit AtomicFolder(std::filesystem::path final_path);
  std::filesystem::path final_;
  UnfinishedOutput output_;
};

/// Writes `content` to `path` through an `AtomicFile`.
Result<void> write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace sweepmark
