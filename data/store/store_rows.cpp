// SPDX-License-Identifier: Apache-2.0
#include "data/store/store_rows.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "data/store/row_codec.h"

namespace sweepmark::store_rows {
namespace fs = std::filesystem;
using sqlite::Statement;

const char* const schema = R"(
  CREATE TABLE track (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, header BLOB NOT NULL);
  CREATE TABLE keyframe (track INTEGER NOT NULL REFERENCES track(position), time INTEGER NOT NULL, value BLOB NOT NULL,
                         PRIMARY KEY (track, time)) WITHOUT ROWID;
  CREATE TABLE edit (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, of INTEGER NOT NULL, author TEXT NOT NULL,
                     tool TEXT NOT NULL, time INTEGER NOT NULL);
  CREATE TABLE change (edit INTEGER NOT NULL REFERENCES edit(number), n INTEGER NOT NULL, track TEXT NOT NULL,
                       time INTEGER, before BLOB, after BLOB, PRIMARY KEY (edit, n)) WITHOUT ROWID;
)";

Error damaged(const fs::path& file, const std::string& what) {
  return Error{fmt::format("damaged ({}): {}", what, file.string())};
}

Result<void> read_labels(sqlite3* db, const fs::path& file, LabelSet& labels) {
  std::map<std::int64_t, std::size_t> index_of_position;
  auto tracks = Statement::prepare(db, file, "SELECT position, id, header FROM track ORDER BY position");
  if (!tracks) return tracks.error();
  auto read = tracks->each_row([&]() -> Result<void> {
    auto header = decode_header(tracks->blob(2));
    if (!header) return damaged(file, "track " + tracks->text(1));
    index_of_position.emplace(tracks->integer(0), labels.tracks.size());
    labels.tracks.push_back(Track{.id = tracks->text(1),
                                  .class_name = std::move(header->class_name),
                                  .attributes = std::move(header->attributes),
                                  .keyframes = {},
                                  .absences = std::move(header->absences)});
    return {};
  });
  if (!read) return read;
  auto keyframes = Statement::prepare(db, file, "SELECT track, time, value FROM keyframe ORDER BY track, time");
  if (!keyframes) return keyframes.error();
  return keyframes->each_row([&]() -> Result<void> {
    const auto at = index_of_position.find(keyframes->integer(0));
    auto value = decode_keyframe(keyframes->blob(2));
    if (at == index_of_position.end() || !value)
      return damaged(file, fmt::format("keyframe of track {} at {}", keyframes->integer(0), keyframes->integer(1)));
    labels.tracks[at->second].keyframes.push_back({.timestamp = keyframes->integer(1),
                                                   .cuboid = value->cuboid,
                                                   .stored_count = value->stored_count,
                                                   .attributes = std::move(value->attributes)});
    return {};
  });
}

Result<void> read_entries(sqlite3* db, const fs::path& file, const std::function<Result<void>(LogEntry)>& visit) {
  auto rows = Statement::prepare(db, file, "SELECT number, kind, of, author, tool, time FROM edit ORDER BY number");
  if (!rows) return rows.error();
  return rows->each_row([&] {
    return visit({rows->integer(0),
                  static_cast<EditKind>(rows->integer(1)),
                  rows->integer(2),
                  {rows->text(3), rows->text(4), rows->integer(5)},
                  {}});
  });
}

Result<std::vector<Change>> read_changes(sqlite3* db, const fs::path& file, std::int64_t entry) {
  auto rows = Statement::prepare(db, file, "SELECT track, time, before, after FROM change WHERE edit = ? ORDER BY n");
  if (!rows) return rows.error();
  rows->bind(1, entry);
  std::vector<Change> changes;
  auto read = rows->each_row([&]() -> Result<void> {
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
    if (!good) return damaged(file, fmt::format("entry {} of the journal", entry));
    return {};
  });
  if (!read) return read.error();
  return changes;
}

namespace {

/// The statements of one entry's changes, each made once however many rows there are.
class ChangeWriter {
 public:
  static Result<ChangeWriter> make(sqlite3* db, const fs::path& file) {
    ChangeWriter writer;
    const std::pair<Statement*, const char*> statements[] = {
        {&writer.journal_, "INSERT INTO change (edit, n, track, time, before, after) VALUES (?, ?, ?, ?, ?, ?)"},
        {&writer.put_track_,
         "INSERT INTO track (id, header) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET header = ?2"},
        {&writer.remove_track_, "DELETE FROM track WHERE id = ?"},
        {&writer.put_keyframe_,
         "INSERT INTO keyframe (track, time, value) VALUES ((SELECT position FROM track WHERE id = ?1), ?2, ?3) "
         "ON CONFLICT (track, time) DO UPDATE SET value = ?3"},
        {&writer.remove_keyframe_,
         "DELETE FROM keyframe WHERE track = (SELECT position FROM track WHERE id = ?1) AND time = ?2"},
    };
    for (const auto& [to, sql] : statements) {
      auto prepared = Statement::prepare(db, file, sql);
      if (!prepared) return prepared.error();
      *to = *std::move(prepared);
    }
    return writer;
  }

  Result<void> write(std::int64_t entry, std::int64_t n, const TrackChange& change) {
    if (auto done = write_journal(entry, n, change); !done) return done;
    if (!change.after) return remove_track_.bind(1, std::string_view(change.track)).run();
    const std::string header = encode(*change.after);
    return put_track_.bind(1, std::string_view(change.track)).bind_blob(2, header.data(), header.size()).run();
  }

  Result<void> write(std::int64_t entry, std::int64_t n, const KeyframeChange& change) {
    if (auto done = write_journal(entry, n, change); !done) return done;
    if (!change.after) return remove_keyframe_.bind(1, std::string_view(change.track)).bind(2, change.timestamp).run();
    const std::string value = encode(*change.after);
    return put_keyframe_.bind(1, std::string_view(change.track))
        .bind(2, change.timestamp)
        .bind_blob(3, value.data(), value.size())
        .run();
  }

 private:
  template <class AnyChange>
  Result<void> write_journal(std::int64_t entry, std::int64_t n, const AnyChange& change) {
    journal_.bind(1, entry).bind(2, n).bind(3, std::string_view(change.track));
    if constexpr (std::is_same_v<AnyChange, KeyframeChange>) {
      journal_.bind(4, change.timestamp);
    } else {
      journal_.bind_null(4);
    }
    const auto bind_row = [&](int index, const auto& row) {
      if (!row) {
        journal_.bind_null(index);
        return;
      }
      const std::string bytes = encode(*row);
      journal_.bind_blob(index, bytes.data(), bytes.size());
    };
    bind_row(5, change.before);
    bind_row(6, change.after);
    return journal_.run();
  }

  Statement journal_, put_track_, remove_track_, put_keyframe_, remove_keyframe_;
};

}  // namespace

Result<void> write(sqlite3* db, const fs::path& file, const LogEntry& entry) {
  auto row =
      Statement::prepare(db, file, "INSERT INTO edit (number, kind, of, author, tool, time) VALUES (?, ?, ?, ?, ?, ?)");
  if (!row) return row.error();
  auto done = row->bind(1, entry.number)
                  .bind(2, static_cast<std::int64_t>(entry.kind))
                  .bind(3, entry.of)
                  .bind(4, std::string_view(entry.by.author))
                  .bind(5, std::string_view(entry.by.tool))
                  .bind(6, entry.by.time)
                  .run();
  if (!done) return done;
  auto writer = ChangeWriter::make(db, file);
  if (!writer) return writer.error();
  std::int64_t n = 0;
  for (const Change& change : entry.changes) {
    done = std::visit([&](const auto& c) { return writer->write(entry.number, n, c); }, change);
    if (!done) return done;
    ++n;
  }
  return {};
}

}  // namespace sweepmark::store_rows
