// SPDX-License-Identifier: Apache-2.0
#include "data/store/store_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <string>

namespace sweepmark::store_file {

namespace fs = std::filesystem;
using sqlite::Statement;

WriterLock::~WriterLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool WriterLock::take(const fs::path& store) {
  descriptor_ = ::open(store.c_str(), O_RDONLY | O_CLOEXEC);
  return descriptor_ >= 0 && flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
}

namespace {

std::string uri_of(const fs::path& file, const char* query) {
  std::string uri = "file:";
  for (const char c : fs::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      uri += c;
    }
  }
  return uri + query;
}

}  // namespace

Result<sqlite::Database> open(const fs::path& file, int flags, bool is_immutable) {
  sqlite3* raw = nullptr;
  const int status =
      sqlite3_open_v2(uri_of(file, is_immutable ? "?immutable=1" : "").c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr);
  sqlite::Database db(raw);
  if (status != SQLITE_OK) return Error{fmt::format("{}: {}", sqlite3_errstr(status), file.string())};
  sqlite3_busy_timeout(raw, 5000);
  return db;
}

Result<sqlite::Database> copy_to_memory(sqlite3* db, const fs::path& file) {
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  sqlite::Database copy(raw);
  if (status != SQLITE_OK) return Error{fmt::format("{}: {}", sqlite3_errstr(status), file.string())};
  sqlite3_backup* backup = sqlite3_backup_init(raw, "main", db, "main");
  if (backup == nullptr) return sqlite::error_of(raw, file);
  sqlite3_backup_step(backup, -1);
  if (const int done = sqlite3_backup_finish(backup); done != SQLITE_OK)
    return Error{fmt::format("{}: {}", sqlite3_errstr(done), file.string())};
  return copy;
}

Result<std::int64_t> pragma(sqlite3* db, const fs::path& file, const char* name) {
  auto statement = Statement::prepare(db, file, fmt::format("PRAGMA {}", name));
  if (!statement) return statement.error();
  auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

}  // namespace sweepmark::store_file
