// SPDX-License-Identifier: Apache-2.0
#include "data/store/store_rows.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>
#include <type_traits>
#include <utility>

#include "data/store/compressed.h"
#include "data/store/row_codec.h"

namespace sweepmark::store_rows {
namespace fs = std::filesystem;
using sqlite::Statement;

namespace {

/// Version 1 held cuboids only.
const char* const tables_of_version_1 = R"(
  CREATE TABLE track (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, header BLOB NOT NULL);
  CREATE TABLE keyframe (track INTEGER NOT NULL REFERENCES track(position), time INTEGER NOT NULL, value BLOB NOT NULL,
                         PRIMARY KEY (track, time)) WITHOUT ROWID;
  CREATE TABLE edit (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, of INTEGER NOT NULL, author TEXT NOT NULL,
                     tool TEXT NOT NULL, time INTEGER NOT NULL);
  CREATE TABLE change (edit INTEGER NOT NULL REFERENCES edit(number), n INTEGER NOT NULL, track TEXT NOT NULL,
                       time INTEGER, before BLOB, after BLOB, PRIMARY KEY (edit, n)) WITHOUT ROWID;
)";

/// To version 2: image tracks, named items, point labels, and the kind of each change.
const char* const from_1_to_2 = R"(
  CREATE TABLE image_track (position INTEGER PRIMARY KEY, camera TEXT NOT NULL, id TEXT NOT NULL, header BLOB NOT NULL,
                            UNIQUE (camera, id));
  CREATE TABLE image_keyframe (track INTEGER NOT NULL REFERENCES image_track(position), time INTEGER NOT NULL,
                               value BLOB NOT NULL, PRIMARY KEY (track, time));
  CREATE TABLE item (position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL,
                     UNIQUE (kind, id));
  CREATE TABLE point_label (sensor TEXT NOT NULL, time INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (sensor, time));
  ALTER TABLE change RENAME COLUMN track TO id;
  ALTER TABLE change ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE change ADD COLUMN camera TEXT NOT NULL DEFAULT '';
  UPDATE change SET kind = 1 WHERE time IS NOT NULL;
)";

/// To version 3: the scene that the labels belong to, and the dataset's files that they came from.
const char* const from_2_to_3 = R"(
  CREATE TABLE scene (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE origin (path TEXT PRIMARY KEY, content BLOB NOT NULL);
)";

/// The number of a kind of change in the file: its place in `Change`.
template <class AnyChange, std::size_t i = 0>
constexpr std::int64_t kind_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<i, Change>, AnyChange>) {
    return static_cast<std::int64_t>(i);
  } else {
    return kind_of<AnyChange, i + 1>();
  }
}

}  // namespace

Error damaged(const fs::path& file, const std::string& what) {
  return Error{fmt::format("damaged ({}): {}", what, file.string())};
}

// To version 4: tracks may have later classes, behind all else in their header (row_codec.cpp). Headers without any are
// as before, so no row changes.

Result<void> make_tables(sqlite3* db, const fs::path& file) {
  if (auto made = sqlite::execute(db, file, tables_of_version_1); !made) return made;
  return migrate(db, file, 1);
}

Result<void> migrate(sqlite3* db, const fs::path& file, std::int64_t version) {
  if (version >= newest_version) return {};
  if (version < 1) return damaged(file, fmt::format("format {}", version));
  return sqlite::in_transaction(db, file, [&] {
    return sqlite::execute(db, file,
                           fmt::format("{} {} PRAGMA user_version = {};", version < 2 ? from_1_to_2 : "",
                                       version < 3 ? from_2_to_3 : "", newest_version));
  });
}

namespace {

/// Tracks and their keyframes, in 3D or in cameras, from the two tables that hold them.
/// \param make_track  makes a track of the rows' texts
template <class AnyTrack, class MakeTrack, class MakeKeyframe>
Result<void> read_tracks(sqlite3* db, const fs::path& file, const char* select_tracks, const char* select_keyframes,
                         std::vector<AnyTrack>& out, MakeTrack make_track, MakeKeyframe make_keyframe) {
  std::map<std::int64_t, std::size_t> index_of_position;
  auto tracks = Statement::prepare(db, file, select_tracks);
  if (!tracks) return tracks.error();
  auto read = tracks->each_row([&]() -> Result<void> {
    TrackHeader header;
    if (!decode(tracks->blob(1), header)) return damaged(file, fmt::format("track at {}", tracks->integer(0)));
    index_of_position.emplace(tracks->integer(0), out.size());
    AnyTrack track = make_track(*tracks);
    track.class_name = std::move(header.class_name);
    track.attributes = std::move(header.attributes);
    track.absences = std::move(header.absences);
    track.later_classes = std::move(header.later_classes);
    out.push_back(std::move(track));
    return {};
  });
  if (!read) return read;
  auto keyframes = Statement::prepare(db, file, select_keyframes);
  if (!keyframes) return keyframes.error();
  return keyframes->each_row([&]() -> Result<void> {
    const auto at = index_of_position.find(keyframes->integer(0));
    if (at == index_of_position.end() || !make_keyframe(out[at->second], keyframes->integer(1), keyframes->blob(2)))
      return damaged(file, fmt::format("keyframe of track {} at {}", keyframes->integer(0), keyframes->integer(1)));
    return {};
  });
}

template <class Item>
Result<void> read_items(sqlite3* db, const fs::path& file, std::vector<Item>& out) {
  auto rows = Statement::prepare(db, file, "SELECT id, value FROM item WHERE kind = ? ORDER BY position");
  if (!rows) return rows.error();
  rows->bind(1, kind_of<ItemChange<Item>>());
  return rows->each_row([&]() -> Result<void> {
    Item item;
    if (!decode(rows->blob(1), item)) return damaged(file, "item " + rows->text(0));
    out.push_back(std::move(item));
    return {};
  });
}

Result<void> read_point_label_rows(sqlite3* db, const fs::path& file, std::vector<SweepPointLabels>& out) {
  auto rows = Statement::prepare(db, file, "SELECT sensor, time, value FROM point_label ORDER BY time, sensor");
  if (!rows) return rows.error();
  return rows->each_row([&]() -> Result<void> {
    PointLabelValue value;
    if (!decode(rows->blob(2), value))
      return damaged(file, fmt::format("point labels of {} at {}", rows->text(0), rows->integer(1)));
    out.push_back({rows->integer(1), rows->text(0), value.file, value.kind, std::move(value.values)});
    return {};
  });
}

}  // namespace

Result<void> read_labels(sqlite3* db, const fs::path& file, LabelSet& labels) {
  // What can be read of each table is shown, whatever is wrong with the others.
  Result<void> first_problem;
  const auto note = [&](Result<void> read) {
    if (!read && first_problem) first_problem = std::move(read);
  };
  note(read_tracks(
      db, file, "SELECT position, header, id FROM track ORDER BY position",
      "SELECT track, time, value FROM keyframe ORDER BY track, time", labels.tracks,
      [](const Statement& row) {
        return Track{.id = row.text(2), .class_name = {}, .attributes = {}, .keyframes = {}, .absences = {}};
      },
      [](Track& track, TimestampNs time, std::string_view blob) {
        KeyframeValue value;
        if (!decode(blob, value)) return false;
        track.keyframes.push_back({.timestamp = time,
                                   .cuboid = value.cuboid,
                                   .stored_count = value.stored_count,
                                   .attributes = std::move(value.attributes)});
        return true;
      }));
  note(read_tracks(
      db, file, "SELECT position, header, id, camera FROM image_track ORDER BY position",
      "SELECT track, time, value FROM image_keyframe ORDER BY track, time", labels.image_tracks,
      [](const Statement& row) { return ImageTrack{.camera = row.text(3), .id = row.text(2)}; },
      [](ImageTrack& track, TimestampNs time, std::string_view blob) {
        ImageKeyframeValue value;
        if (!decode(blob, value)) return false;
        track.keyframes.push_back(
            {.timestamp = time, .value = std::move(value.value), .attributes = std::move(value.attributes)});
        return true;
      }));
  note(read_items(db, file, labels.ontology.classes));
  note(read_items(db, file, labels.ontology.skeletons));
  note(read_items(db, file, labels.events));
  note(read_items(db, file, labels.comments));
  std::vector<PointClass> point_classes;
  note(read_items(db, file, point_classes));
  for (PointClass& c : point_classes) labels.point_classes.emplace(c.number, std::move(c.name));
  note(read_point_label_rows(db, file, labels.point_labels));
  return first_problem;
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

namespace {

// Who a change is about, from its row.
void set_name(TrackChange& change, std::string, std::string id, TimestampNs) { change.track = std::move(id); }
void set_name(KeyframeChange& change, std::string, std::string id, TimestampNs time) {
  change.track = std::move(id);
  change.timestamp = time;
}
void set_name(ImageTrackChange& change, std::string camera, std::string id, TimestampNs) {
  change.camera = std::move(camera);
  change.track = std::move(id);
}
void set_name(ImageKeyframeChange& change, std::string camera, std::string id, TimestampNs time) {
  change.camera = std::move(camera);
  change.track = std::move(id);
  change.timestamp = time;
}
void set_name(PointLabelChange& change, std::string sensor, std::string, TimestampNs time) {
  change.sensor = std::move(sensor);
  change.timestamp = time;
}
template <class Value>
void set_name(ItemChange<Value>& change, std::string, std::string id, TimestampNs) {
  change.id = std::move(id);
}

/// A change without content, of the kind that the file says; nothing for a kind that we do not know.
template <std::size_t i = 0>
std::optional<Change> change_of_kind(std::int64_t kind) {
  if constexpr (i == std::variant_size_v<Change>) {
    return std::nullopt;
  } else {
    if (kind == static_cast<std::int64_t>(i)) return Change(std::in_place_index<i>);
    return change_of_kind<i + 1>(kind);
  }
}

}  // namespace

Result<std::vector<Change>> read_changes(sqlite3* db, const fs::path& file, std::int64_t entry) {
  auto rows = Statement::prepare(db, file,
                                 "SELECT kind, camera, id, time, before, after FROM change WHERE edit = ? ORDER BY n");
  if (!rows) return rows.error();
  rows->bind(1, entry);
  std::vector<Change> changes;
  auto read = rows->each_row([&]() -> Result<void> {
    auto change = change_of_kind(rows->integer(0));
    bool good = change.has_value();
    if (good) {
      std::visit(
          [&](auto& c) {
            set_name(c, rows->text(1), rows->text(2), rows->integer(3));
            if (!rows->is_null(4)) good = decode(rows->blob(4), c.before.emplace());
            if (!rows->is_null(5)) good = good && decode(rows->blob(5), c.after.emplace());
          },
          *change);
    }
    if (!good) return damaged(file, fmt::format("entry {} of the journal", entry));
    changes.push_back(*std::move(change));
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
        {&writer.journal_,
         "INSERT INTO change (edit, n, kind, camera, id, time, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
        {&writer.put_track_,
         "INSERT INTO track (id, header) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET header = ?2"},
        {&writer.remove_track_, "DELETE FROM track WHERE id = ?"},
        {&writer.put_keyframe_,
         "INSERT INTO keyframe (track, time, value) VALUES ((SELECT position FROM track WHERE id = ?1), ?2, ?3) "
         "ON CONFLICT (track, time) DO UPDATE SET value = ?3"},
        {&writer.remove_keyframe_,
         "DELETE FROM keyframe WHERE track = (SELECT position FROM track WHERE id = ?1) AND time = ?2"},
        {&writer.put_image_track_,
         "INSERT INTO image_track (camera, id, header) VALUES (?1, ?2, ?3) "
         "ON CONFLICT (camera, id) DO UPDATE SET header = ?3"},
        {&writer.remove_image_track_, "DELETE FROM image_track WHERE camera = ? AND id = ?"},
        {&writer.put_image_keyframe_,
         "INSERT INTO image_keyframe (track, time, value) "
         "VALUES ((SELECT position FROM image_track WHERE camera = ?1 AND id = ?2), ?3, ?4) "
         "ON CONFLICT (track, time) DO UPDATE SET value = ?4"},
        {&writer.remove_image_keyframe_,
         "DELETE FROM image_keyframe "
         "WHERE track = (SELECT position FROM image_track WHERE camera = ?1 AND id = ?2) AND time = ?3"},
        {&writer.put_item_,
         "INSERT INTO item (kind, id, value) VALUES (?1, ?2, ?3) ON CONFLICT (kind, id) DO UPDATE SET value = ?3"},
        {&writer.put_point_labels_,
         "INSERT INTO point_label (sensor, time, value) VALUES (?1, ?2, ?3) "
         "ON CONFLICT (sensor, time) DO UPDATE SET value = ?3"},
        {&writer.remove_point_labels_, "DELETE FROM point_label WHERE sensor = ? AND time = ?"},
        {&writer.remove_item_, "DELETE FROM item WHERE kind = ? AND id = ?"},
    };
    for (const auto& [to, sql] : statements) {
      auto prepared = Statement::prepare(db, file, sql);
      if (!prepared) return prepared.error();
      *to = *std::move(prepared);
    }
    return writer;
  }

  template <class AnyChange>
  Result<void> write(std::int64_t entry, std::int64_t n, const AnyChange& change) {
    const std::string before = change.before ? encode(*change.before) : std::string();
    const std::string after = change.after ? encode(*change.after) : std::string();
    const RowName row = row_of(change);
    journal_.bind(1, entry).bind(2, n).bind(3, kind_of<AnyChange>());
    journal_.bind(4, std::string_view(row.camera)).bind(5, std::string_view(row.id));
    if (row.time) {
      journal_.bind(6, *row.time);
    } else {
      journal_.bind_null(6);
    }
    bind_value(journal_, 7, change.before.has_value(), before);
    bind_value(journal_, 8, change.after.has_value(), after);
    if (auto done = journal_.run(); !done) return done;
    Statement& statement = change.after ? put_statement(change) : remove_statement(change);
    const int at = bind_name(statement, change);
    if (change.after) bind_value(statement, at, true, after);
    return statement.run();
  }

 private:
  static void bind_value(Statement& statement, int index, bool is_there, const std::string& bytes) {
    if (is_there) {
      statement.bind_blob(index, bytes.data(), bytes.size());
    } else {
      statement.bind_null(index);
    }
  }

  Statement& put_statement(const TrackChange&) { return put_track_; }
  Statement& put_statement(const KeyframeChange&) { return put_keyframe_; }
  Statement& put_statement(const ImageTrackChange&) { return put_image_track_; }
  Statement& put_statement(const ImageKeyframeChange&) { return put_image_keyframe_; }
  Statement& put_statement(const PointLabelChange&) { return put_point_labels_; }
  template <class Value>
  Statement& put_statement(const ItemChange<Value>&) {
    return put_item_;
  }
  Statement& remove_statement(const TrackChange&) { return remove_track_; }
  Statement& remove_statement(const KeyframeChange&) { return remove_keyframe_; }
  Statement& remove_statement(const ImageTrackChange&) { return remove_image_track_; }
  Statement& remove_statement(const ImageKeyframeChange&) { return remove_image_keyframe_; }
  Statement& remove_statement(const PointLabelChange&) { return remove_point_labels_; }
  template <class Value>
  Statement& remove_statement(const ItemChange<Value>&) {
    return remove_item_;
  }

  /// \return the index of the parameter that follows the name
  static int bind_name(Statement& s, const TrackChange& c) {
    s.bind(1, std::string_view(c.track));
    return 2;
  }
  static int bind_name(Statement& s, const KeyframeChange& c) {
    s.bind(1, std::string_view(c.track)).bind(2, c.timestamp);
    return 3;
  }
  static int bind_name(Statement& s, const ImageTrackChange& c) {
    s.bind(1, std::string_view(c.camera)).bind(2, std::string_view(c.track));
    return 3;
  }
  static int bind_name(Statement& s, const ImageKeyframeChange& c) {
    s.bind(1, std::string_view(c.camera)).bind(2, std::string_view(c.track)).bind(3, c.timestamp);
    return 4;
  }
  static int bind_name(Statement& s, const PointLabelChange& c) {
    s.bind(1, std::string_view(c.sensor)).bind(2, c.timestamp);
    return 3;
  }
  template <class Value>
  static int bind_name(Statement& s, const ItemChange<Value>& c) {
    s.bind(1, kind_of<ItemChange<Value>>()).bind(2, std::string_view(c.id));
    return 3;
  }

  Statement journal_, put_track_, remove_track_, put_keyframe_, remove_keyframe_, put_image_track_, remove_image_track_,
      put_image_keyframe_, remove_image_keyframe_, put_item_, remove_item_, put_point_labels_, remove_point_labels_;
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

namespace {

constexpr std::string_view about_row = "about", recordings_row = "recordings";

}  // namespace

Result<std::optional<StoredScene>> read_scene(sqlite3* db, const fs::path& file) {
  StoredScene scene;
  bool is_there = false, is_good = true;
  auto rows = Statement::prepare(db, file, "SELECT name, value FROM scene");
  if (!rows) return rows.error();
  auto read = rows->each_row([&]() -> Result<void> {
    const std::string name = rows->text(0);
    if (name != about_row && name != recordings_row) return {};
    const auto value = uncompressed(rows->blob(1));
    is_there = true;
    is_good = is_good && value.has_value();
    (name == about_row ? scene.about : scene.recordings) = value.value_or("");
    return {};
  });
  if (!read) return read.error();
  auto files = Statement::prepare(db, file, "SELECT path, content FROM origin ORDER BY path");
  if (!files) return files.error();
  // Damaged ones, or more than is ever kept: as if none had been kept. What they are for can be done without.
  constexpr std::size_t most_bytes = StoredScene::most_file_bytes;
  std::size_t bytes = 0;
  bool has_files = true;
  read = files->each_row([&]() -> Result<void> {
    const auto size = uncompressed_size(files->blob(1));
    has_files = has_files && size && *size <= most_bytes && bytes + *size <= most_bytes;
    if (!has_files) return {};
    bytes += *size;
    auto content = uncompressed(files->blob(1));
    has_files = content.has_value();
    if (content) scene.files.push_back({files->text(0), *std::move(content)});
    return {};
  });
  if (!read || !has_files) scene.files.clear();
  if (!is_good) return damaged(file, "what it keeps of its scene");
  return is_there ? std::optional(std::move(scene)) : std::nullopt;
}

Result<void> write_scene(sqlite3* db, const fs::path& file, const StoredScene& scene) {
  auto done = sqlite::execute(db, file, "DELETE FROM scene; DELETE FROM origin;");
  const auto put = [&](const char* sql, const auto& rows) {
    auto row = Statement::prepare(db, file, sql);
    if (!row) {
      done = row.error();
      return;
    }
    for (const auto& [name, content] : rows) {
      if (!done) return;
      const std::string blob = compressed(content);
      done = row->bind(1, std::string_view(name)).bind_blob(2, blob.data(), blob.size()).run();
    }
  };
  if (done)
    put("INSERT INTO scene (name, value) VALUES (?, ?)",
        std::array{std::pair(about_row, std::string_view(scene.about)),
                   std::pair(recordings_row, std::string_view(scene.recordings))});
  if (done) put("INSERT INTO origin (path, content) VALUES (?, ?)", scene.files);
  return done;
}

}  // namespace sweepmark::store_rows
