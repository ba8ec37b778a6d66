// SPDX-License-Identifier: Apache-2.0
#include "data/unpacked_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

bool stays_inside(const fs::path& path) {
  return !path.empty() && !path.is_absolute() && std::ranges::find(path, "..") == path.end();
}

bool put(const fs::path& file, std::string_view content) {
  std::error_code failure;
  fs::create_directories(file.parent_path(), failure);
  std::ofstream out(file, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  return static_cast<bool>(out);
}

}  // namespace

Result<UnpackedFiles> UnpackedFiles::make(std::span<const OriginFile> files, std::span<const std::string> empty) {
  std::error_code failure;
  const fs::path temporary = fs::temp_directory_path(failure);
  if (failure || temporary.empty()) return Error{fmt::format("there is no temporary folder ({})", failure.message())};
  UnpackedFiles unpacked(UnfinishedOutput(temporary / "files", UnfinishedOutput::Kind::private_folder));
  if (!unpacked.output_.problem().empty())
    return Error{fmt::format("cannot make a folder ({}) in {}", unpacked.output_.problem(), temporary.string())};
  for (const OriginFile& file : files) {
    if (!stays_inside(file.path)) return Error{fmt::format("expected a path inside its folder, got {}", file.path)};
    if (!put(unpacked.folder() / file.path, file.content))
      return Error{fmt::format("cannot write: {}", (unpacked.folder() / file.path).string())};
  }
  for (const std::string& path : empty) {
    const fs::path file = unpacked.folder() / path;
    if (stays_inside(path) && !fs::exists(file, failure) && !put(file, ""))
      return Error{fmt::format("cannot write: {}", file.string())};
  }
  return unpacked;
}

}  // namespace sweepmark
