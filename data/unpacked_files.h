// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "data/store/stored_scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// Files in a temporary folder of their own, gone when this is.
class UnpackedFiles {
 public:
  /// \param empty  paths of files without content; left out where they lead outside, or a file is there
  /// Errors: a path that leads outside the folder, no room. What a killed process left behind is removed first.
  static Result<UnpackedFiles> make(std::span<const OriginFile> files, std::span<const std::string> empty);
  ~UnpackedFiles();
  UnpackedFiles(UnpackedFiles&& other) noexcept;
  UnpackedFiles& operator=(UnpackedFiles&&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit UnpackedFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;  ///< empty: moved from
};

}  // namespace sweepmark
