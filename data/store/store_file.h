// SPDX-License-Identifier: Apache-2.0
//
// How a store's file is locked and opened. Used by the store only.
#pragma once

#include <cstdint>
#include <filesystem>

#include "data/store/sqlite.h"
#include "kernels/result.h"

namespace sweepmark::store_file {

/// Held by the one writer; the system lets go of it when the process ends, however it ends. A lock of another kind than
/// SQLite's own, so that neither is in the other's way.
class WriterLock {
 public:
  WriterLock() = default;
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  /// \return false when another program holds it
  bool take(const std::filesystem::path& store);

 private:
  int descriptor_ = -1;
};

/// \param flags  SQLITE_OPEN_... \param is_immutable  nobody can change it: no folder is needed for SQLite's own files
Result<sqlite::Database> open(const std::filesystem::path& file, int flags, bool is_immutable = false);

/// All of a database in memory, as it is. Errors: damage that keeps a page from being read.
Result<sqlite::Database> copy_to_memory(sqlite3* db, const std::filesystem::path& file);

/// The value of a pragma that has a number.
Result<std::int64_t> pragma(sqlite3* db, const std::filesystem::path& file, const char* name);

}  // namespace sweepmark::store_file
