// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tracking/attributes_at.h"
#include "tracking/evaluate_image.h"
#include "tracking/provenance.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {
namespace {

const ImageKeyframe* keyframe_at(const ImageTrack& track, TimestampNs time) {
  const auto found = std::ranges::lower_bound(track.keyframes, time, {}, &ImageKeyframe::timestamp);
  return found != track.keyframes.end() && found->timestamp == time ? &*found : nullptr;
}

bool is_seen(const ImageTrack& track, TimestampNs time) {
  if (track.keyframes.empty() || time < track.keyframes.front().timestamp || time > track.keyframes.back().timestamp)
    return false;
  if (keyframe_at(track, time) != nullptr) return true;
  return std::ranges::none_of(track.absences,
                              [&](const AbsenceSpan& span) { return span.begin <= time && time <= span.end; });
}

/// An instant, and which of the two are seen then: 0 to 3.
struct Instant {
  TimestampNs time;
  int seen;
};

std::vector<Instant> instants_of(const ImageTrack& a, const ImageTrack& b, std::span<const TimestampNs> images) {
  std::set<TimestampNs> times;
  for (const ImageTrack* track : {&a, &b})
    for (const ImageKeyframe& k : track->keyframes) times.insert(k.timestamp);
  if (times.empty()) return {};
  const TimestampNs first = *times.begin(), last = *times.rbegin();
  for (const TimestampNs time : images)
    if (first <= time && time <= last) times.insert(time);
  std::vector<Instant> instants;
  for (const TimestampNs time : times)
    instants.push_back({time, (is_seen(a, time) ? 1 : 0) + (is_seen(b, time) ? 2 : 0)});
  return instants;
}

bool has_masks(const ImageTrack& track) {
  return std::ranges::any_of(track.keyframes, [](const ImageKeyframe& k) { return k.value.mask.has_value(); });
}

Result<ImageValue> value_at(const ImageTrack& a, const ImageTrack& b, const Instant& at, const ImageCanvas& canvas,
                            bool as_mask) {
  Result<ImageValue> value = evaluate((at.seen & 1) != 0 ? a : b, at.time)->value;
  if (at.seen == 3) value = joined(*value, evaluate(b, at.time)->value, canvas);
  if (!value) return value.error();
  if (as_mask && !value->mask && has_region(*value)) {
    auto mask = region_mask(*value, canvas);
    if (!mask) return mask.error();
    // What has no pixel stays an outline: it must not be lost.
    if (!mask->is_empty()) set_mask(*value, *std::move(mask));
  }
  if (auto valid = check_image_value(*value); !valid) return valid.error();
  return value;
}

Attributes attributes_of(const ImageTrack& a, const ImageTrack& b, const Instant& at) {
  const ImageTrack& said_by = (at.seen & 1) != 0 ? a : b;
  const ImageKeyframe* k = keyframe_at(said_by, at.time);
  Attributes attributes = k != nullptr ? k->attributes : attributes_at(said_by, at.time);
  // What two programs said, put together by a person, is the person's.
  if (at.seen == 3 || k == nullptr) set_provenance(attributes, {});
  return attributes;
}

}  // namespace

Edit join_image_tracks(const LabelSet& labels, const ImageCanvas& canvas, std::span<const TimestampNs> images,
                       std::string_view into, std::string_view from) {
  const ImageTrack* kept = find_image_track(labels, canvas.camera, into);
  const ImageTrack* gone = find_image_track(labels, canvas.camera, from);
  if (kept == nullptr) return Error{fmt::format("there is no object {} in {}", into, canvas.camera)};
  if (gone == nullptr) return Error{fmt::format("there is no object {} in {}", from, canvas.camera)};
  if (into == from) return Error{fmt::format("{} cannot be joined with itself", into)};
  const auto instants = instants_of(*kept, *gone, images);
  const bool as_masks = has_masks(*kept) || has_masks(*gone);
  ImageTrack together = *kept;
  together.keyframes.clear();
  together.absences.clear();
  std::optional<TimestampNs> seen_before;
  for (std::size_t i = 0; i < instants.size(); ++i) {
    const Instant& at = instants[i];
    if (at.seen == 0) continue;
    if (seen_before && instants[i - 1].seen == 0) together.absences.push_back({*seen_before + 1, at.time - 1});
    seen_before = at.time;
    const bool changes =
        i == 0 || i + 1 == instants.size() || instants[i - 1].seen != at.seen || instants[i + 1].seen != at.seen;
    if (!changes && keyframe_at(*kept, at.time) == nullptr && keyframe_at(*gone, at.time) == nullptr) continue;
    auto value = value_at(*kept, *gone, at, canvas, as_masks);
    if (!value) return value.error();
    together.keyframes.push_back({at.time, *std::move(value), attributes_of(*kept, *gone, at)});
  }
  LabelSet before, after;
  before.image_tracks = {*kept, *gone};
  after.image_tracks = {std::move(together)};
  return difference(before, after);
}

}  // namespace sweepmark::editor
