// SPDX-License-Identifier: Apache-2.0
//
// Two ways to say where an object is: keyframes, between which it is interpolated and which name where it is absent;
// and a label in each frame where it is, as most datasets have it. What a viewer shows of the one is written as the
// other.
#pragma once

#include <cstddef>

#include "data/scene.h"

namespace sweepmark {

/// Whether labels are keyframes with interpolation between them: those of a label store and of formats that can say so.
/// Else an object is absent in the frames that have no label of it.
bool has_keyframes(const Scene& scene);

/// Makes keyframes of labels in frames: adds a span of absence for each run of frames without one between a track's
/// first and last. Labels in images have theirs from their readers. Cost: O(frames) for each track with gaps.
void mark_gaps(const Scene& scene, LabelSet& labels);

/// Makes labels in frames of keyframes: adds the interpolated ones (tracking/evaluate.h) in all frames where the object
/// is there, of images of the track's camera. \return how many  Cost: that of interpolation.
std::size_t fill_frames(const Scene& scene, LabelSet& labels);

/// The labels of a scene as an editor takes them: with keyframes.
LabelSet editable_labels(const Scene& scene);

}  // namespace sweepmark
