// SPDX-License-Identifier: Apache-2.0
#include "data/unpacked_files.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view prefix = "sweepmark-files-";

/// Folders of processes that are gone.
void remove_leftovers(const fs::path& temporary) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(temporary, failure)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    std::int64_t process = 0;
    const std::string_view number = std::string_view(name).substr(prefix.size());
    if (parse_number(number.substr(0, number.find('-')), process) && process > 0 &&
        ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH)
      fs::remove_all(entry.path(), failure);
  }
}

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
  remove_leftovers(temporary);
  std::string name = (temporary / fmt::format("{}{}-XXXXXX", prefix, ::getpid())).string();
  if (::mkdtemp(name.data()) == nullptr)
    return Error{fmt::format("cannot make a folder ({}): {}", std::strerror(errno), name)};
  UnpackedFiles unpacked{fs::path(name)};
  for (const OriginFile& file : files) {
    if (!stays_inside(file.path)) return Error{fmt::format("expected a path inside its folder, got {}", file.path)};
    if (!put(unpacked.folder_ / file.path, file.content))
      return Error{fmt::format("cannot write: {}", (unpacked.folder_ / file.path).string())};
  }
  for (const std::string& path : empty) {
    const fs::path file = unpacked.folder_ / path;
    if (stays_inside(path) && !fs::exists(file, failure) && !put(file, ""))
      return Error{fmt::format("cannot write: {}", file.string())};
  }
  return unpacked;
}

UnpackedFiles::~UnpackedFiles() {
  std::error_code failure;
  if (!folder_.empty()) fs::remove_all(folder_, failure);
}

UnpackedFiles::UnpackedFiles(UnpackedFiles&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}

}  // namespace sweepmark
