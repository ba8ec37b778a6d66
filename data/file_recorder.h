// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/store/stored_scene.h"

namespace sweepmark {

/// Keeps the files that readers read below a folder, in the thread that made it, as long as it lives: opening a scene
/// beside it gives what is needed to open the same scene again without the dataset.
class FileRecorder {
 public:
  /// \param most_bytes  of all files together: beyond it nothing is kept
  FileRecorder(const std::filesystem::path& folder, std::size_t most_bytes);
  ~FileRecorder();
  FileRecorder(const FileRecorder&) = delete;
  FileRecorder& operator=(const FileRecorder&) = delete;

  bool is_too_large() const { return bytes_ > most_bytes_; }
  /// In the order of their paths.
  std::vector<OriginFile> files() const;

  /// Called by whoever reads a file. Costs nothing where no recorder lives.
  static void note(const std::filesystem::path& file, std::string_view content);

 private:
  std::string folder_;  ///< ends with /
  std::size_t most_bytes_, bytes_ = 0;
  std::map<std::string, std::string> content_of_;
  FileRecorder* outer_;  ///< of the same thread, made before this one
};

}  // namespace sweepmark
