// SPDX-License-Identifier: Apache-2.0
//
// Where to set the next keyframe, from the keyframes alone: no truth is needed. Those that refinement set say how sure
// it is.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// How well what is shown is expected to meet the object at each frame: an IoU, 1 at keyframes that a person set and
/// where the track has no cuboid, the score at those that a program set (tracking/provenance.h).
///
/// Between keyframes an object is taken to accelerate at random, so the error grows with the gap as that of the spline
/// through them does (with length^1.5; more at the ends of the track). How much it accelerates is learnt from the
/// track: see tracking/motion_uncertainty.h.
/// \param frames  ascending
/// Errors: those of `prepare`, with the track's id. Cost: O(keyframes * (frames + 20)).
Result<std::vector<double>> expected_ious(const Track& track, std::span<const TimestampNs> frames);

struct KeyframeSuggestion {
  TimestampNs timestamp = 0;
  double expected_iou = 0;  ///< of the least certain frame that the keyframe is meant to help
};

/// The frame to set next so that all frames reach `min_iou` with few keyframes: in the gap with the least certain
/// frame, where it makes even pieces of as many as that gap is expected to need; among keyframes that a program set,
/// the least certain frame. \return nothing where a person has set every frame of the track, or the track has no gap
/// Errors: those of `expected_ious`; `min_iou` out of (0, 1).
Result<std::optional<KeyframeSuggestion>> suggest_keyframe(const Track& track, std::span<const TimestampNs> frames,
                                                           double min_iou = 0.9);

}  // namespace sweepmark
