// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/store/changes.h"
#include "data/store/stored_scene.h"

namespace sweepmark {

/// Who changes labels, with what, when. The store reads no clock.
struct EditBy {
  std::string author, tool;
  TimestampNs time = 0;  ///< UTC, nanoseconds since 1970
};

enum class EditKind : std::uint8_t { edit, undo, redo };

struct LogEntry {
  std::int64_t number = 0;  ///< from 1, without gaps
  EditKind kind = EditKind::edit;
  std::int64_t of = 0;  ///< for an undo or redo: the edit that it undid or did again
  EditBy by;
  std::vector<Change> changes;
};

/// The labels of one scene in one SQLite file (`*.sweepmark`), with the journal of everything that changed them.
///
/// An edit is one transaction: journal and rows change together, on disk before `commit` returns (write-ahead log,
/// synchronous=FULL), so a crash at any moment loses no acknowledged edit and leaves none half there. Undo, redo and
/// any past state come from the journal, after a restart too. One writer: a second one opens read-only and says why.
/// Not for several threads at once.
class LabelStore {
 public:
  /// Makes a new store that holds `labels` as its first edit. \param scene  that the labels belong to; null: not known
  /// Errors: the file exists, cannot be written.
  static Result<LabelStore> create(const std::filesystem::path& file, const LabelSet& labels, const EditBy& by,
                                   const StoredScene* scene = nullptr);
  /// Opens a store; checks its integrity first. A file that another program writes, that may not be written, or that is
  /// damaged opens read-only: `read_only_reason` says why, and a damaged one holds what could be read.
  /// Errors: no such file, not a store, made by a newer version. Cost: O(labels); about a second for a million.
  static Result<LabelStore> open(const std::filesystem::path& file);
  ~LabelStore();
  LabelStore(LabelStore&&) noexcept;
  LabelStore& operator=(LabelStore&&) noexcept;

  const LabelSet& labels() const;
  const std::optional<std::string>& read_only_reason() const;

  /// The scene that the labels belong to; nothing in stores that were made without one. Errors: damage.
  Result<std::optional<StoredScene>> scene() const;
  /// Says to which scene the labels belong; takes the place of what was said before. No entry of the journal: labels do
  /// not change. Errors: a read-only store, a full disk.
  Result<void> set_scene(const StoredScene& scene);

  /// Durable when it returns without error; else nothing has changed, here or on disk. An edit without changes is not
  /// recorded. Errors: those of `apply_changes`, a read-only store, a full disk. Cost: one flush to disk.
  Result<void> commit(const std::vector<Change>& changes, const EditBy& by);
  /// Takes back the last edit that is not undone. \return what changed; nothing when there is nothing to undo
  Result<std::optional<std::vector<Change>>> undo(const EditBy& by);
  /// Does again what the last undo took back; a new edit ends that.
  Result<std::optional<std::vector<Change>>> redo(const EditBy& by);

  /// Calls visit for each entry of the journal in order. Errors: damage.
  Result<void> visit_log(const std::function<void(const LogEntry&)>& visit) const;
  /// The labels as they were after that entry of the journal. Cost: O(changes up to there).
  Result<LabelSet> after_entry(std::int64_t number) const;
  /// As they were after the last entry at or before `time`.
  Result<LabelSet> at(TimestampNs time) const;

 private:
  struct State;
  explicit LabelStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
