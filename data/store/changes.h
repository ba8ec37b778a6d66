// SPDX-License-Identifier: Apache-2.0
//
// Labels as rows, and what changes them. One change is a row before and after, so its inverse, the history, the
// difference of two label sets and their merge all come from the same values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "data/label_set.h"
#include "kernels/result.h"

namespace sweepmark {

/// A track without its keyframes, in 3D or in a camera.
struct TrackHeader {
  std::string class_name;
  Attributes attributes;
  std::vector<AbsenceSpan> absences;
  std::vector<LaterClass> later_classes = {};
  friend bool operator==(const TrackHeader&, const TrackHeader&) = default;
};

struct KeyframeValue {
  Cuboid cuboid;  ///< frame world
  std::optional<std::int64_t> stored_count;
  Attributes attributes;
  friend bool operator==(const KeyframeValue&, const KeyframeValue&) = default;
};

struct ImageKeyframeValue {
  ImageValue value;
  Attributes attributes = {};
  friend bool operator==(const ImageKeyframeValue&, const ImageKeyframeValue&) = default;
};

/// The point labels of one sweep: their values, or where they still are as a dataset has them.
struct PointLabelValue {
  std::shared_ptr<const PointLabels> values;  ///< compared by content
  std::filesystem::path file = {};
  PointLabelKind kind = PointLabelKind::semantic_kitti;
  friend bool operator==(const PointLabelValue& a, const PointLabelValue& b);
};
/// The name of a class of point labels.
struct PointClass {
  std::uint16_t number = 0;
  std::string name;
  friend bool operator==(const PointClass&, const PointClass&) = default;
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
struct ImageTrackChange {
  std::string camera, track;
  std::optional<TrackHeader> before, after;
  friend bool operator==(const ImageTrackChange&, const ImageTrackChange&) = default;
};
struct ImageKeyframeChange {
  std::string camera, track;
  TimestampNs timestamp = 0;
  std::optional<ImageKeyframeValue> before, after;
  friend bool operator==(const ImageKeyframeChange&, const ImageKeyframeChange&) = default;
};
/// A row that is one value with a name of its own. \pre where a value is there, its name or id is `id`
template <class Value>
struct ItemChange {
  std::string id;
  std::optional<Value> before, after;
  friend bool operator==(const ItemChange&, const ItemChange&) = default;
};
using ClassChange = ItemChange<ClassDefinition>;
using SkeletonChange = ItemChange<SkeletonDefinition>;
using EventChange = ItemChange<Event>;
using CommentChange = ItemChange<ReviewComment>;
using PointClassChange = ItemChange<PointClass>;  ///< `id` is the number in digits
struct PointLabelChange {
  std::string sensor;
  TimestampNs timestamp = 0;
  std::optional<PointLabelValue> before, after;
  friend bool operator==(const PointLabelChange&, const PointLabelChange&) = default;
};

/// The order is part of the store's file format: new kinds go to the end.
using Change = std::variant<TrackChange, KeyframeChange, ImageTrackChange, ImageKeyframeChange, ClassChange,
                            SkeletonChange, EventChange, CommentChange, PointClassChange, PointLabelChange>;

/// Which row a change is about: its kind (an index of `Change`), and what names a row of that kind.
struct RowName {
  std::size_t kind = 0;
  std::string camera = {};               ///< image tracks and their keyframes; the sensor of point labels
  std::string id = {};                   ///< of the track, class, skeleton, event or comment
  std::optional<TimestampNs> time = {};  ///< keyframes, point labels
  friend auto operator<=>(const RowName&, const RowName&) = default;
};
RowName row_of(const Change& change);

/// "keyframe of car-1 at 1500000000", "track car-1", "image track 7 in front": for messages.
std::string name_of_row(const Change& change);

/// The changes that undo `changes`, in the order in which to apply them.
std::vector<Change> inverse(std::span<const Change> changes);

/// Applies changes in order. On error the labels are unchanged: a row that is not what `before` says, a keyframe of a
/// track that is not there, a track removed while it has keyframes; the error names the row.
/// Cost: O(changes * log(labels)) and the moves of keyframes behind inserted ones; a few changes look at each track
/// once.
Result<void> apply_changes(LabelSet& labels, std::span<const Change> changes);

/// What turns `from` into `to`, by track id and timestamp: new tracks first, then keyframes, then removed tracks, then
/// all other rows. Rows keep their order, new ones follow. What only a file knows (`Keyframe::source_row`) is not
/// compared.
std::vector<Change> difference(const LabelSet& from, const LabelSet& to);

struct Merge {
  std::vector<Change> changes;                       ///< from `base`: both sides' changes that do not conflict
  std::vector<std::pair<Change, Change>> conflicts;  ///< one row changed in two ways: `a`'s and `b`'s change of it
};

/// Three-way merge by track id and timestamp. Nothing is guessed: rows in conflict stay as in `base`.
/// Where two people gave one object two ids, see data/store/match_tracks.h first.
Merge merge(const LabelSet& base, const LabelSet& a, const LabelSet& b);

}  // namespace sweepmark
