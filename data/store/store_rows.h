// SPDX-License-Identifier: Apache-2.0
//
// The tables of a store (docs/store.md) as values. Used by the store only.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "data/store/label_store.h"
#include "data/store/sqlite.h"

namespace sweepmark::store_rows {

constexpr int newest_version = 4;

/// Makes the tables of the newest version in an empty database.
Result<void> make_tables(sqlite3* db, const std::filesystem::path& file);
/// Brings the tables of an older version to the newest one and says so in the file, all or nothing.
Result<void> migrate(sqlite3* db, const std::filesystem::path& file, std::int64_t version);

/// \param labels  filled as far as the tables can be read, on an error too
Result<void> read_labels(sqlite3* db, const std::filesystem::path& file, LabelSet& labels);

/// Calls visit for each entry of the journal in order, without its changes.
Result<void> read_entries(sqlite3* db, const std::filesystem::path& file,
                          const std::function<Result<void>(LogEntry)>& visit);
Result<std::vector<Change>> read_changes(sqlite3* db, const std::filesystem::path& file, std::int64_t entry);

/// Writes an entry of the journal and what it changes. \pre within a transaction
Result<void> write(sqlite3* db, const std::filesystem::path& file, const LogEntry& entry);

/// What the store keeps of its scene. \pre for writing: within a transaction
Result<std::optional<StoredScene>> read_scene(sqlite3* db, const std::filesystem::path& file);
Result<void> write_scene(sqlite3* db, const std::filesystem::path& file, const StoredScene& scene);

/// "damaged (track car-1): /path"
Error damaged(const std::filesystem::path& file, const std::string& what);

}  // namespace sweepmark::store_rows
