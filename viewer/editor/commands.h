// SPDX-License-Identifier: Apache-2.0
//
// What an annotator can do to tracks of cuboids; what belongs to an object in 3D and in images alike (its class,
// attributes, id) is in image_commands.h. Each command reads only its arguments (no file, clock or global) and gives
// plain rows before and after (data/store/changes.h): applying, undoing, saving and replaying an edit are the store's.
// Errors of all: no such track, a track id that is taken, a cuboid that is not finite or has a size not above 0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/store/changes.h"

namespace sweepmark::editor {

using Edit = Result<std::vector<Change>>;

/// An id that no track has, in 3D or in an image: one more than the largest number among them, "1" at first.
std::string unused_track_id(const LabelSet& labels);

Edit new_track(const LabelSet& labels, std::string_view id, std::string_view class_name, TimestampNs timestamp,
               const Cuboid& cuboid);
/// Sets or replaces the keyframe; a stored point count of the replaced one is dropped, since it was of another cuboid.
/// One that a program set (tracking/provenance.h) becomes a person's, with the same cuboid too: no program touches it
/// from then on.
/// Unchanged cuboid: no change.
Edit set_keyframe(const LabelSet& labels, std::string_view track, TimestampNs timestamp, const Cuboid& cuboid);
/// The last keyframe of a track takes the track with it. Error: no keyframe at that time.
Edit remove_keyframe(const LabelSet& labels, std::string_view track, TimestampNs timestamp);

/// The object is not there from `begin` to `end` (both included): joined with spans that touch or overlap.
Edit set_absence(const LabelSet& labels, std::string_view track, TimestampNs begin, TimestampNs end);
/// It is there from `begin` to `end`: spans are cut back or split.
Edit clear_absence(const LabelSet& labels, std::string_view track, TimestampNs begin, TimestampNs end);

/// An attribute that changes over time: from a keyframe that is there up to the next one that says something else. An
/// empty value takes it away.
Edit set_attribute_from(const LabelSet& labels, std::string_view id, TimestampNs timestamp, std::string_view name,
                        std::string_view value);

/// All keyframes of `from` become those of `into`, and `from` goes. Where both have one at a time, that of `into`
/// stays. The class is that of `into`, with its changes. The time between the two tracks' lives becomes an absence only
/// if it was one in either.
Edit merge_tracks(const LabelSet& labels, std::string_view into, std::string_view from);
/// Keyframes at or after `timestamp` go to a new track with the same class and attributes; absences and changes of the
/// class are divided.
/// Error: nothing would be left on one side.
Edit split_track(const LabelSet& labels, std::string_view track, TimestampNs timestamp, std::string_view new_id);

/// Every keyframe gets this size; the centre of the bottom face stays where it is.
Edit set_size_of_all(const LabelSet& labels, std::string_view track, Vec3d size);
/// A static object: keyframes at `first` and `last` only, both with this cuboid.
Edit make_static(const LabelSet& labels, std::string_view track, const Cuboid& cuboid, TimestampNs first,
                 TimestampNs last);

/// The keyframes of a refined or followed track (editor/track_refiner.h) in place of the track's own. Error: a person's
/// keyframes are not those that it was refined from.
Edit put_refined(const LabelSet& labels, const Track& refined);
/// Only the keyframes that a person set are left, and the first and last where these are a model's. Error: there is no
/// other.
Edit drop_computed(const LabelSet& labels, std::string_view track);

}  // namespace sweepmark::editor
