// SPDX-License-Identifier: Apache-2.0
#include "data/store/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "data/formats/text.h"

namespace sweepmark {
namespace {

/// What names a track: its camera (empty in 3D) and id.
using TrackName = std::pair<std::string, std::string>;

template <class AnyTrack>
TrackHeader header_of(const AnyTrack& track) {
  return {track.class_name, track.attributes, track.absences, track.later_classes};
}
KeyframeValue value_of(const Keyframe& k) { return {k.cuboid, k.stored_count, k.attributes}; }
ImageKeyframeValue value_of(const ImageKeyframe& k) { return {k.value, k.attributes}; }

TrackName name_of(const Track& track) { return {{}, track.id}; }
TrackName name_of(const ImageTrack& track) { return {track.camera, track.id}; }
const std::string& name_of(const ClassDefinition& item) { return item.name; }
const std::string& name_of(const SkeletonDefinition& item) { return item.name; }
const std::string& name_of(const Event& item) { return item.id; }
const std::string& name_of(const ReviewComment& item) { return item.id; }
std::string name_of(const PointClass& item) { return std::to_string(item.number); }
PointLabelValue value_of(const SweepPointLabels& s) { return {s.values, s.file, s.kind}; }
std::pair<TimestampNs, std::string> place_of(const SweepPointLabels& s) { return {s.timestamp, s.sensor}; }
std::pair<TimestampNs, std::string> place_of(const PointLabelChange& c) { return {c.timestamp, c.sensor}; }

template <class AnyChange>
constexpr bool is_track_change = std::is_same_v<AnyChange, TrackChange> || std::is_same_v<AnyChange, ImageTrackChange>;
template <class AnyChange>
constexpr bool is_keyframe_change =
    std::is_same_v<AnyChange, KeyframeChange> || std::is_same_v<AnyChange, ImageKeyframeChange>;

TrackName track_of(const TrackChange& c) { return {{}, c.track}; }
TrackName track_of(const KeyframeChange& c) { return {{}, c.track}; }
TrackName track_of(const ImageTrackChange& c) { return {c.camera, c.track}; }
TrackName track_of(const ImageKeyframeChange& c) { return {c.camera, c.track}; }

void set_value(Keyframe& k, const KeyframeValue& value) {
  k.cuboid = value.cuboid;
  k.stored_count = value.stored_count;
  k.attributes = value.attributes;
}
void set_value(ImageKeyframe& k, const ImageKeyframeValue& value) {
  k.value = value.value;
  k.attributes = value.attributes;
}

/// Items of one kind by name. Looks through them for a few questions and makes an index for many; removed items go at
/// the end, all at once.
template <class Item>
class Table {
 public:
  using Name = std::decay_t<decltype(name_of(std::declval<const Item&>()))>;

  explicit Table(std::vector<Item>& items) : items_(items) {}
  ~Table() {
    if (removed_.empty()) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (removed_.contains(i)) continue;
      if (kept != i) items_[kept] = std::move(items_[i]);
      ++kept;
    }
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(kept), items_.end());
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  Item* find(const Name& name) {
    const auto at = position(name);
    return at ? &items_[*at] : nullptr;
  }
  Item& add(Item item) {
    if (is_indexed_) index_.insert_or_assign(name_of(item), items_.size());
    return items_.emplace_back(std::move(item));
  }
  void remove(const Name& name) {
    const auto at = position(name);
    if (!at) return;
    removed_.insert(*at);
    if (is_indexed_) index_.erase(name);
  }

 private:
  std::optional<std::size_t> position(const Name& name) {
    constexpr int few = 8;
    if (!is_indexed_ && ++asked_ <= few) {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (name_of(items_[i]) == name && !removed_.contains(i)) return i;
      }
      return std::nullopt;
    }
    if (!std::exchange(is_indexed_, true)) {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!removed_.contains(i)) index_.emplace(name_of(items_[i]), i);
      }
    }
    const auto found = index_.find(name);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
  }

  std::vector<Item>& items_;
  std::set<std::size_t> removed_;
  std::map<Name, std::size_t> index_;
  bool is_indexed_ = false;
  int asked_ = 0;
};

/// Applies single changes to one label set.
class Applier {
 public:
  explicit Applier(LabelSet& labels)
      : tracks_(labels.tracks),
        image_tracks_(labels.image_tracks),
        classes_(labels.ontology.classes),
        skeletons_(labels.ontology.skeletons),
        events_(labels.events),
        comments_(labels.comments),
        point_labels_(labels.point_labels),
        point_classes_(labels.point_classes) {}

  Result<void> apply(const Change& change) {
    return std::visit([&](const auto& c) { return apply_one(c); }, change);
  }

 private:
  Result<void> apply_one(const TrackChange& c) { return apply_header(tracks_, c); }
  Result<void> apply_one(const ImageTrackChange& c) { return apply_header(image_tracks_, c); }
  Result<void> apply_one(const KeyframeChange& c) { return apply_keyframe(tracks_, c); }
  Result<void> apply_one(const ImageKeyframeChange& c) { return apply_keyframe(image_tracks_, c); }
  Result<void> apply_one(const ClassChange& c) { return apply_item(classes_, c); }
  Result<void> apply_one(const SkeletonChange& c) { return apply_item(skeletons_, c); }
  Result<void> apply_one(const EventChange& c) { return apply_item(events_, c); }
  Result<void> apply_one(const CommentChange& c) { return apply_item(comments_, c); }

  Result<void> apply_one(const PointClassChange& change) {
    std::int64_t number = -1;
    if (!parse_number(std::string_view(change.id), number) || number < 0 || number > 0xFFFF)
      return not_as_before(change);
    const auto at = point_classes_.find(static_cast<std::uint16_t>(number));
    const bool exists = at != point_classes_.end();
    if (exists != change.before.has_value() || (exists && at->second != change.before->name))
      return not_as_before(change);
    if (change.after) {
      point_classes_.insert_or_assign(static_cast<std::uint16_t>(number), change.after->name);
    } else if (exists) {
      point_classes_.erase(at);
    }
    return {};
  }

  Result<void> apply_one(const PointLabelChange& change) {
    const auto place = std::ranges::lower_bound(point_labels_, place_of(change), {},
                                                [](const SweepPointLabels& s) { return place_of(s); });
    const bool exists = place != point_labels_.end() && place_of(*place) == place_of(change);
    if (exists != change.before.has_value() || (exists && value_of(*place) != *change.before))
      return not_as_before(change);
    if (!change.after) {
      if (exists) point_labels_.erase(place);
      return {};
    }
    SweepPointLabels labels{change.timestamp, change.sensor, change.after->file, change.after->kind,
                            change.after->values};
    if (exists) {
      *place = std::move(labels);
    } else {
      point_labels_.insert(place, std::move(labels));
    }
    return {};
  }

  static Error not_as_before(const Change& change) {
    return Error{fmt::format("{}: expected it as it was before the change", name_of_row(change))};
  }
  static Track empty_track(const TrackChange& change) {
    return {.id = change.track, .class_name = {}, .attributes = {}, .keyframes = {}, .absences = {}};
  }
  static ImageTrack empty_track(const ImageTrackChange& change) {
    return {.camera = change.camera, .id = change.track};
  }

  template <class AnyTrack, class AnyChange>
  static Result<void> apply_header(Table<AnyTrack>& table, const AnyChange& change) {
    AnyTrack* track = table.find(track_of(change));
    const bool exists = track != nullptr;
    if (exists != change.before.has_value() || (exists && header_of(*track) != *change.before))
      return not_as_before(change);
    if (!change.after) {
      if (!exists) return {};
      if (!track->keyframes.empty())
        return Error{fmt::format("{}: expected no keyframes in a track that is removed", name_of_row(change))};
      table.remove(track_of(change));
      return {};
    }
    if (!exists) track = &table.add(empty_track(change));
    track->class_name = change.after->class_name;
    track->attributes = change.after->attributes;
    track->absences = change.after->absences;
    track->later_classes = change.after->later_classes;
    return {};
  }

  template <class AnyTrack, class AnyChange>
  static Result<void> apply_keyframe(Table<AnyTrack>& table, const AnyChange& change) {
    AnyTrack* track = table.find(track_of(change));
    if (track == nullptr) return Error{fmt::format("{}: expected its track to be there", name_of_row(change))};
    auto& keyframes = track->keyframes;
    using AnyKeyframe = typename std::decay_t<decltype(keyframes)>::value_type;
    const auto place = std::ranges::lower_bound(keyframes, change.timestamp, {}, &AnyKeyframe::timestamp);
    const bool exists = place != keyframes.end() && place->timestamp == change.timestamp;
    if (exists != change.before.has_value() || (exists && value_of(*place) != *change.before))
      return not_as_before(change);
    if (!change.after) {
      if (exists) keyframes.erase(place);
    } else if (exists) {
      set_value(*place, *change.after);
    } else {
      AnyKeyframe keyframe{};
      keyframe.timestamp = change.timestamp;
      set_value(keyframe, *change.after);
      keyframes.insert(place, std::move(keyframe));
    }
    return {};
  }

  template <class Item>
  static Result<void> apply_item(Table<Item>& table, const ItemChange<Item>& change) {
    Item* item = table.find(change.id);
    const bool exists = item != nullptr;
    if (exists != change.before.has_value() || (exists && *item != *change.before)) return not_as_before(change);
    if (!change.after) {
      table.remove(change.id);
    } else if (exists) {
      *item = *change.after;
    } else {
      table.add(*change.after);
    }
    return {};
  }

  Table<Track> tracks_;
  Table<ImageTrack> image_tracks_;
  Table<ClassDefinition> classes_;
  Table<SkeletonDefinition> skeletons_;
  Table<Event> events_;
  Table<ReviewComment> comments_;
  std::vector<SweepPointLabels>& point_labels_;  ///< ascending in time
  std::map<std::uint16_t, std::string>& point_classes_;
};

}  // namespace

bool operator==(const PointLabelValue& a, const PointLabelValue& b) {
  if ((a.values == nullptr) != (b.values == nullptr)) return false;
  // Values count and not the file that they once came from.
  if (a.values != nullptr) return a.values == b.values || *a.values == *b.values;
  return a.file == b.file && a.kind == b.kind;
}

RowName row_of(const Change& change) {
  RowName row{.kind = change.index()};
  std::visit(
      [&](const auto& c) {
        using AnyChange = std::decay_t<decltype(c)>;
        if constexpr (is_track_change<AnyChange> || is_keyframe_change<AnyChange>) {
          std::tie(row.camera, row.id) = track_of(c);
        } else if constexpr (std::is_same_v<AnyChange, PointLabelChange>) {
          row.camera = c.sensor;
          row.time = c.timestamp;
        } else {
          row.id = c.id;
        }
        if constexpr (is_keyframe_change<AnyChange>) row.time = c.timestamp;
      },
      change);
  return row;
}

std::string name_of_row(const Change& change) {
  const RowName row = row_of(change);
  constexpr const char* kinds[] = {"track",          "keyframe", "image track", "image keyframe", "class",
                                   "skeleton class", "event",    "comment",     "point class",    "point labels"};
  static_assert(std::size(kinds) == std::variant_size_v<Change>);
  std::string name =
      row.time ? fmt::format("{} of {}", kinds[row.kind], row.id) : fmt::format("{} {}", kinds[row.kind], row.id);
  if (!row.camera.empty()) name += " in " + row.camera;
  if (row.time) name += fmt::format(" at {}", *row.time);
  return name;
}

std::vector<Change> inverse(std::span<const Change> changes) {
  std::vector<Change> undo(changes.rbegin(), changes.rend());
  for (Change& change : undo) std::visit([](auto& c) { std::swap(c.before, c.after); }, change);
  return undo;
}

Result<void> apply_changes(LabelSet& labels, std::span<const Change> changes) {
  Applier applier(labels);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto done = applier.apply(changes[i]);
    if (done) continue;
    // Back to where we were.
    for (const Change& undo : inverse(changes.first(i))) (void)applier.apply(undo);
    return done;
  }
  return {};
}

namespace {

TrackChange header_change(const Track& t) { return {t.id, {}, {}}; }
ImageTrackChange header_change(const ImageTrack& t) { return {t.camera, t.id, {}, {}}; }
KeyframeChange keyframe_change(const Track& t, TimestampNs time) { return {t.id, time, {}, {}}; }
ImageKeyframeChange keyframe_change(const ImageTrack& t, TimestampNs time) { return {t.camera, t.id, time, {}, {}}; }

/// The rows of a difference in the order in which they are applied.
struct Differences {
  std::vector<Change> headers, keyframes, removed, others;

  template <class AnyTrack>
  void compare_keyframes(const AnyTrack& track, const decltype(AnyTrack::keyframes)& before,
                         const decltype(AnyTrack::keyframes)& after) {
    auto b = before.begin();
    auto a = after.begin();
    while (b != before.end() || a != after.end()) {
      const bool only_before = a == after.end() || (b != before.end() && b->timestamp < a->timestamp);
      const bool only_after = b == before.end() || (a != after.end() && a->timestamp < b->timestamp);
      auto change = keyframe_change(track, only_before ? b->timestamp : a->timestamp);
      if (!only_after) change.before = value_of(*b++);
      if (!only_before) change.after = value_of(*a++);
      if (change.before != change.after) keyframes.emplace_back(std::move(change));
    }
  }

  template <class AnyTrack>
  void compare_tracks(const std::vector<AnyTrack>& from, const std::vector<AnyTrack>& to) {
    std::map<TrackName, const AnyTrack*> old_tracks, new_tracks;
    for (const AnyTrack& track : from) old_tracks.emplace(name_of(track), &track);
    for (const AnyTrack& track : to) new_tracks.emplace(name_of(track), &track);
    for (const AnyTrack& track : from) {
      if (new_tracks.contains(name_of(track))) continue;
      compare_keyframes(track, track.keyframes, {});
      auto change = header_change(track);
      change.before = header_of(track);
      removed.emplace_back(std::move(change));
    }
    for (const AnyTrack& track : to) {
      const auto old = old_tracks.find(name_of(track));
      auto change = header_change(track);
      if (old != old_tracks.end()) change.before = header_of(*old->second);
      change.after = header_of(track);
      if (change.before != change.after) headers.emplace_back(std::move(change));
      compare_keyframes(track, old == old_tracks.end() ? decltype(AnyTrack::keyframes){} : old->second->keyframes,
                        track.keyframes);
    }
  }

  template <class Item>
  void compare_items(const std::vector<Item>& from, const std::vector<Item>& to) {
    std::map<std::string, const Item*> old_items, new_items;
    for (const Item& item : from) old_items.emplace(name_of(item), &item);
    for (const Item& item : to) new_items.emplace(name_of(item), &item);
    for (const Item& item : from) {
      if (!new_items.contains(name_of(item))) others.emplace_back(ItemChange<Item>{name_of(item), item, {}});
    }
    for (const Item& item : to) {
      const auto old = old_items.find(name_of(item));
      if (old == old_items.end()) {
        others.emplace_back(ItemChange<Item>{name_of(item), {}, item});
      } else if (*old->second != item) {
        others.emplace_back(ItemChange<Item>{name_of(item), *old->second, item});
      }
    }
  }

  void compare_point_labels(const LabelSet& from, const LabelSet& to) {
    std::map<std::pair<TimestampNs, std::string>, PointLabelChange> changes;
    for (const SweepPointLabels& s : from.point_labels)
      changes.emplace(place_of(s), PointLabelChange{s.sensor, s.timestamp, value_of(s), {}});
    for (const SweepPointLabels& s : to.point_labels)
      changes.emplace(place_of(s), PointLabelChange{s.sensor, s.timestamp, {}, {}}).first->second.after = value_of(s);
    for (auto& [place, change] : changes) {
      if (change.before != change.after) others.emplace_back(std::move(change));
    }
    const auto classes_of = [](const LabelSet& labels) {
      std::vector<PointClass> classes;
      for (const auto& [number, name] : labels.point_classes) classes.push_back({number, name});
      return classes;
    };
    compare_items(classes_of(from), classes_of(to));
  }
};

}  // namespace

std::vector<Change> difference(const LabelSet& from, const LabelSet& to) {
  Differences rows;
  rows.compare_tracks(from.tracks, to.tracks);
  rows.compare_tracks(from.image_tracks, to.image_tracks);
  rows.compare_items(from.ontology.classes, to.ontology.classes);
  rows.compare_items(from.ontology.skeletons, to.ontology.skeletons);
  rows.compare_items(from.events, to.events);
  rows.compare_items(from.comments, to.comments);
  rows.compare_point_labels(from, to);
  std::vector<Change> all = std::move(rows.headers);
  for (auto* part : {&rows.keyframes, &rows.removed, &rows.others}) std::ranges::move(*part, std::back_inserter(all));
  return all;
}

namespace {

/// The row of the track that a change is about; nothing for rows of no track.
std::optional<RowName> track_name(const Change& change) {
  return std::visit(
      [](const auto& c) -> std::optional<RowName> {
        using AnyChange = std::decay_t<decltype(c)>;
        if constexpr (is_track_change<AnyChange>) {
          return row_of(c);
        } else if constexpr (std::is_same_v<AnyChange, KeyframeChange>) {
          return row_of(TrackChange{c.track, {}, {}});
        } else if constexpr (std::is_same_v<AnyChange, ImageKeyframeChange>) {
          return row_of(ImageTrackChange{c.camera, c.track, {}, {}});
        } else {
          return std::nullopt;
        }
      },
      change);
}

bool makes_track(const Change& change) {
  return std::visit(
      [](const auto& c) { return is_track_change<std::decay_t<decltype(c)>> && !c.before && c.after.has_value(); },
      change);
}
bool removes_track(const Change& change) {
  return std::visit([](const auto& c) { return is_track_change<std::decay_t<decltype(c)>> && !c.after; }, change);
}
bool changes_track(const Change& change) {
  return std::visit([](const auto& c) { return is_track_change<std::decay_t<decltype(c)>>; }, change);
}

}  // namespace

Merge merge(const LabelSet& base, const LabelSet& a, const LabelSet& b) {
  const auto changes_a = difference(base, a), changes_b = difference(base, b);
  std::map<RowName, const Change*> of_b;
  for (const Change& change : changes_b) of_b.emplace(row_of(change), &change);
  // A track that one side removes while the other works on it: all of it is in conflict.
  const auto removes = [](std::span<const Change> changes) {
    std::map<RowName, const Change*> tracks;
    for (const Change& change : changes) {
      if (removes_track(change)) tracks.emplace(*track_name(change), &change);
    }
    return tracks;
  };
  const auto removed_by_a = removes(changes_a), removed_by_b = removes(changes_b);
  Merge merged;
  std::set<RowName> contested;
  const auto contest = [&](std::span<const Change> changes, const std::map<RowName, const Change*>& removed,
                           const std::map<RowName, const Change*>& own_removed, bool change_is_of_a) {
    for (const Change& change : changes) {
      const auto track = track_name(change);
      if (!track) continue;
      const auto other = removed.find(*track);
      if (other == removed.end() || own_removed.contains(*track) || !contested.insert(*track).second) continue;
      merged.conflicts.emplace_back(change_is_of_a ? change : *other->second, change_is_of_a ? *other->second : change);
    }
  };
  contest(changes_a, removed_by_b, removed_by_a, true);
  contest(changes_b, removed_by_a, removed_by_b, false);

  const auto is_contested = [&](const Change& change) {
    const auto track = track_name(change);
    return track && contested.contains(*track);
  };
  std::set<RowName> taken;
  std::vector<Change> all;
  for (const Change& change : changes_a) {
    const RowName row = row_of(change);
    if (is_contested(change)) continue;
    taken.insert(row);
    const auto other = of_b.find(row);
    if (other != of_b.end() && *other->second != change) {
      merged.conflicts.emplace_back(change, *other->second);
    } else {
      all.push_back(change);
    }
  }
  for (const Change& change : changes_b) {
    if (!is_contested(change) && !taken.contains(row_of(change))) all.push_back(change);
  }
  // In the order that `apply_changes` needs: tracks that come, all else, tracks that go.
  std::ranges::stable_sort(all, {}, [](const Change& change) {
    return removes_track(change) ? 2 : changes_track(change) ? 0 : 1;
  });
  // A new track in conflict takes its keyframes with it.
  std::set<RowName> unborn;
  for (const auto& [x, y] : merged.conflicts) {
    if (makes_track(x)) unborn.insert(*track_name(x));
  }
  std::erase_if(all, [&](const Change& change) {
    const auto track = track_name(change);
    return track && unborn.contains(*track);
  });
  merged.changes = std::move(all);
  return merged;
}

}  // namespace sweepmark
