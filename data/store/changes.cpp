// SPDX-License-Identifier: Apache-2.0
#include "data/store/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sweepmark {
namespace {

TrackHeader header_of(const Track& track) { return {track.class_name, track.attributes, track.absences}; }
KeyframeValue value_of(const Keyframe& k) { return {k.cuboid, k.stored_count, k.attributes}; }

/// Applies single changes to one label set; finds tracks by id.
class Applier {
 public:
  explicit Applier(LabelSet& labels) : labels_(labels) {
    for (std::size_t i = 0; i < labels.tracks.size(); ++i) position_.emplace(labels.tracks[i].id, i);
  }

  Result<void> apply(const TrackChange& change) {
    const auto at = position_.find(change.track);
    const bool exists = at != position_.end();
    if (exists != change.before.has_value() || (exists && header_of(labels_.tracks[at->second]) != *change.before))
      return Error{fmt::format("track {}: expected it as it was before the change", change.track)};
    if (!change.after) {
      if (!exists) return {};
      if (!labels_.tracks[at->second].keyframes.empty())
        return Error{fmt::format("track {}: expected no keyframes in a track that is removed", change.track)};
      const std::size_t position = at->second;
      labels_.tracks.erase(labels_.tracks.begin() + static_cast<std::ptrdiff_t>(position));
      position_.erase(at);
      for (auto& [id, p] : position_) p -= p > position ? 1 : 0;
      return {};
    }
    if (!exists) {
      position_.emplace(change.track, labels_.tracks.size());
      labels_.tracks.push_back(
          Track{.id = change.track, .class_name = {}, .attributes = {}, .keyframes = {}, .absences = {}});
    }
    Track& track = labels_.tracks[position_.at(change.track)];
    track.class_name = change.after->class_name;
    track.attributes = change.after->attributes;
    track.absences = change.after->absences;
    return {};
  }

  Result<void> apply(const KeyframeChange& change) {
    const auto at = position_.find(change.track);
    if (at == position_.end()) return Error{fmt::format("track {}: expected it to be there", change.track)};
    auto& keyframes = labels_.tracks[at->second].keyframes;
    const auto place = std::ranges::lower_bound(keyframes, change.timestamp, {}, &Keyframe::timestamp);
    const bool exists = place != keyframes.end() && place->timestamp == change.timestamp;
    if (exists != change.before.has_value() || (exists && value_of(*place) != *change.before))
      return Error{fmt::format("{}: expected it as it was before the change", name_of_row(change))};
    if (!change.after) {
      if (exists) keyframes.erase(place);
      return {};
    }
    Keyframe keyframe{.timestamp = change.timestamp,
                      .cuboid = change.after->cuboid,
                      .stored_count = change.after->stored_count,
                      .attributes = change.after->attributes};
    if (exists) {
      keyframe.source_row = place->source_row;
      *place = std::move(keyframe);
    } else {
      keyframes.insert(place, std::move(keyframe));
    }
    return {};
  }

 private:
  LabelSet& labels_;
  std::map<std::string, std::size_t> position_;
};

using Row = std::pair<std::string, std::optional<TimestampNs>>;

Row row_of(const Change& change) {
  if (const auto* k = std::get_if<KeyframeChange>(&change)) return {k->track, k->timestamp};
  return {std::get<TrackChange>(change).track, std::nullopt};
}

}  // namespace

std::vector<Change> inverse(std::span<const Change> changes) {
  std::vector<Change> undo(changes.rbegin(), changes.rend());
  for (Change& change : undo) std::visit([](auto& c) { std::swap(c.before, c.after); }, change);
  return undo;
}

Result<void> apply_changes(LabelSet& labels, std::span<const Change> changes) {
  Applier applier(labels);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto apply_one = [&](const Change& change) {
      return std::visit([&](const auto& c) { return applier.apply(c); }, change);
    };
    auto done = apply_one(changes[i]);
    if (done) continue;
    // Back to where we were.
    for (const Change& undo : inverse(changes.first(i))) (void)apply_one(undo);
    return done;
  }
  return {};
}

std::vector<Change> difference(const LabelSet& from, const LabelSet& to) {
  std::map<std::string_view, const Track*> old_tracks, new_tracks;
  for (const Track& track : from.tracks) old_tracks.emplace(track.id, &track);
  for (const Track& track : to.tracks) new_tracks.emplace(track.id, &track);
  std::vector<Change> headers, keyframes, removed;
  const auto compare_keyframes = [&](const std::string& id, const std::vector<Keyframe>& before,
                                     const std::vector<Keyframe>& after) {
    auto b = before.begin();
    auto a = after.begin();
    while (b != before.end() || a != after.end()) {
      const bool only_before = a == after.end() || (b != before.end() && b->timestamp < a->timestamp);
      const bool only_after = b == before.end() || (a != after.end() && a->timestamp < b->timestamp);
      KeyframeChange change{id, only_before ? b->timestamp : a->timestamp, {}, {}};
      if (!only_after) change.before = value_of(*b++);
      if (!only_before) change.after = value_of(*a++);
      if (change.before != change.after) keyframes.emplace_back(std::move(change));
    }
  };
  for (const Track& track : from.tracks) {
    if (new_tracks.contains(track.id)) continue;
    compare_keyframes(track.id, track.keyframes, {});
    removed.emplace_back(TrackChange{track.id, header_of(track), {}});
  }
  for (const Track& track : to.tracks) {
    const auto old = old_tracks.find(track.id);
    const bool is_new = old == old_tracks.end();
    if (is_new || header_of(*old->second) != header_of(track)) {
      headers.emplace_back(
          TrackChange{track.id, is_new ? std::optional<TrackHeader>{} : header_of(*old->second), header_of(track)});
    }
    compare_keyframes(track.id, is_new ? std::vector<Keyframe>{} : old->second->keyframes, track.keyframes);
  }
  std::ranges::move(keyframes, std::back_inserter(headers));
  std::ranges::move(removed, std::back_inserter(headers));
  return headers;
}

std::string name_of_row(const Change& change) {
  const auto [track, time] = row_of(change);
  return time ? fmt::format("keyframe of {} at {}", track, *time) : fmt::format("track {}", track);
}

Merge merge(const LabelSet& base, const LabelSet& a, const LabelSet& b) {
  const auto changes_a = difference(base, a), changes_b = difference(base, b);
  std::map<Row, const Change*> of_b;
  for (const Change& change : changes_b) of_b.emplace(row_of(change), &change);
  // A track that one side removes while the other works on it: all of it is in conflict.
  const auto removes = [](std::span<const Change> changes) {
    std::map<std::string, const Change*> tracks;
    for (const Change& change : changes) {
      const auto* t = std::get_if<TrackChange>(&change);
      if (t != nullptr && !t->after) tracks.emplace(t->track, &change);
    }
    return tracks;
  };
  const auto removed_by_a = removes(changes_a), removed_by_b = removes(changes_b);
  Merge merged;
  std::set<std::string> contested;
  const auto contest = [&](std::span<const Change> changes, const std::map<std::string, const Change*>& removed,
                           const std::map<std::string, const Change*>& own_removed, bool change_is_of_a) {
    for (const Change& change : changes) {
      const std::string track = row_of(change).first;
      const auto other = removed.find(track);
      if (other == removed.end() || own_removed.contains(track) || !contested.insert(track).second) continue;
      merged.conflicts.emplace_back(change_is_of_a ? change : *other->second, change_is_of_a ? *other->second : change);
    }
  };
  contest(changes_a, removed_by_b, removed_by_a, true);
  contest(changes_b, removed_by_a, removed_by_b, false);

  std::set<Row> taken;
  std::vector<Change> all;
  for (const Change& change : changes_a) {
    const Row row = row_of(change);
    if (contested.contains(row.first)) continue;
    taken.insert(row);
    const auto other = of_b.find(row);
    if (other != of_b.end() && *other->second != change) {
      merged.conflicts.emplace_back(change, *other->second);
    } else {
      all.push_back(change);
    }
  }
  for (const Change& change : changes_b) {
    if (!contested.contains(row_of(change).first) && !taken.contains(row_of(change))) all.push_back(change);
  }
  // In the order that `apply_changes` needs: tracks that come, keyframes, tracks that go.
  std::ranges::stable_sort(all, {}, [](const Change& change) {
    const auto* t = std::get_if<TrackChange>(&change);
    return t == nullptr ? 1 : t->after ? 0 : 2;
  });
  // A new track in conflict takes its keyframes with it.
  std::set<std::string> unborn;
  for (const auto& [x, y] : merged.conflicts) {
    const auto* t = std::get_if<TrackChange>(&x);
    if (t != nullptr && !t->before) unborn.insert(t->track);
  }
  std::erase_if(all, [&](const Change& change) { return unborn.contains(row_of(change).first); });
  merged.changes = std::move(all);
  return merged;
}

}  // namespace sweepmark
