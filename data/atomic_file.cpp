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

/// A file below `folder` that `other` has not at the same place; empty: none.
fs::path file_only_in(const fs::path& folder, const fs::path& other) {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failure)) {
    if (entry.is_directory(failure) && !entry.is_symlink(failure)) continue;
    fs::path inside = entry.path().lexically_relative(folder);
    if (!fs::exists(fs::symlink_status(other / inside, failure))) return inside;
  }
  return {};
}

}  // namespace

Result<void> expect_free(const fs::path& out, Overwrite overwrite) {
  std::error_code failure;
  const fs::file_status there = fs::status(out, failure);
  if (!fs::exists(there) || (fs::is_directory(there) && fs::is_empty(out, failure))) return {};
  if (!fs::is_regular_file(there) && !fs::is_directory(there))
    return Error{fmt::format("expected the name of a file or folder, got a device or a pipe: {}", out.string())};
  if (overwrite == Overwrite::yes) return {};
  return Error{fmt::format("there is {} already: {}",
                           fs::is_directory(there) ? "a folder with something in it" : "a file", out.string())};
}

AtomicFile::AtomicFile(fs::path final_path)
    : final_(std::move(final_path)), output_(final_, UnfinishedOutput::Kind::file) {}

Result<void> AtomicFile::commit() {
  if (auto flushed = flush_to_disk(temporary_path()); !flushed) return flushed;
  return output_.put_in_place(final_);
}

AtomicFolder::AtomicFolder(fs::path final_path)
    : final_(std::move(final_path)), output_(final_, UnfinishedOutput::Kind::folder) {}

Result<AtomicFolder> AtomicFolder::make(fs::path final_path, Overwrite overwrite) {
  if (!final_path.has_filename()) final_path = final_path.parent_path();
  if (auto free = expect_free(final_path, overwrite); !free) return free.error();
  AtomicFolder folder(std::move(final_path));
  if (folder.output_.problem().empty()) return folder;
  return Error{fmt::format("cannot make a folder ({}): {}", folder.output_.problem(), folder.final_.string())};
}

Result<void> AtomicFolder::commit() {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(temporary_path(), failure)) {
    if (!entry.is_regular_file(failure)) continue;
    if (auto flushed = flush_to_disk(entry.path()); !flushed) return flushed;
  }
  // An empty folder is replaced by the rename itself.
  const bool is_full = fs::is_directory(final_, failure) && !fs::is_empty(final_, failure);
  if (is_full) {
    if (const fs::path lost = file_only_in(final_, temporary_path()); !lost.empty())
      return Error{fmt::format("the folder holds files that are not written anew, such as {}; it stays as it is: {}",
                               lost.string(), final_.string())};
  }
  return output_.put_in_place(final_, is_full);
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
