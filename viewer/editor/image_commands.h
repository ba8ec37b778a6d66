// SPDX-License-Identifier: Apache-2.0
//
// What an annotator can do to labels in images: as commands.h, for tracks of a camera. An object is its id: class,
// attributes and name belong to it in every camera and in 3D.
// Errors of all: no such track in that camera, an id that is taken, a value that is empty or not finite.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "viewer/editor/commands.h"

namespace sweepmark::editor {

/// Null when there is none.
const ImageTrack* find_image_track(const LabelSet& labels, std::string_view camera, std::string_view id);

/// Errors: numbers that are not finite, a value of nothing, a box or polygon without extent.
Result<void> check_image_value(const ImageValue& value);

Edit new_image_track(const LabelSet& labels, std::string_view camera, std::string_view id, std::string_view class_name,
                     TimestampNs timestamp, const ImageValue& value);
/// Sets or replaces the keyframe; one that a program set becomes a person's. In an absence, the object is there again
/// at that time. Unchanged value of a person: no change.
Edit set_image_keyframe(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs timestamp,
                        const ImageValue& value);
/// Every outline with an area becomes the mask of its pixels: between a mask and an outline nothing can be
/// interpolated.
Edit outlines_to_masks(const LabelSet& labels, std::string_view camera, std::string_view id, std::uint32_t width,
                       std::uint32_t height);
/// Every mask becomes an outline, no pixel of its edge farther than half a pixel from it.
Edit masks_to_outlines(const LabelSet& labels, std::string_view camera, std::string_view id);
/// The last keyframe of a track takes the track with it. Error: no keyframe at that time.
Edit remove_image_keyframe(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs timestamp);
Edit remove_image_track(const LabelSet& labels, std::string_view camera, std::string_view id);

/// The object is not seen from `begin` to `end` (both included).
Edit set_image_absence(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs begin,
                       TimestampNs end);
/// It is seen from `begin` to `end`.
Edit clear_image_absence(const LabelSet& labels, std::string_view camera, std::string_view id, TimestampNs begin,
                         TimestampNs end);

/// Keyframes that a program made of a track, in place of those that one made before at those times; a person's stay.
/// Error: a person's keyframes are not those that it was made from.
Edit put_computed(const LabelSet& labels, const ImageTrack& made_from, std::span<const ImageKeyframe> keyframes);
/// Only the keyframes that a person set are left. Error: there are none, or no other.
Edit drop_computed(const LabelSet& labels, std::string_view camera, std::string_view id);

/// In every camera and in 3D. Error: no track of that id anywhere.
Edit set_object_class(const LabelSet& labels, std::string_view id, std::string_view class_name);
/// From `timestamp` on, in every camera and in 3D; at all times where there is no keyframe before.
Edit set_object_class_from(const LabelSet& labels, std::string_view id, TimestampNs timestamp,
                           std::string_view class_name);
/// An attribute that changes over time: from a keyframe that is there up to the next one that says something else. An
/// empty value takes it away. Error: no keyframe at that time.
Edit set_image_attribute_from(const LabelSet& labels, std::string_view camera, std::string_view id,
                              TimestampNs timestamp, std::string_view name, std::string_view value);
/// In every camera and in 3D; an empty value removes it.
Edit set_object_attribute(const LabelSet& labels, std::string_view id, std::string_view name, std::string_view value);
/// Error: a camera, or 3D, has both ids.
Edit rename_object(const LabelSet& labels, std::string_view id, std::string_view new_id);
/// In every camera and in 3D.
Edit remove_object(const LabelSet& labels, std::string_view id);

}  // namespace sweepmark::editor
