// SPDX-License-Identifier: Apache-2.0
#include "data/store/label_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <map>
#include <utility>

#include "data/store/row_codec.h"
#include "data/store/sqlite.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;
using sqlite::Statement;

constexpr int application_id = 0x53574D4B, newest_version = 1;

constexpr const char* schema = R"(
  CREATE TABLE track (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, header BLOB NOT NULL);
  CREATE TABLE keyframe (track INTEGER NOT NULL REFERENCES track(position), time INTEGER NOT NULL, value BLOB NOT NULL,
                         PRIMARY KEY (track, time)) WITHOUT ROWID;
  CREATE TABLE edit (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, of INTEGER NOT NULL, author TEXT NOT NULL,
                     tool TEXT NOT NULL, time INTEGER NOT NULL);
  CREATE TABLE change (edit INTEGER NOT NULL REFERENCES edit(number), n INTEGER NOT NULL, track TEXT NOT NULL,
                       time INTEGER, before BLOB, after BLOB, PRIMARY KEY (edit, n)) WITHOUT ROWID;
)";

/// Held by the one writer; the system lets go of it when the process ends, however it ends. A lock of another kind than
/// SQLite's own, so that neither is in the other's way.
class WriterLock {
 public:
  WriterLock() = default;
  ~WriterLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  /// \return false when another program holds it
  bool take(const fs::path& store) {
    descriptor_ = ::open(store.c_str(), O_RDONLY | O_CLOEXEC);
    return descriptor_ >= 0 && flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  }

 private:
  int descriptor_ = -1;
};

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

Result<sqlite::Database> open_database(const fs::path& file, int flags, const char* query = "") {
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(uri_of(file, query).c_str(), &raw, flags | SQLITE_OPEN_URI, nullptr);
  sqlite::Database db(raw);
  if (status != SQLITE_OK) return Error{fmt::format("{}: {}", sqlite3_errstr(status), file.string())};
  sqlite3_busy_timeout(raw, 5000);
  return db;
}

Result<std::int64_t> pragma(sqlite3* db, const fs::path& file, const char* name) {
  auto statement = Statement::prepare(db, file, fmt::format("PRAGMA {}", name));
  if (!statement) return statement.error();
  auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

}  // namespace

struct LabelStore::State {
  fs::path file;
  WriterLock lock;
  sqlite::Database db;  // after the lock: closing that first would drop SQLite's own locks
  LabelSet labels;
  std::optional<std::string> read_only_reason;
  std::vector<std::int64_t> done, undone;  ///< edits that undo and redo would take, the last one next
  std::int64_t last_entry = 0;

  Error damaged(const std::string& what) const { return Error{fmt::format("damaged ({}): {}", what, file.string())}; }

  Result<void> load();
  Result<void> load_tracks(std::map<std::int64_t, std::size_t>& index_of_position);
  Result<void> load_keyframes(const std::map<std::int64_t, std::size_t>& index_of_position);
  Result<void> load_history();
  Result<std::vector<Change>> changes_of(std::int64_t entry) const;
  Result<void> record(EditKind kind, std::int64_t of, const std::vector<Change>& changes, const EditBy& by);
  Result<void> write(EditKind kind, std::int64_t of, const std::vector<Change>& changes, const EditBy& by);
  Result<void> write_row(const Change& change);
  Result<std::optional<std::vector<Change>>> step_history(EditKind kind, const EditBy& by);
};

Result<void> LabelStore::State::load_tracks(std::map<std::int64_t, std::size_t>& index_of_position) {
  auto rows = Statement::prepare(db.get(), file, "SELECT position, id, header FROM track ORDER BY position");
  if (!rows) return rows.error();
  while (true) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return {};
    auto header = decode_header(rows->blob(2));
    if (!header) return damaged("track " + rows->text(1));
    index_of_position.emplace(rows->integer(0), labels.tracks.size());
    labels.tracks.push_back(Track{.id = rows->text(1),
                                  .class_name = std::move(header->class_name),
                                  .attributes = std::move(header->attributes),
                                  .keyframes = {},
                                  .absences = std::move(header->absences)});
  }
}

Result<void> LabelStore::State::load_keyframes(const std::map<std::int64_t, std::size_t>& index_of_position) {
  auto rows = Statement::prepare(db.get(), file, "SELECT track, time, value FROM keyframe ORDER BY track, time");
  if (!rows) return rows.error();
  while (true) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return {};
    const auto at = index_of_position.find(rows->integer(0));
    auto value = decode_keyframe(rows->blob(2));
    if (at == index_of_position.end() || !value)
      return damaged(fmt::format("keyframe of track {} at {}", rows->integer(0), rows->integer(1)));
    labels.tracks[at->second].keyframes.push_back({.timestamp = rows->integer(1),
                                                   .cuboid = value->cuboid,
                                                   .stored_count = value->stored_count,
                                                   .attributes = std::move(value->attributes)});
  }
}

Result<void> LabelStore::State::load_history() {
  auto rows = Statement::prepare(db.get(), file, "SELECT number, kind FROM edit ORDER BY number");
  if (!rows) return rows.error();
  while (true) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return {};
    last_entry = rows->integer(0);
    const auto kind = static_cast<EditKind>(rows->integer(1));
    if (kind == EditKind::edit) {
      if (last_entry > 1) done.push_back(last_entry);  // the first one made the store
      undone.clear();
      continue;
    }
    auto& from = kind == EditKind::undo ? done : undone;
    auto& to = kind == EditKind::undo ? undone : done;
    if (from.empty()) return damaged(fmt::format("entry {} of the journal", last_entry));
    to.push_back(from.back());
    from.pop_back();
  }
}

Result<void> LabelStore::State::load() {
  std::map<std::int64_t, std::size_t> index_of_position;
  if (auto loaded = load_tracks(index_of_position); !loaded) return loaded;
  if (auto loaded = load_keyframes(index_of_position); !loaded) return loaded;
  return load_history();
}

Result<std::vector<Change>> LabelStore::State::changes_of(std::int64_t entry) const {
  auto rows =
      Statement::prepare(db.get(), file, "SELECT track, time, before, after FROM change WHERE edit = ? ORDER BY n");
  if (!rows) return rows.error();
  rows->bind(1, entry);
  std::vector<Change> changes;
  while (true) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return changes;
    bool good = true;
    const auto fill = [&](auto& to, int column, auto decode) {
      if (rows->is_null(column)) return;
      to = decode(rows->blob(column));
      good = good && to.has_value();
    };
    if (rows->is_null(1)) {
      TrackChange change{rows->text(0), {}, {}};
      fill(change.before, 2, decode_header);
      fill(change.after, 3, decode_header);
      changes.emplace_back(std::move(change));
    } else {
      KeyframeChange change{rows->text(0), rows->integer(1), {}, {}};
      fill(change.before, 2, decode_keyframe);
      fill(change.after, 3, decode_keyframe);
      changes.emplace_back(std::move(change));
    }
    if (!good) return damaged(fmt::format("entry {} of the journal", entry));
  }
}

Result<void> LabelStore::State::write_row(const Change& change) {
  const auto run = [&](std::string_view sql, auto&& bind) -> Result<void> {
    auto statement = Statement::prepare(db.get(), file, sql);
    if (!statement) return statement.error();
    bind(*statement);
    return statement->run();
  };
  if (const auto* t = std::get_if<TrackChange>(&change)) {
    if (!t->after)
      return run("DELETE FROM track WHERE id = ?", [&](Statement& s) { s.bind(1, std::string_view(t->track)); });
    const std::string header = encode(*t->after);
    return run("INSERT INTO track (id, header) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET header = ?2",
               [&](Statement& s) { s.bind(1, std::string_view(t->track)).bind_blob(2, header.data(), header.size()); });
  }
  const auto& k = std::get<KeyframeChange>(change);
  if (!k.after) {
    return run("DELETE FROM keyframe WHERE track = (SELECT position FROM track WHERE id = ?1) AND time = ?2",
               [&](Statement& s) { s.bind(1, std::string_view(k.track)).bind(2, k.timestamp); });
  }
  const std::string value = encode(*k.after);
  return run(
      "INSERT INTO keyframe (track, time, value) VALUES ((SELECT position FROM track WHERE id = ?1), ?2, ?3) "
      "ON CONFLICT (track, time) DO UPDATE SET value = ?3",
      [&](Statement& s) {
        s.bind(1, std::string_view(k.track)).bind(2, k.timestamp).bind_blob(3, value.data(), value.size());
      });
}

/// Within a transaction.
Result<void> LabelStore::State::write(EditKind kind, std::int64_t of, const std::vector<Change>& changes,
                                      const EditBy& by) {
  auto entry = Statement::prepare(db.get(), file,
                                  "INSERT INTO edit (number, kind, of, author, tool, time) VALUES (?, ?, ?, ?, ?, ?)");
  if (!entry) return entry.error();
  entry->bind(1, last_entry + 1)
      .bind(2, static_cast<std::int64_t>(kind))
      .bind(3, of)
      .bind(4, std::string_view(by.author))
      .bind(5, std::string_view(by.tool))
      .bind(6, by.time);
  if (auto done_one = entry->run(); !done_one) return done_one;
  auto row = Statement::prepare(db.get(), file,
                                "INSERT INTO change (edit, n, track, time, before, after) VALUES (?, ?, ?, ?, ?, ?)");
  if (!row) return row.error();
  for (std::size_t n = 0; n < changes.size(); ++n) {
    row->bind(1, last_entry + 1).bind(2, static_cast<std::int64_t>(n));
    std::visit(
        [&](const auto& change) {
          row->bind(3, std::string_view(change.track));
          if constexpr (std::is_same_v<std::decay_t<decltype(change)>, KeyframeChange>) {
            row->bind(4, change.timestamp);
          } else {
            row->bind_null(4);
          }
          const auto bind_row = [&](int index, const auto& value) {
            if (!value) {
              row->bind_null(index);
              return;
            }
            const std::string bytes = encode(*value);
            row->bind_blob(index, bytes.data(), bytes.size());
          };
          bind_row(5, change.before);
          bind_row(6, change.after);
        },
        changes[n]);
    if (auto done_one = row->run(); !done_one) return done_one;
    if (auto done_one = write_row(changes[n]); !done_one) return done_one;
  }
  return {};
}

Result<void> LabelStore::State::record(EditKind kind, std::int64_t of, const std::vector<Change>& changes,
                                       const EditBy& by) {
  if (read_only_reason) return Error{fmt::format("read-only ({}): {}", *read_only_reason, file.string())};
  if (changes.empty()) return {};
  if (auto applied = apply_changes(labels, changes); !applied) return applied;
  auto written = sqlite::execute(db.get(), file, "BEGIN IMMEDIATE");
  if (written) {
    written = write(kind, of, changes, by);
    if (written) written = sqlite::execute(db.get(), file, "COMMIT");
    if (!written && sqlite3_get_autocommit(db.get()) == 0) (void)sqlite::execute(db.get(), file, "ROLLBACK");
  }
  if (!written) {
    (void)apply_changes(labels, inverse(changes));
    return written;
  }
  ++last_entry;
  return {};
}

Result<std::optional<std::vector<Change>>> LabelStore::State::step_history(EditKind kind, const EditBy& by) {
  auto& from = kind == EditKind::undo ? done : undone;
  auto& to = kind == EditKind::undo ? undone : done;
  if (from.empty()) return std::optional<std::vector<Change>>{};
  auto changes = changes_of(from.back());
  if (!changes) return changes.error();
  if (kind == EditKind::undo) changes = inverse(*changes);
  if (auto recorded = record(kind, from.back(), *changes, by); !recorded) return recorded.error();
  to.push_back(from.back());
  from.pop_back();
  return std::optional{*std::move(changes)};
}

LabelStore::LabelStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
LabelStore::~LabelStore() = default;
LabelStore::LabelStore(LabelStore&&) noexcept = default;
LabelStore& LabelStore::operator=(LabelStore&&) noexcept = default;

const LabelSet& LabelStore::labels() const { return state_->labels; }
const std::optional<std::string>& LabelStore::read_only_reason() const { return state_->read_only_reason; }

namespace {

Result<void> prepare_for_writing(sqlite3* db, const fs::path& file) {
  return sqlite::execute(db, file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

}  // namespace

Result<LabelStore> LabelStore::create(const fs::path& file, const LabelSet& labels, const EditBy& by) {
  if (std::error_code failure; fs::exists(file, failure))
    return Error{fmt::format("expected no file of this name yet: {}", file.string())};
  // Made under another name, so that no half-made store is ever there.
  fs::path making = file;
  making += ".new";
  std::error_code ignored;
  fs::remove(making, ignored);
  {
    auto state = std::make_unique<State>();
    state->file = making;
    auto db = open_database(making, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!db) return db.error();
    state->db = *std::move(db);
    auto made = sqlite::execute(
        state->db.get(), making,
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; PRAGMA synchronous = FULL; {}",
                    application_id, newest_version, schema));
    if (made) {
      // The first entry is there even when there are no labels yet.
      made = sqlite::execute(state->db.get(), making, "BEGIN IMMEDIATE");
      const auto changes = difference({}, labels);
      if (made) made = state->write(EditKind::edit, 0, changes, by);
      if (made) made = sqlite::execute(state->db.get(), making, "COMMIT");
    }
    state->db.reset();
    if (!made) {
      fs::remove(making, ignored);
      return made.error();
    }
  }
  if (::link(making.c_str(), file.c_str()) != 0) {  // unlike rename, never over another file
    fs::remove(making, ignored);
    return Error{fmt::format("expected no file of this name yet: {}", file.string())};
  }
  fs::remove(making, ignored);
  return open(file);
}

Result<LabelStore> LabelStore::open(const fs::path& file) {
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return Error{fmt::format("expected a label store: {}", file.string())};
  auto state = std::make_unique<State>();
  state->file = file;
  const fs::path folder = fs::absolute(file).parent_path();
  const bool no_folder = ::access(folder.c_str(), W_OK) != 0;
  if (!state->lock.take(file)) {
    state->read_only_reason = "another program has it open for writing";
  } else if (no_folder) {
    state->read_only_reason = "its folder may not be written";
  } else if (::access(file.c_str(), W_OK) != 0) {
    state->read_only_reason = "it may not be written";
  }
  auto db = open_database(file, state->read_only_reason ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE,
                          no_folder && !fs::exists(file.string() + "-wal", failure) ? "?immutable=1" : "");
  if (!db) return db.error();
  state->db = *std::move(db);

  const auto id = pragma(state->db.get(), file, "application_id");
  if (!id || *id != application_id) return Error{fmt::format("expected a label store: {}", file.string())};
  const auto version = pragma(state->db.get(), file, "user_version");
  if (!version) return version.error();
  if (*version > newest_version) {
    return Error{fmt::format("made by a newer Sweepmark (format {}, this one knows {}): {}", *version, newest_version,
                             file.string())};
  }
  auto check = Statement::prepare(state->db.get(), file, "PRAGMA integrity_check(1)");
  std::string verdict = "it cannot be read";
  if (check) {
    if (auto row = check->step(); row && *row) verdict = check->text(0);
    check->reset();
  }
  if (verdict != "ok") {
    state->read_only_reason = fmt::format("it is damaged: {}; what could be read is shown", verdict);
    (void)state->load();
    return LabelStore(std::move(state));
  }
  if (!state->read_only_reason) {
    if (auto prepared = prepare_for_writing(state->db.get(), file); !prepared) return prepared.error();
  }
  if (auto loaded = state->load(); !loaded) state->read_only_reason = loaded.error().message;
  return LabelStore(std::move(state));
}

Result<void> LabelStore::commit(const std::vector<Change>& changes, const EditBy& by) {
  if (auto recorded = state_->record(EditKind::edit, 0, changes, by); !recorded) return recorded;
  if (changes.empty()) return {};
  state_->done.push_back(state_->last_entry);
  state_->undone.clear();
  return {};
}

Result<std::optional<std::vector<Change>>> LabelStore::undo(const EditBy& by) {
  return state_->step_history(EditKind::undo, by);
}
Result<std::optional<std::vector<Change>>> LabelStore::redo(const EditBy& by) {
  return state_->step_history(EditKind::redo, by);
}

Result<void> LabelStore::visit_log(const std::function<void(const LogEntry&)>& visit) const {
  auto rows = Statement::prepare(state_->db.get(), state_->file,
                                 "SELECT number, kind, of, author, tool, time FROM edit ORDER BY number");
  if (!rows) return rows.error();
  while (true) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return {};
    auto changes = state_->changes_of(rows->integer(0));
    if (!changes) return changes.error();
    visit({rows->integer(0),
           static_cast<EditKind>(rows->integer(1)),
           rows->integer(2),
           {rows->text(3), rows->text(4), rows->integer(5)},
           *std::move(changes)});
  }
}

Result<LabelSet> LabelStore::after_entry(std::int64_t number) const {
  LabelSet labels;
  Result<void> applied;
  if (auto visited = visit_log([&](const LogEntry& entry) {
        if (entry.number <= number && applied) applied = apply_changes(labels, entry.changes);
      });
      !visited)
    return visited.error();
  if (!applied) return state_->damaged(applied.error().message);
  return labels;
}

Result<LabelSet> LabelStore::at(TimestampNs time) const {
  std::int64_t last = 0;
  if (auto visited = visit_log([&](const LogEntry& entry) {
        if (entry.by.time <= time) last = entry.number;
      });
      !visited)
    return visited.error();
  return after_entry(last);
}

}  // namespace sweepmark
