// SPDX-License-Identifier: Apache-2.0
//
// Owners for SQLite's handles, and its errors as values. Used by the store only.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark::sqlite {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;

/// "disk is full: /path": SQLite's words, the path last.
Error error_of(sqlite3* db, const std::filesystem::path& path);

/// A prepared statement. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  static Result<Statement> prepare(sqlite3* db, const std::filesystem::path& path, std::string_view sql);

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_blob(int index, const void* data, std::size_t size);
  Statement& bind_null(int index);

  /// \return whether there is a row to read
  Result<bool> step();
  /// Runs to the end and makes ready for the next use.
  Result<void> run();
  void reset();
  /// Calls visit() for each row, until there is none or it returns an error. \param visit  reads this statement's
  /// columns
  template <class Visit>
  Result<void> each_row(Visit&& visit) {
    while (true) {
      auto row = step();
      if (!row) return row.error();
      if (!*row) return {};
      if (Result<void> visited = visit(); !visited) return visited;
    }
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

 private:
  std::unique_ptr<sqlite3_stmt, Close> statement_;
  std::filesystem::path path_;
};

Result<void> execute(sqlite3* db, const std::filesystem::path& path, const std::string& sql);

/// Does `work` in a transaction: all of it is on disk when this returns without error, else nothing is.
template <class Work>
Result<void> in_transaction(sqlite3* db, const std::filesystem::path& path, const Work& work) {
  auto done = execute(db, path, "BEGIN IMMEDIATE");
  if (!done) return done;
  done = work();
  if (done) done = execute(db, path, "COMMIT");
  if (!done && sqlite3_get_autocommit(db) == 0) (void)execute(db, path, "ROLLBACK");
  return done;
}

}  // namespace sweepmark::sqlite
