// SPDX-License-Identifier: Apache-2.0
//
// Two ways to say where an object is: keyframes, between which it is interpolated and which name where it is absent;
// and a label in each frame where it is, as most datasets have it. What a viewer shows of the one is written as the
// other.
#pragma once

#include <cstddef>
#include <vector>

#include "data/scene.h"

namespace sweepmark {

/// Whether labels are keyframes with interpolation between them: those of a label store and of formats that can say so.
/// Else an object is absent in the frames that have no label of it.
bool has_keyframes(const Scene& scene);

/// The frames that say where objects are not. A frame without any cuboid may be one that nobody annotated: the usual
/// distance of labelled frames in the scene says how many of those may follow each other (one, where each frame is
/// labelled); a longer run says that every object is absent.
std::vector<TimestampNs> annotated_frames(const Scene& scene, const LabelSet& labels);

/// Makes keyframes of cuboids in frames: adds a span of absence for each run of annotated frames without one between a
/// track's first and last. Scenes are opened with it; labels in images have theirs from their readers.
/// Cost: O(frames) for each track with gaps.
void mark_gaps(const Scene& scene, LabelSet& labels);

/// Makes labels in frames of keyframes: adds the interpolated ones (tracking/evaluate.h) in all frames where the object
/// is there, of images of the track's camera. \return how many  Cost: that of interpolation.
std::size_t fill_frames(const Scene& scene, LabelSet& labels);

}  // namespace sweepmark
