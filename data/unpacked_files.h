// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "data/store/stored_scene.h"
#include "data/unfinished_output.h"
#include "kernels/result.h"

namespace sweepmark {

/// Files in a temporary folder of their own that only this user may read; gone when this is.
class UnpackedFiles {
 public:
  /// \param empty  paths of files without content; left out where they lead outside, or a file is there
  /// Errors: a path that leads outside the folder, no room. What a killed process left behind is removed first.
  static Result<UnpackedFiles> make(std::span<const OriginFile> files, std::span<const std::string> empty);

  const std::filesystem::path& folder() const { return output_.path(); }

 private:
  explicit UnpackedFiles(UnfinishedOutput output) : output_(std::move(output)) {}
  UnfinishedOutput output_;
};

}  // namespace sweepmark
