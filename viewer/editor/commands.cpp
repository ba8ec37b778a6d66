// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ranges>

#include "kernels/math/rigid.h"
#include "tracking/attributes_at.h"
#include "tracking/class_at.h"
#include "tracking/provenance.h"
#include "viewer/editor/absences.h"
#include "viewer/editor/attribute_edits.h"

namespace sweepmark::editor {
namespace {

Result<const Track*> find_track(const LabelSet& labels, std::string_view id) {
  const auto found = std::ranges::find(labels.tracks, id, &Track::id);
  if (found == labels.tracks.end()) return Error{fmt::format("there is no track {}", id)};
  return &*found;
}

Result<void> check_unused(const LabelSet& labels, std::string_view id) {
  if (id.empty()) return Error{"a track needs an id"};
  if (find_track(labels, id)) return Error{fmt::format("there is a track {} already", id)};
  return {};
}

Result<void> check_cuboid(const Cuboid& c) {
  if (!is_finite(c.center) || !is_finite(c.size) || !is_finite(c.rotation))
    return Error{"expected a cuboid of finite numbers"};
  if (!(c.size.x > 0 && c.size.y > 0 && c.size.z > 0))
    return Error{fmt::format("expected a size above 0, got {} x {} x {} m", c.size.x, c.size.y, c.size.z)};
  if (std::abs(std::sqrt(dot(c.rotation, c.rotation)) - 1) > 1e-3) return Error{"expected a rotation of unit length"};
  return {};
}

TrackHeader header_of(const Track& track) {
  return {track.class_name, track.attributes, track.absences, track.later_classes};
}
KeyframeValue value_of(const Keyframe& k) { return {k.cuboid, k.stored_count, k.attributes}; }

auto keyframe_at(const Track& track, TimestampNs timestamp) {
  const auto found = std::ranges::lower_bound(track.keyframes, timestamp, {}, &Keyframe::timestamp);
  return found != track.keyframes.end() && found->timestamp == timestamp ? found : track.keyframes.end();
}

/// One track's header with `change` made to it.
template <class F>
Edit change_header(const LabelSet& labels, std::string_view id, const F& change) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  const TrackHeader before = header_of(**track);
  TrackHeader after = before;
  change(after);
  if (after == before) return std::vector<Change>{};
  return std::vector<Change>{TrackChange{std::string(id), before, std::move(after)}};
}

/// What turns the tracks `before` into the tracks `after`.
std::vector<Change> changes_between(std::vector<Track> before, std::vector<Track> after) {
  return difference({std::move(before), nullptr}, {std::move(after), nullptr});
}

}  // namespace

std::string unused_track_id(const LabelSet& labels) {
  std::int64_t largest = 0;
  const auto look_at = [&](const std::string& id) {
    std::int64_t number = 0;
    const char* end = id.data() + id.size();
    const auto read = std::from_chars(id.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end && number < INT64_MAX) largest = std::max(largest, number);
  };
  for (const Track& track : labels.tracks) look_at(track.id);
  for (const ImageTrack& track : labels.image_tracks) look_at(track.id);
  return std::to_string(largest + 1);
}

Edit new_track(const LabelSet& labels, std::string_view id, std::string_view class_name, TimestampNs timestamp,
               const Cuboid& cuboid) {
  if (auto unused = check_unused(labels, id); !unused) return unused.error();
  if (auto valid = check_cuboid(cuboid); !valid) return valid.error();
  const std::string name(id);
  return std::vector<Change>{TrackChange{name, std::nullopt, TrackHeader{std::string(class_name), {}, {}}},
                             KeyframeChange{name, timestamp, std::nullopt, KeyframeValue{cuboid, {}, {}}}};
}

Edit set_keyframe(const LabelSet& labels, std::string_view id, TimestampNs timestamp, const Cuboid& cuboid) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  if (auto valid = check_cuboid(cuboid); !valid) return valid.error();
  // What changes over time holds from the keyframe before.
  KeyframeChange change{std::string(id), timestamp, std::nullopt,
                        KeyframeValue{cuboid, {}, attributes_at(**track, timestamp)}};
  if (const auto old = keyframe_at(**track, timestamp); old != (*track)->keyframes.end()) {
    const bool is_same = old->cuboid == cuboid, is_persons = is_set_by_person(*old);
    if (is_same && is_persons) return std::vector<Change>{};
    change.before = value_of(*old);
    change.after->attributes = old->attributes;
    if (!is_persons) set_provenance(change.after->attributes, {});
    if (is_same) change.after->stored_count = old->stored_count;
  }
  return std::vector<Change>{std::move(change)};
}

Edit remove_keyframe(const LabelSet& labels, std::string_view id, TimestampNs timestamp) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  const auto old = keyframe_at(**track, timestamp);
  if (old == (*track)->keyframes.end()) return Error{fmt::format("track {} has no keyframe at {}", id, timestamp)};
  if ((*track)->keyframes.size() == 1) return changes_between({**track}, {});
  return std::vector<Change>{KeyframeChange{std::string(id), timestamp, value_of(*old), std::nullopt}};
}

Edit set_absence(const LabelSet& labels, std::string_view id, TimestampNs begin, TimestampNs end) {
  if (end < begin) return Error{fmt::format("an absence that ends at {}, before it begins at {}", end, begin)};
  return change_header(labels, id,
                       [&](TrackHeader& header) { header.absences = with_absence(header.absences, begin, end); });
}

Edit clear_absence(const LabelSet& labels, std::string_view id, TimestampNs begin, TimestampNs end) {
  if (end < begin) return Error{fmt::format("a presence that ends at {}, before it begins at {}", end, begin)};
  return change_header(labels, id,
                       [&](TrackHeader& header) { header.absences = without_absence(header.absences, begin, end); });
}

Edit set_attribute_from(const LabelSet& labels, std::string_view id, TimestampNs timestamp, std::string_view name,
                        std::string_view value) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  if (name.empty()) return Error{"an attribute needs a name"};
  auto at = keyframe_at(**track, timestamp);
  if (at == (*track)->keyframes.end()) return Error{fmt::format("track {} has no keyframe at {}", id, timestamp)};
  std::vector<Change> changes;
  if (value_of_attribute(at->attributes, name) == value) return changes;
  for (const auto end = end_of_value(at, (*track)->keyframes.end(), name); at != end; ++at) {
    KeyframeValue after = value_of(*at);
    set_or_erase(after.attributes, name, value);
    changes.emplace_back(KeyframeChange{std::string(id), at->timestamp, value_of(*at), std::move(after)});
  }
  return changes;
}

Edit merge_tracks(const LabelSet& labels, std::string_view into, std::string_view from) {
  const auto kept = find_track(labels, into), gone = find_track(labels, from);
  if (!kept) return kept.error();
  if (!gone) return gone.error();
  if (into == from) return Error{fmt::format("track {} cannot be merged with itself", into)};
  Track merged = **kept;
  for (const Keyframe& keyframe : (*gone)->keyframes)
    if (keyframe_at(**kept, keyframe.timestamp) == (*kept)->keyframes.end()) merged.keyframes.push_back(keyframe);
  std::ranges::sort(merged.keyframes, {}, &Keyframe::timestamp);
  LabelSet absences{{merged}, nullptr};
  for (const AbsenceSpan& span : (*gone)->absences) {
    const auto joined = set_absence(absences, into, span.begin, span.end);
    if (!joined) return joined.error();
    if (auto done = apply_changes(absences, *joined); !done) return done.error();
  }
  return changes_between({**kept, **gone}, {std::move(absences.tracks.front())});
}

Edit split_track(const LabelSet& labels, std::string_view id, TimestampNs timestamp, std::string_view new_id) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  if (auto unused = check_unused(labels, new_id); !unused) return unused.error();
  const auto& all = (*track)->keyframes;
  const auto cut = std::ranges::lower_bound(all, timestamp, {}, &Keyframe::timestamp);
  if (cut == all.begin() || cut == all.end())
    return Error{fmt::format("track {} has no keyframes on one side of {}", id, timestamp)};
  Track first = **track, second = **track;
  second.id = new_id;
  first.keyframes.assign(all.begin(), cut);
  second.keyframes.assign(cut, all.end());
  take_classes_of(**track, first);
  take_classes_of(**track, second);
  first.absences.clear();
  second.absences.clear();
  for (const AbsenceSpan& span : (*track)->absences) {
    if (span.begin < timestamp) first.absences.push_back({span.begin, std::min(span.end, timestamp - 1)});
    if (span.end >= timestamp) second.absences.push_back({std::max(span.begin, timestamp), span.end});
  }
  return changes_between({**track}, {std::move(first), std::move(second)});
}

Edit set_size_of_all(const LabelSet& labels, std::string_view id, Vec3d size) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  if (auto valid = check_cuboid({{}, size, {}}); !valid) return valid.error();
  Track resized = **track;
  for (Keyframe& keyframe : resized.keyframes) {
    if (keyframe.cuboid.size == size) continue;
    const double rise = (size.z - keyframe.cuboid.size.z) / 2;
    keyframe.cuboid.center = keyframe.cuboid.center + rotate(keyframe.cuboid.rotation, {0, 0, rise});
    keyframe.cuboid.size = size;
    keyframe.stored_count.reset();
  }
  return changes_between({**track}, {std::move(resized)});
}

Edit make_static(const LabelSet& labels, std::string_view id, const Cuboid& cuboid, TimestampNs first,
                 TimestampNs last) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  if (auto valid = check_cuboid(cuboid); !valid) return valid.error();
  if (last < first) return Error{fmt::format("a track that ends at {}, before it begins at {}", last, first)};
  Track still = **track;
  still.keyframes.clear();
  for (const TimestampNs timestamp : {first, last}) {
    if (!still.keyframes.empty() && first == last) break;
    Keyframe keyframe{timestamp, cuboid, {}, {}, Keyframe::no_source_row};
    if (const auto old = keyframe_at(**track, timestamp); old != (*track)->keyframes.end()) {
      keyframe.attributes = old->attributes;
      if (!is_set_by_person(*old)) set_provenance(keyframe.attributes, {});
      if (old->cuboid == cuboid) keyframe.stored_count = old->stored_count;
    }
    still.keyframes.push_back(std::move(keyframe));
  }
  return changes_between({**track}, {std::move(still)});
}

Edit put_refined(const LabelSet& labels, const Track& refined) {
  const auto track = find_track(labels, refined.id);
  if (!track) return track.error();
  const auto is_same = [](const Keyframe& a, const Keyframe& b) {
    return a.timestamp == b.timestamp && a.cuboid == b.cuboid;
  };
  auto own = (*track)->keyframes | std::views::filter(is_set_by_person);
  auto from = refined.keyframes | std::views::filter(is_set_by_person);
  if (!std::ranges::equal(own, from, is_same))
    return Error{fmt::format("track {} was edited while it was refined: refine it again", refined.id)};
  Track result = **track;
  result.keyframes = refined.keyframes;
  return changes_between({**track}, {std::move(result)});
}

Edit drop_computed(const LabelSet& labels, std::string_view id) {
  const auto track = find_track(labels, id);
  if (!track) return track.error();
  Track own = only_set_by_person(**track);
  // What sensors made of a person's keyframes goes at the ends too, as long as a person's are left.
  const auto is_computed = [](const Keyframe& k) {
    const std::string what = provenance_of(k.attributes).what;
    return what == provenance::refined || what == provenance::propagated;
  };
  if (std::ranges::any_of(own.keyframes, is_set_by_person)) std::erase_if(own.keyframes, is_computed);
  if (own.keyframes.size() == (*track)->keyframes.size())
    return Error{fmt::format("track {} has no keyframe that a program set", id)};
  return changes_between({**track}, {std::move(own)});
}

}  // namespace sweepmark::editor
