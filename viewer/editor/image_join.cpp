// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tracking/evaluate_image.h"
#include "tracking/provenance.h"
#include "viewer/editor/absences.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {
namespace {

/// When an object is seen.
std::vector<AbsenceSpan> presence(const ImageTrack& track) {
  if (track.keyframes.empty()) return {};
  std::vector<AbsenceSpan> spans{{track.keyframes.front().timestamp, track.keyframes.back().timestamp}};
  for (const AbsenceSpan& absence : track.absences) spans = without_absence(spans, absence.begin, absence.end);
  return spans;
}

void add_absences(const ImageTrack& track, const ImageTrack& other, std::vector<AbsenceSpan>& absences) {
  std::vector<AbsenceSpan> left = track.absences;
  for (const AbsenceSpan& seen : presence(other)) left = without_absence(left, seen.begin, seen.end);
  for (const AbsenceSpan& span : left) absences = with_absence(absences, span.begin, span.end);
}

bool has_masks(const ImageTrack& track) {
  return std::ranges::any_of(track.keyframes, [](const ImageKeyframe& k) { return k.value.mask.has_value(); });
}

}  // namespace

Edit join_image_tracks(const LabelSet& labels, const ImageCanvas& canvas, std::string_view into,
                       std::string_view from) {
  const ImageTrack* kept = find_image_track(labels, canvas.camera, into);
  const ImageTrack* gone = find_image_track(labels, canvas.camera, from);
  if (kept == nullptr) return Error{fmt::format("there is no object {} in {}", into, canvas.camera)};
  if (gone == nullptr) return Error{fmt::format("there is no object {} in {}", from, canvas.camera)};
  if (into == from) return Error{fmt::format("{} cannot be joined with itself", into)};
  std::set<TimestampNs> times;
  for (const ImageTrack* track : {kept, gone})
    for (const ImageKeyframe& k : track->keyframes) times.insert(k.timestamp);
  const std::vector<TimestampNs> ascending(times.begin(), times.end());
  const auto of_kept = evaluate(*kept, ascending), of_gone = evaluate(*gone, ascending);
  const bool as_masks = has_masks(*kept) || has_masks(*gone);

  ImageTrack together = *kept;
  together.keyframes.clear();
  together.absences.clear();
  add_absences(*kept, *gone, together.absences);
  add_absences(*gone, *kept, together.absences);
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    Result<ImageValue> value = of_kept[i] ? of_kept[i]->value : of_gone[i]->value;
    if (of_kept[i] && of_gone[i]) value = joined(of_kept[i]->value, of_gone[i]->value, canvas);
    if (!value) return value.error();
    if (as_masks && !value->mask && has_region(*value)) {
      auto mask = region_mask(*value, canvas);
      if (!mask) return mask.error();
      set_mask(*value, *std::move(mask));
    }
    const ImageTrack& said_by = of_kept[i] && of_kept[i]->is_keyframe ? *kept : *gone;
    const auto k = std::ranges::find(said_by.keyframes, ascending[i], &ImageKeyframe::timestamp);
    ImageKeyframe keyframe{ascending[i], *std::move(value),
                           k == said_by.keyframes.end() ? Attributes{} : k->attributes};
    // What two programs said, put together by a person, is the person's.
    if (of_kept[i] && of_gone[i]) set_provenance(keyframe.attributes, {});
    together.keyframes.push_back(std::move(keyframe));
  }
  LabelSet before, after;
  before.image_tracks = {*kept, *gone};
  after.image_tracks = {std::move(together)};
  return difference(before, after);
}

}  // namespace sweepmark::editor
