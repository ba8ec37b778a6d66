// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "data/store/label_store.h"
#include "geometry/mask_convert.h"

namespace sweepmark::testing_support {

/// Edit number `i` (from 0) of a stream of edits, each of which can be told from what it leaves: it puts keyframe `i`
/// into one of seven tracks, makes the track when needed, and moves the keyframe of edit `i - 1`. The same in a camera,
/// with masks; and an event, a comment or a class comes with each and the last one of its kind is changed.
inline std::vector<Change> numbered_edit(const LabelSet& labels, std::int64_t i) {
  const auto track_of = [](std::int64_t k) { return "track-" + std::to_string(k % 7); };
  const auto value = [](double x) {
    return KeyframeValue{{{x, -0.1 * x, 0.5}, {4.5, 1.9, 1.6}, {}}, std::int64_t{3}, {{"state", "moving"}}};
  };
  const auto image_value = [](std::int64_t twice) {
    const double x = static_cast<double>(twice % 1800), y = static_cast<double>(twice % 900);
    Ring ring;
    for (int corner = 0; corner < 40; ++corner) {
      const double out = corner % 2 == 0 ? 60 : 35;
      ring.vertices.push_back({x + 60 + out * (corner % 20 - 10) / 10.0, y + 60 + (corner < 20 ? -out : out)});
    }
    return ImageKeyframeValue{{.box = ImageBox{x, y, x + 120, y + 120}, .mask = to_mask({{ring}}, 1920, 1080)}};
  };
  const auto number = static_cast<double>(i);
  std::vector<Change> changes;
  bool is_there = false;
  for (const Track& track : labels.tracks) is_there = is_there || track.id == track_of(i);
  if (!is_there) {
    changes.emplace_back(TrackChange{track_of(i), {}, TrackHeader{"Car", {}, {}}});
    changes.emplace_back(ImageTrackChange{"front", track_of(i), {}, TrackHeader{"Car", {}, {}}});
  }
  changes.emplace_back(KeyframeChange{track_of(i), i, {}, value(number)});
  changes.emplace_back(ImageKeyframeChange{"front", track_of(i), i, {}, image_value(2 * i)});
  if (i > 0) {
    changes.emplace_back(KeyframeChange{track_of(i - 1), i - 1, value(number - 1), value(number - 0.5)});
    changes.emplace_back(
        ImageKeyframeChange{"front", track_of(i - 1), i - 1, image_value(2 * i - 2), image_value(2 * i - 1)});
  }
  const auto point_labels = [](std::int64_t k) {
    PointLabels values;
    for (std::int64_t p = 0; p < 3000; ++p) values.classes.push_back(static_cast<std::uint16_t>((p / 50 + k) % 20));
    return PointLabelValue{std::make_shared<PointLabels>(std::move(values))};
  };
  changes.emplace_back(
      PointLabelChange{"top", i % 5, i < 5 ? std::nullopt : std::optional(point_labels(i - 5)), point_labels(i)});
  const auto name = [](std::int64_t k) { return "item-" + std::to_string(k); };
  if (i % 3 == 0) {
    changes.emplace_back(
        EventChange{name(i), {}, Event{.id = name(i), .class_name = "turn", .begin = i, .end = i + 1}});
    if (i > 0) changes.emplace_back(EventChange{name(i - 3), Event{name(i - 3), "turn", i - 3, i - 2}, {}});
  } else if (i % 3 == 1) {
    const auto comment = [&](std::int64_t k, bool is_resolved) {
      return ReviewComment{.id = name(k), .author = "ann", .written = k, .text = "look", .is_resolved = is_resolved};
    };
    changes.emplace_back(CommentChange{name(i), {}, comment(i, false)});
    if (i > 3) changes.emplace_back(CommentChange{name(i - 3), comment(i - 3, false), comment(i - 3, true)});
  } else {
    changes.emplace_back(ClassChange{name(i), {}, ClassDefinition{.name = name(i), .number = i}});
    if (i > 3)
      changes.emplace_back(ClassChange{name(i - 3), ClassDefinition{.name = name(i - 3), .number = i - 3}, {}});
  }
  return changes;
}

}  // namespace sweepmark::testing_support
