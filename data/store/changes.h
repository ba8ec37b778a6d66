// SPDX-License-Identifier: Apache-2.0
//
// Labels as rows, and what changes them. One change is a row before and after, so its inverse, the history, the
// difference of two label sets and their merge all come from the same values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "data/label_set.h"
#include "kernels/result.h"

namespace sweepmark {

/// A track without its keyframes.
struct TrackHeader {
  std::string class_name;
  Attributes attributes;
  std::vector<AbsenceSpan> absences;
  friend bool operator==(const TrackHeader&, const TrackHeader&) = default;
};

struct KeyframeValue {
  Cuboid cuboid;  ///< frame world
  std::optional<std::int64_t> stored_count;
  Attributes attributes;
  friend bool operator==(const KeyframeValue&, const KeyframeValue&) = default;
};

/// Nothing before: the row is new. Nothing after: it is removed.
struct TrackChange {
  std::string track;
  std::optional<TrackHeader> before, after;
  friend bool operator==(const TrackChange&, const TrackChange&) = default;
};
struct KeyframeChange {
  std::string track;
  TimestampNs timestamp = 0;
  std::optional<KeyframeValue> before, after;
  friend bool operator==(const KeyframeChange&, const KeyframeChange&) = default;
};
using Change = std::variant<TrackChange, KeyframeChange>;

/// The changes that undo `changes`, in the order in which to apply them.
std::vector<Change> inverse(std::span<const Change> changes);

/// Applies changes in order. On error the labels are unchanged: a row that is not what `before` says, a keyframe of a
/// track that is not there, a track removed while it has keyframes; the error names the row.
/// Cost: O(changes * log(labels)) and the moves of keyframes behind inserted ones.
Result<void> apply_changes(LabelSet& labels, std::span<const Change> changes);

/// What turns `from` into `to`, by track id and timestamp: new tracks first, then keyframes, then removed tracks.
/// Tracks keep their order, new ones follow. What only a file knows (`Keyframe::source_row`) is not compared.
std::vector<Change> difference(const LabelSet& from, const LabelSet& to);

/// "keyframe of car-1 at 1500000000", "track car-1": for messages.
std::string name_of_row(const Change& change);

struct Merge {
  std::vector<Change> changes;                       ///< from `base`: both sides' changes that do not conflict
  std::vector<std::pair<Change, Change>> conflicts;  ///< one row changed in two ways: `a`'s and `b`'s change of it
};

/// Three-way merge by track id and timestamp. Nothing is guessed: rows in conflict stay as in `base`.
Merge merge(const LabelSet& base, const LabelSet& a, const LabelSet& b);

}  // namespace sweepmark
