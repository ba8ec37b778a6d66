// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// A file or folder under a temporary name in the folder of `final_path`. It is removed unless it was put in place.
/// The whole process knows all of them, so that a program that is interrupted can remove them. Each is locked while its
/// process lives: what a killed process left is not, and is removed by the next one that writes into the same folder.
class UnfinishedOutput {
 public:
  enum class Kind { file, folder, private_folder };

  /// Makes the file or folder, empty. Where that fails, `problem` says so and `path` is a name that nothing has.
  UnfinishedOutput(const std::filesystem::path& final_path, Kind kind);
  ~UnfinishedOutput();
  UnfinishedOutput(UnfinishedOutput&& other) noexcept;
  UnfinishedOutput& operator=(UnfinishedOutput&&) = delete;

  /// Keeps the extension of the final path at its end: writers that choose a format by it see the right one.
  const std::filesystem::path& path() const { return path_; }
  const std::string& problem() const { return problem_; }

  /// Renames it to `final_path`, in one step for everybody who looks. What is there of a file is replaced.
  /// \param exchange  what is there is a folder, and is removed after it has changed places with this one
  Result<void> put_in_place(const std::filesystem::path& final_path, bool exchange = false);

 private:
  void release();

  std::filesystem::path path_;
  std::string problem_;
  int lock_ = -1;
};

/// For a program that ends before its work is done: removes everything unfinished. From then on nothing is put in
/// place; threads that try wait for ever.
/// \return what this process has put in place, in that order
std::vector<std::filesystem::path> abandon_unfinished_outputs();

/// Whom to tell of each file or folder of a killed process that was removed. Nobody at first.
void tell_of_removed_leftovers(std::function<void(const std::filesystem::path&)> listener);

}  // namespace sweepmark
