// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "geometry/mask_convert.h"
#include "geometry/segment/polygon_clip.h"
#include "tracking/attributes_at.h"
#include "tracking/class_at.h"
#include "tracking/flow/follow_image_track.h"
#include "tracking/provenance.h"
#include "viewer/editor/absences.h"
#include "viewer/editor/attribute_edits.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {
namespace {

Result<const ImageTrack*> find_track(const LabelSet& labels, std::string_view camera, std::string_view id) {
  const ImageTrack* found = find_image_track(labels, camera, id);
  if (found == nullptr) return Error{fmt::format("there is no object {} in {}", id, camera)};
  return found;
}

TrackHeader header_of(const ImageTrack& track) {
  return {track.class_name, track.attributes, track.absences, track.later_classes};
}

auto keyframe_at(const ImageTrack& track, TimestampNs timestamp) {
  const auto found = std::ranges::lower_bound(track.keyframes, timestamp, {}, &ImageKeyframe::timestamp);
  return found != track.keyframes.end() && found->timestamp == timestamp ? found : track.keyframes.end();
}

Edit change_header(const ImageTrack& track, const std::function<void(TrackHeader&)>& change) {
  const TrackHeader before = header_of(track);
  TrackHeader after = before;
  change(after);
  if (after == before) return std::vector<Change>{};
  return std::vector<Change>{ImageTrackChange{track.camera, track.id, before, std::move(after)}};
}

/// The tracks of one object, in 3D and in every camera, with `change` made to each.
Edit change_object(const LabelSet& labels, std::string_view id, const std::function<void(Track&)>& change,
                   const std::function<void(ImageTrack&)>& change_in_image) {
  LabelSet before, after;
  for (const Track& track : labels.tracks)
    if (track.id == id) before.tracks.push_back(track);
  for (const ImageTrack& track : labels.image_tracks)
    if (track.id == id) before.image_tracks.push_back(track);
  if (before.tracks.empty() && before.image_tracks.empty()) return Error{fmt::format("there is no object {}", id)};
  after = before;
  std::ranges::for_each(after.tracks, change);
  std::ranges::for_each(after.image_tracks, change_in_image);
  return difference(before, after);
}

/// Whether a camera, or 3D, has objects of both ids: they cannot become one.
bool are_both_in_one(const LabelSet& labels, std::string_view id, std::string_view other) {
  const auto in_3d = [&](std::string_view wanted) {
    return std::ranges::find(labels.tracks, wanted, &Track::id) != labels.tracks.end();
  };
  if (in_3d(id) && in_3d(other)) return true;
  return std::ranges::any_of(labels.image_tracks, [&](const ImageTrack& track) {
    return track.id == id && find_image_track(labels, track.camera, other) != nullptr;
  });
}

bool is_finite(Vec2d v) { return std::isfinite(v.x) && std::isfinite(v.y); }

}  // namespace

const ImageTrack* find_image_track(const LabelSet& labels, std::string_view camera, std::string_view id) {
  const auto found = std::ranges::find_if(
      labels.image_tracks, [&](const ImageTrack& track) { return track.id == id && track.camera == camera; });
  return found == labels.image_tracks.end() ? nullptr : &*found;
}

Result<void> check_image_value(const ImageValue& value) {
  if (value.is_empty()) return Error{"expected a box, polygon, mask or skeleton, got nothing"};
  if (const auto& box = value.box) {
    if (!is_finite(Vec2d{box->left, box->top}) || !is_finite(Vec2d{box->right, box->bottom}) ||
        !std::isfinite(box->rotation))
      return Error{"expected a box of finite numbers"};
    if (!(box->width() > 0 && box->height() > 0))
      return Error{fmt::format("expected a box with an area, got {} x {} pixels", box->width(), box->height())};
  }
  if (const auto& polygon = value.polygon) {
    if (polygon->rings.empty()) return Error{"expected a polygon with vertices"};
    for (const Ring& ring : polygon->rings) {
      const std::size_t least = ring.kind == RingKind::line ? 2 : 3;
      if (ring.vertices.size() < least)
        return Error{fmt::format("expected {} vertices at least, got {}", least, ring.vertices.size())};
      if (!std::ranges::all_of(ring.vertices, is_finite)) return Error{"expected a polygon of finite numbers"};
    }
  }
  if (value.mask && value.mask->is_empty()) return Error{"expected a mask with pixels inside"};
  if (value.skeleton && !std::ranges::all_of(value.skeleton->points, is_finite, &Keypoint::position))
    return Error{"expected keypoints of finite numbers"};
  return {};
}

Edit new_image_track(const LabelSet& labels, std::string_view camera, std::string_view id, std::string_view class_name,
                     TimestampNs timestamp, const ImageValue& value) {
  if (id.empty()) return Error{"an object needs an id"};
  if (find_image_track(labels, camera, id) != nullptr)
    return Error{fmt::format("there is an object {} in {} already", id, camera)};
  if (auto valid = check_image_value(value); !valid) return valid.error();
  return std::vector<Change>{
      ImageTrackChange{std::string(camera), std::string(id), std::nullopt,
                       TrackHeader{std::string(class_name), {}, {}}},
      ImageKeyframeChange{std::string(camera), std::string(id), timestamp, std::nullopt, ImageKeyframeValue{value}}};
}

Edit set_image_keyframe(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs timestamp,
                        const ImageValue& value) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  if (auto valid = check_image_value(value); !valid) return valid.error();
  // What changes over time holds from the keyframe before.
  ImageKeyframeChange change{std::string(camera), std::string(id), timestamp, std::nullopt,
                             ImageKeyframeValue{value, attributes_at(**track, timestamp)}};
  if (const auto old = keyframe_at(**track, timestamp); old != (*track)->keyframes.end()) {
    const bool is_persons = are_set_by_person(old->attributes);
    if (old->value == value && is_persons) return std::vector<Change>{};
    change.before = ImageKeyframeValue{old->value, old->attributes};
    change.after->attributes = old->attributes;
    if (!is_persons) set_provenance(change.after->attributes, {});
  }
  return std::vector<Change>{std::move(change)};
}

Edit outlines_to_masks(const LabelSet& labels, std::string_view camera, std::string_view id, std::uint32_t width,
                       std::uint32_t height) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  LabelSet before, after;
  before.image_tracks.push_back(**track);
  after = before;
  for (ImageKeyframe& k : after.image_tracks.front().keyframes) {
    if (!k.value.polygon || area(*k.value.polygon) == 0 || k.value.mask) continue;
    Mask mask = to_mask(*k.value.polygon, width, height);
    if (mask.is_empty()) continue;
    set_mask(k.value, std::move(mask));
  }
  return difference(before, after);
}

Edit masks_to_outlines(const LabelSet& labels, std::string_view camera, std::string_view id) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  constexpr double within_pixels = 0.5;
  LabelSet before, after;
  before.image_tracks.push_back(**track);
  after = before;
  for (ImageKeyframe& k : after.image_tracks.front().keyframes) {
    if (!k.value.mask || k.value.mask->is_empty()) continue;
    Polygon outline = simplified(to_polygon(*k.value.mask), within_pixels);
    // Of an outline that lies beside the mask only the lines are its own: where both are, the mask is the region.
    if (k.value.polygon)
      std::ranges::copy_if(k.value.polygon->rings, std::back_inserter(outline.rings),
                           [](const Ring& ring) { return ring.kind == RingKind::line; });
    k.value.polygon = std::move(outline);
    k.value.mask.reset();
  }
  return difference(before, after);
}

Edit remove_image_keyframe(const LabelSet& labels, std::string_view camera, std::string_view id,
                           TimestampNs timestamp) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  const auto old = keyframe_at(**track, timestamp);
  if (old == (*track)->keyframes.end()) return Error{fmt::format("object {} has no keyframe at {}", id, timestamp)};
  if ((*track)->keyframes.size() == 1) return remove_image_track(labels, camera, id);
  return std::vector<Change>{ImageKeyframeChange{std::string(camera), std::string(id), timestamp,
                                                 ImageKeyframeValue{old->value, old->attributes}, std::nullopt}};
}

Edit remove_image_track(const LabelSet& labels, std::string_view camera, std::string_view id) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  LabelSet before;
  before.image_tracks.push_back(**track);
  return difference(before, {});
}

Edit set_image_absence(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs begin,
                       TimestampNs end) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  if (end < begin) return Error{fmt::format("an absence that ends at {}, before it begins at {}", end, begin)};
  return change_header(**track,
                       [&](TrackHeader& header) { header.absences = with_absence(header.absences, begin, end); });
}

Edit clear_image_absence(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs begin,
                         TimestampNs end) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  if (end < begin) return Error{fmt::format("a presence that ends at {}, before it begins at {}", end, begin)};
  return change_header(**track,
                       [&](TrackHeader& header) { header.absences = without_absence(header.absences, begin, end); });
}

Edit put_computed(const LabelSet& labels, const ImageTrack& made_from, std::span<const ImageKeyframe> keyframes) {
  const auto track = find_track(labels, made_from.camera, made_from.id);
  if (!track) return track.error();
  const auto set_by_person = [](const ImageTrack& of) {
    std::vector<std::pair<TimestampNs, ImageValue>> set;
    for (const ImageKeyframe& k : of.keyframes)
      if (are_set_by_person(k.attributes)) set.emplace_back(k.timestamp, k.value);
    return set;
  };
  if (set_by_person(**track) != set_by_person(made_from))
    return Error{fmt::format("{} was edited while it was followed: follow it again", made_from.id)};
  LabelSet before, after;
  before.image_tracks.push_back(**track);
  after = before;
  set_computed(after.image_tracks.front(), keyframes);
  return difference(before, after);
}

Edit drop_computed(const LabelSet& labels, std::string_view camera, std::string_view id) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  LabelSet before, after;
  before.image_tracks.push_back(**track);
  after = before;
  auto& keyframes = after.image_tracks.front().keyframes;
  const bool has_persons =
      std::ranges::any_of(keyframes, [](const ImageKeyframe& k) { return are_set_by_person(k.attributes); });
  if (has_persons) std::erase_if(keyframes, [](const ImageKeyframe& k) { return !are_set_by_person(k.attributes); });
  if (keyframes.size() == (*track)->keyframes.size())
    return Error{fmt::format("object {} has no keyframe that a program set", id)};
  return difference(before, after);
}

Edit set_object_class(const LabelSet& labels, std::string_view id, std::string_view class_name) {
  if (class_name.empty()) return Error{"a class needs a name"};
  const auto set = [&](auto& track) { sweepmark::set_class(track, std::string(class_name)); };
  return change_object(labels, id, set, set);
}

Edit set_object_class_from(const LabelSet& labels, std::string_view id, TimestampNs timestamp,
                           std::string_view class_name) {
  if (class_name.empty()) return Error{"a class needs a name"};
  const auto set = [&](auto& track) {
    const bool has_before = !track.keyframes.empty() && track.keyframes.front().timestamp < timestamp;
    if (has_before) {
      sweepmark::set_class_from(track, timestamp, std::string(class_name));
    } else {
      sweepmark::set_class(track, std::string(class_name));
    }
  };
  return change_object(labels, id, set, set);
}

Edit set_image_attribute_from(const LabelSet& labels, std::string_view camera, std::string_view id,
                              TimestampNs timestamp, std::string_view name, std::string_view value) {
  const auto track = find_track(labels, camera, id);
  if (!track) return track.error();
  if (name.empty()) return Error{"an attribute needs a name"};
  auto at = keyframe_at(**track, timestamp);
  if (at == (*track)->keyframes.end()) return Error{fmt::format("object {} has no keyframe at {}", id, timestamp)};
  std::vector<Change> changes;
  if (value_of_attribute(at->attributes, name) == value) return changes;
  for (const auto end = end_of_value(at, (*track)->keyframes.end(), name); at != end; ++at) {
    ImageKeyframeValue after{at->value, at->attributes};
    set_or_erase(after.attributes, name, value);
    changes.emplace_back(ImageKeyframeChange{std::string(camera), std::string(id), at->timestamp,
                                             ImageKeyframeValue{at->value, at->attributes}, std::move(after)});
  }
  return changes;
}

Edit set_object_attribute(const LabelSet& labels, std::string_view id, std::string_view name, std::string_view value) {
  if (name.empty()) return Error{"an attribute needs a name"};
  const auto set = [&](auto& track) { set_or_erase(track.attributes, name, value); };
  return change_object(labels, id, set, set);
}

Edit rename_object(const LabelSet& labels, std::string_view id, std::string_view new_id) {
  if (id == new_id) return std::vector<Change>{};
  if (new_id.empty()) return Error{"an object needs an id"};
  if (are_both_in_one(labels, id, new_id)) return Error{fmt::format("there is an object {} already", new_id)};
  const auto set = [&](auto& track) { track.id = new_id; };
  return change_object(labels, id, set, set);
}

Edit remove_object(const LabelSet& labels, std::string_view id) {
  LabelSet before;
  for (const Track& track : labels.tracks)
    if (track.id == id) before.tracks.push_back(track);
  for (const ImageTrack& track : labels.image_tracks)
    if (track.id == id) before.image_tracks.push_back(track);
  if (before.tracks.empty() && before.image_tracks.empty()) return Error{fmt::format("there is no object {}", id)};
  return difference(before, {});
}

}  // namespace sweepmark::editor
