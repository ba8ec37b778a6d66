// SPDX-License-Identifier: Apache-2.0
#include "data/output_guard.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// Which file a path leads to, whatever it looks like.
std::optional<std::pair<dev_t, ino_t>> identity(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair{status.st_dev, status.st_ino};
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  std::error_code failure;
  const fs::path inner = fs::canonical(file, failure);
  if (failure) return false;
  const fs::path outer = fs::canonical(folder, failure);
  if (failure || !fs::is_directory(outer, failure)) return false;
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

Result<void> expect_no_file_of(const Scene& scene, const fs::path& out) {
  const auto wanted = identity(out);
  std::error_code failure;
  const bool is_folder = fs::is_directory(out, failure);
  if (!wanted || (is_folder ? fs::is_empty(out, failure) : !fs::is_regular_file(out, failure))) return {};
  const auto would_go = [&](const fs::path& file) {
    return !file.empty() && (is_folder ? lies_in(file, out) : identity(file) == wanted);
  };
  const bool is_own = would_go(scene.root) || lies_in(out, scene.root) ||
                      std::ranges::any_of(scene.sweeps, would_go, &SweepRef::file) ||
                      std::ranges::any_of(scene.images, would_go, &ImageRef::file);
  if (!is_own) return {};
  return Error{fmt::format("the output would take the place of a file of the dataset {} that is read: {}",
                           scene.root.string(), out.string())};
}

}  // namespace sweepmark
