// SPDX-License-Identifier: Apache-2.0
#include "data/store/label_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "data/store/sqlite.h"
#include "data/store/store_file.h"
#include "data/store/store_rows.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;
using sqlite::Statement;

constexpr int application_id = 0x53574D4B;
using store_rows::newest_version;

}  // namespace

struct LabelStore::State {
  fs::path file;
  store_file::WriterLock lock;
  sqlite::Database db;  // after the lock: closing that first would drop SQLite's own locks
  LabelSet labels;
  std::optional<std::string> read_only_reason;
  std::vector<std::int64_t> done, undone;  ///< edits that undo and redo would take, the last one next
  std::int64_t last_entry = 0;

  Result<void> load();
  Result<void> record(EditKind kind, std::int64_t of, const std::vector<Change>& changes, const EditBy& by);
  Result<std::optional<std::vector<Change>>> step_history(EditKind kind, const EditBy& by);
};

Result<void> LabelStore::State::load() {
  if (auto read = store_rows::read_labels(db.get(), file, labels); !read) return read;
  return store_rows::read_entries(db.get(), file, [&](const LogEntry& entry) -> Result<void> {
    last_entry = entry.number;
    if (entry.kind == EditKind::edit) {
      if (last_entry > 1) done.push_back(last_entry);  // the first one made the store
      undone.clear();
      return {};
    }
    auto& from = entry.kind == EditKind::undo ? done : undone;
    auto& to = entry.kind == EditKind::undo ? undone : done;
    if (from.empty()) return store_rows::damaged(file, fmt::format("entry {} of the journal", last_entry));
    to.push_back(from.back());
    from.pop_back();
    return {};
  });
}

Result<void> LabelStore::State::record(EditKind kind, std::int64_t of, const std::vector<Change>& changes,
                                       const EditBy& by) {
  if (read_only_reason) return Error{fmt::format("read-only ({}): {}", *read_only_reason, file.string())};
  if (changes.empty()) return {};
  if (auto applied = apply_changes(labels, changes); !applied) return applied;
  const auto written = sqlite::in_transaction(db.get(), file, [&] {
    return store_rows::write(db.get(), file, {last_entry + 1, kind, of, by, changes});
  });
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
  auto changes = store_rows::read_changes(db.get(), file, from.back());
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

Result<LabelStore> LabelStore::create(const fs::path& file, const LabelSet& labels, const EditBy& by,
                                      const StoredScene* scene) {
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
    auto db = store_file::open(making, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!db) return db.error();
    state->db = *std::move(db);
    auto made = sqlite::execute(state->db.get(), making,
                                fmt::format("PRAGMA application_id = {}; PRAGMA synchronous = FULL;", application_id));
    if (made) made = store_rows::make_tables(state->db.get(), making);
    if (made) {
      // The first entry is there even when there are no labels yet.
      made = sqlite::execute(state->db.get(), making, "BEGIN IMMEDIATE");
      if (made) made = store_rows::write(state->db.get(), making, {1, EditKind::edit, 0, by, difference({}, labels)});
      if (made && scene != nullptr) made = store_rows::write_scene(state->db.get(), making, *scene);
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
  auto db = store_file::open(file, state->read_only_reason ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE,
                             no_folder && !fs::exists(file.string() + "-wal", failure));
  if (!db) return db.error();
  state->db = *std::move(db);

  const auto id = store_file::pragma(state->db.get(), file, "application_id");
  if (!id) return Error{fmt::format("expected a label store: {}", id.error().message)};
  if (*id != application_id) return Error{fmt::format("expected a label store: {}", file.string())};
  const auto version = store_file::pragma(state->db.get(), file, "user_version");
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
  if (verdict != "ok") state->read_only_reason = fmt::format("it is damaged: {}; what could be read is shown", verdict);
  if (!state->read_only_reason) {
    if (auto prepared = prepare_for_writing(state->db.get(), file); !prepared) return prepared.error();
  } else if (*version < newest_version) {
    // The file stays as it is; a copy in memory is brought up to date.
    auto copy = store_file::copy_to_memory(state->db.get(), file);
    if (!copy) return copy.error();
    state->db = *std::move(copy);
  }
  auto migrated = store_rows::migrate(state->db.get(), file, *version);
  if (verdict != "ok") {
    (void)state->load();
    return LabelStore(std::move(state));
  }
  if (!migrated) return migrated.error();
  if (auto loaded = state->load(); !loaded) state->read_only_reason = loaded.error().message;
  return LabelStore(std::move(state));
}

Result<std::optional<StoredScene>> LabelStore::scene() const {
  return store_rows::read_scene(state_->db.get(), state_->file);
}

Result<void> LabelStore::set_scene(const StoredScene& scene) {
  State& s = *state_;
  if (s.read_only_reason) return Error{fmt::format("read-only ({}): {}", *s.read_only_reason, s.file.string())};
  return sqlite::in_transaction(s.db.get(), s.file, [&] { return store_rows::write_scene(s.db.get(), s.file, scene); });
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
  return store_rows::read_entries(state_->db.get(), state_->file, [&](LogEntry entry) -> Result<void> {
    auto changes = store_rows::read_changes(state_->db.get(), state_->file, entry.number);
    if (!changes) return changes.error();
    entry.changes = *std::move(changes);
    visit(entry);
    return {};
  });
}

Result<LabelSet> LabelStore::after_entry(std::int64_t number) const {
  LabelSet labels;
  Result<void> applied;
  if (auto visited = visit_log([&](const LogEntry& entry) {
        if (entry.number <= number && applied) applied = apply_changes(labels, entry.changes);
      });
      !visited)
    return visited.error();
  if (!applied) return store_rows::damaged(state_->file, applied.error().message);
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
