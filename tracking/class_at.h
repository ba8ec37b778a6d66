// SPDX-License-Identifier: Apache-2.0
//
// The class of an object over time, for whatever has a `class_name` and `later_classes`: tracks in 3D and in images,
// and their headers in a store. A class holds from its time on until the next, between keyframes and in gaps too.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tracking/track.h"

namespace sweepmark {

/// Cost: O(log changes).
template <class AnyTrack>
const std::string& class_at(const AnyTrack& track, TimestampNs time) {
  const auto after = std::ranges::upper_bound(track.later_classes, time, {}, &LaterClass::from);
  return after == track.later_classes.begin() ? track.class_name : (after - 1)->class_name;
}

/// One class at all times.
template <class AnyTrack>
void set_class(AnyTrack& track, std::string class_name) {
  track.class_name = std::move(class_name);
  track.later_classes.clear();
}

/// This class from `time` to the end, whatever was said for later.
template <class AnyTrack>
void set_class_from(AnyTrack& track, TimestampNs time, std::string class_name) {
  std::erase_if(track.later_classes, [&](const LaterClass& later) { return later.from >= time; });
  if (class_at(track, time) != class_name) track.later_classes.push_back({time, std::move(class_name)});
}

/// The class that `class_of` says for each keyframe. \pre at least one keyframe, ascending
template <class AnyTrack, class ClassOf>
void set_classes(AnyTrack& track, const ClassOf& class_of) {
  AnyTrack classes;
  set_class(classes, std::string(class_of(track.keyframes.front())));
  for (const auto& keyframe : track.keyframes) {
    const std::string& name = class_of(keyframe);
    if (class_at(classes, keyframe.timestamp) != name) classes.later_classes.push_back({keyframe.timestamp, name});
  }
  track.class_name = std::move(classes.class_name);
  track.later_classes = std::move(classes.later_classes);
}

/// For readers: the class of each keyframe is its row's. \param class_of_row  a member, or what takes a row
template <class AnyTrack, class Rows, class ClassOfRow>
void set_classes_of_rows(AnyTrack& track, const Rows& rows, const ClassOfRow& class_of_row) {
  set_classes(track, [&](const auto& keyframe) -> const std::string& {
    return std::invoke(class_of_row, rows[keyframe.source_row]);
  });
}

/// For a track that is a part of another, or several joined: at each keyframe the class that `whole` has then; changes
/// at which the part has no keyframe are not kept. \pre at least one keyframe, ascending
template <class AnyTrack>
void take_classes_of(const AnyTrack& whole, AnyTrack& part) {
  set_classes(part, [&](const auto& keyframe) -> const std::string& { return class_at(whole, keyframe.timestamp); });
}

/// Calls `visit` with every class that the object has at some time; with some more than once.
template <class AnyTrack, class Visit>
void for_each_class(const AnyTrack& track, const Visit& visit) {
  visit(track.class_name);
  for (const LaterClass& later : track.later_classes) visit(later.class_name);
}

}  // namespace sweepmark
