// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "data/store/label_store.h"

namespace sweepmark::testing_support {

/// Edit number `i` (from 0) of a stream of edits, each of which can be told from what it leaves: it puts keyframe `i`
/// into one of seven tracks, makes the track when needed, and moves the keyframe of edit `i - 1`.
inline std::vector<Change> numbered_edit(const LabelSet& labels, std::int64_t i) {
  const auto track_of = [](std::int64_t k) { return "track-" + std::to_string(k % 7); };
  const auto value = [](double x) {
    return KeyframeValue{{{x, -0.1 * x, 0.5}, {4.5, 1.9, 1.6}, {}}, std::int64_t{3}, {{"state", "moving"}}};
  };
  const auto number = static_cast<double>(i);
  std::vector<Change> changes;
  bool is_there = false;
  for (const Track& track : labels.tracks) is_there = is_there || track.id == track_of(i);
  if (!is_there) changes.emplace_back(TrackChange{track_of(i), {}, TrackHeader{"Car", {}, {}}});
  changes.emplace_back(KeyframeChange{track_of(i), i, {}, value(number)});
  if (i > 0) changes.emplace_back(KeyframeChange{track_of(i - 1), i - 1, value(number - 1), value(number - 0.5)});
  return changes;
}

/// The labels after edits 0 to `count` - 1.
inline LabelSet after_numbered_edits(std::int64_t count) {
  LabelSet labels;
  for (std::int64_t i = 0; i < count; ++i) (void)apply_changes(labels, numbered_edit(labels, i));
  return labels;
}

}  // namespace sweepmark::testing_support
