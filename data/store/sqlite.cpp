// SPDX-License-Identifier: Apache-2.0
#include "data/store/sqlite.h"

#include <fmt/format.h>

namespace sweepmark::sqlite {

Error error_of(sqlite3* db, const std::filesystem::path& path) {
  return Error{fmt::format("{}: {}", sqlite3_errmsg(db), path.string())};
}

Result<Statement> Statement::prepare(sqlite3* db, const std::filesystem::path& path, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
      SQLITE_OK)
    return error_of(db, path);
  Statement statement;
  statement.statement_.reset(raw);
  statement.path_ = path;
  return statement;
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_blob(int index, const void* data, std::size_t size) {
  sqlite3_bind_blob64(statement_.get(), index, data, size, SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

Result<bool> Statement::step() {
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  const Error error = error_of(sqlite3_db_handle(statement_.get()), path_);
  sqlite3_reset(statement_.get());
  return error;
}

Result<void> Statement::run() {
  auto done = each_row([]() -> Result<void> { return {}; });
  reset();
  return done;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::string Statement::text(int column) const { return std::string(blob(column)); }

std::string_view Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<void> execute(sqlite3* db, const std::filesystem::path& path, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(db, path);
  return {};
}

}  // namespace sweepmark::sqlite
