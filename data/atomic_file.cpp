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
  if (failure) return Error{fmt::format("cannot put the finished file in place ({}): {}", failure.message(), final_.string())};
  done_ = true;
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
