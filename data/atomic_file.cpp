// SPDX-License-Identifier: Apache-2.0
#include "data/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

Result<void> flush_to_disk(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) {
    const int reason = errno;
    if (file >= 0) ::close(file);
    return Error{fmt::format("cannot flush to disk ({}): {}", std::strerror(reason), path.string())};
  }
  ::close(file);
  return {};
}

}  // namespace

// The extension stays last: writers that choose a format by extension see the right one.
AtomicFile::AtomicFile(fs::path final_path)
    : final_(std::move(final_path)),
      temporary_(final_.parent_path() /
                 fmt::format(".{}.{}.tmp{}", final_.stem().string(), ::getpid(), final_.extension().string())) {}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!done_) fs::remove(temporary_, ignored);
}

Result<void> AtomicFile::commit() {
  if (auto flushed = flush_to_disk(temporary_); !flushed) return flushed;
  std::error_code failure;
  fs::rename(temporary_, final_, failure);
  if (failure)
    return Error{fmt::format("cannot put the finished file in place ({}): {}", failure.message(), final_.string())};
  done_ = true;
  return {};
}

AtomicFolder::AtomicFolder(fs::path final_path, fs::path temporary)
    : final_(std::move(final_path)), temporary_(std::move(temporary)) {}
AtomicFolder::AtomicFolder(AtomicFolder&& other) noexcept
    : final_(std::move(other.final_)), temporary_(std::exchange(other.temporary_, {})) {}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

Result<AtomicFolder> AtomicFolder::make(fs::path final_path) {
  if (!final_path.has_filename()) final_path = final_path.parent_path();
  std::error_code failure;
  if (fs::exists(final_path, failure) && !(fs::is_directory(final_path, failure) && fs::is_empty(final_path, failure)))
    return Error{
        fmt::format("something is there already; expected no such path, or an empty folder: {}", final_path.string())};
  fs::path temporary = final_path.parent_path() / fmt::format(".{}.{}.tmp", final_path.filename().string(), ::getpid());
  fs::remove_all(temporary, failure);
  if (!fs::create_directories(temporary, failure))
    return Error{fmt::format("cannot make a folder ({}): {}", failure.message(), temporary.string())};
  return AtomicFolder(std::move(final_path), std::move(temporary));
}

Result<void> AtomicFolder::commit() {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(temporary_, failure)) {
    if (!entry.is_regular_file(failure)) continue;
    if (auto flushed = flush_to_disk(entry.path()); !flushed) return flushed;
  }
  fs::rename(temporary_, final_, failure);
  if (failure)
    return Error{fmt::format("cannot put the finished folder in place ({}): {}", failure.message(), final_.string())};
  temporary_.clear();
  return {};
}

Result<void> write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  {
    std::ofstream out(file.temporary_path(), std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) return Error{fmt::format("cannot write ({}): {}", std::strerror(errno), path.string())};
  }
  return file.commit();
}

}  // namespace sweepmark
