// SPDX-License-Identifier: Apache-2.0
#include "data/unfinished_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view prefix = ".sweepmark-tmp.";

struct Registry {
  std::recursive_mutex lock;
  std::uint64_t next = 0;
  std::set<fs::path> unfinished, folders_looked_at;
  std::vector<fs::path> finished;
  std::function<void(const fs::path&)> listener;
};

// Never destroyed: threads may still write while the program ends.
Registry& registry() {
  static auto* const all = new Registry;
  return *all;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void remove_all_of(const fs::path& path) {
  std::error_code failure;
  // Other threads may be filling the folder.
  for (int attempt = 0; attempt < 100; ++attempt) {
    fs::remove_all(path, failure);
    if (!fs::exists(fs::symlink_status(path, failure))) return;
  }
}

/// Locks what is at `path`. \return the open file, or -1: somebody holds the lock, or nobody may
int lock_of(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return -1;
  struct stat opened {
  }, named{};
  // Between the making and the locking another process may have taken it for a leftover.
  if (::flock(file, LOCK_EX | LOCK_NB) == 0 && ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
      opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
    return file;
  ::close(file);
  return -1;
}

bool lies_in_unfinished(const Registry& all, const fs::path& path) {
  for (fs::path folder = path; folder.has_relative_path() && folder != folder.parent_path();
       folder = folder.parent_path()) {
    if (all.unfinished.contains(folder)) return true;
  }
  return false;
}

/// Whether somebody's process still works on what has this name. Some libraries write "NAME.suffix" beside "NAME".
/// \return the lock on what nobody works on; -1 where somebody does; -2: nobody does, and it needs no lock
int lock_of_leftover(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t dots = static_cast<std::size_t>(std::ranges::count(name.substr(prefix.size()), '.'));
  if (dots <= 1) return lock_of(path);
  std::error_code failure;
  return fs::exists(path.parent_path() / path.stem(), failure) ? -1 : -2;
}

/// Once for each folder in a process: ten thousand outputs do not list it ten thousand times.
void remove_leftovers(Registry& all, const fs::path& folder) {
  if (lies_in_unfinished(all, folder) || !all.folders_looked_at.insert(folder).second) return;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    const fs::path path = entry->path();
    if (!path.filename().string().starts_with(prefix) || all.unfinished.contains(path)) continue;
    const int lock = lock_of_leftover(path);
    if (lock == -1) continue;
    remove_all_of(path);
    if (lock >= 0) ::close(lock);
    if (all.listener) all.listener(path);
  }
}

/// Sets errno.
bool make(const fs::path& path, UnfinishedOutput::Kind kind) {
  if (kind != UnfinishedOutput::Kind::file)
    return ::mkdir(path.c_str(), kind == UnfinishedOutput::Kind::private_folder ? 0700 : 0777) == 0;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return false;
  ::close(file);
  return true;
}

/// Two folders change places.
bool exchange_names(const fs::path& a, const fs::path& b) {
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace

UnfinishedOutput::UnfinishedOutput(const fs::path& final_path, Kind kind) {
  Registry& all = registry();
  const std::lock_guard lock(all.lock);
  const fs::path folder = folder_of(final_path);
  std::error_code failure;
  if (kind != Kind::file) fs::create_directories(folder, failure);
  remove_leftovers(all, folder);
  const std::string extension = kind == Kind::file ? final_path.extension().string() : "";
  for (int attempt = 0; attempt < 1000; ++attempt) {
    path_ = folder / fmt::format("{}{}-{}{}", prefix, ::getpid(), all.next++, extension);
    problem_.clear();
    if (!make(path_, kind)) {
      problem_ = std::strerror(errno);
      if (errno == EEXIST) continue;  // of another machine or container that shares the folder
      return;
    }
    lock_ = lock_of(path_);
    if (fs::exists(path_, failure)) break;  // not taken for a leftover before it was locked
  }
  if (problem_.empty()) all.unfinished.insert(path_);
}

UnfinishedOutput::UnfinishedOutput(UnfinishedOutput&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      problem_(std::move(other.problem_)),
      lock_(std::exchange(other.lock_, -1)) {}

void UnfinishedOutput::release() {
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
  path_.clear();
}

UnfinishedOutput::~UnfinishedOutput() {
  if (path_.empty()) return;
  Registry& all = registry();
  const std::lock_guard lock(all.lock);
  if (all.unfinished.erase(path_) > 0) remove_all_of(path_);
  release();
}

Result<void> UnfinishedOutput::put_in_place(const fs::path& final_path, bool exchange) {
  Registry& all = registry();
  const std::lock_guard lock(all.lock);
  bool done = false;
  if (exchange && exchange_names(path_, final_path)) {
    done = true;
    remove_all_of(path_);
  } else if (exchange) {  // a file system that cannot do that in one step
    const fs::path old = fmt::format("{}.old-{}", final_path.string(), ::getpid());
    done = ::rename(final_path.c_str(), old.c_str()) == 0;
    if (done && ::rename(path_.c_str(), final_path.c_str()) != 0)
      return Error{fmt::format("cannot put what is finished in place ({}); what was there is in {}",
                               std::strerror(errno), old.string())};
    if (done) remove_all_of(old);
  } else {
    done = ::rename(path_.c_str(), final_path.c_str()) == 0;
  }
  if (!done)
    return Error{
        fmt::format("cannot put what is finished in place ({}): {}", std::strerror(errno), final_path.string())};
  all.unfinished.erase(path_);
  if (!lies_in_unfinished(all, folder_of(final_path))) all.finished.push_back(final_path);
  release();
  return {};
}

std::vector<fs::path> abandon_unfinished_outputs() {
  Registry& all = registry();
  all.lock.lock();  // for good
  for (const fs::path& path : all.unfinished) {
    remove_all_of(path);
    std::error_code failure;
    for (fs::directory_iterator entry(folder_of(path), failure), end; !failure && entry != end;
         entry.increment(failure)) {
      if (entry->path().filename().string().starts_with(path.filename().string() + ".")) remove_all_of(entry->path());
    }
  }
  return all.finished;
}

void tell_of_removed_leftovers(std::function<void(const fs::path&)> listener) {
  Registry& all = registry();
  const std::lock_guard lock(all.lock);
  all.listener = std::move(listener);
}

}  // namespace sweepmark
