// SPDX-License-Identifier: Apache-2.0
//
// How many keyframes a person sets who sets them where the tool asks: dense labels are the truth.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "data/scene.h"
#include "kernels/result.h"
#include "tracking/refine.h"
#include "tracking/track.h"

namespace sweepmark {

struct AnnotatedTrack {
  std::size_t keyframes = 0;  ///< set in all, the first and the last included
  std::size_t confirmed = 0;  ///< of these: asked for, and right already
};

/// Sets the first and the last label of `truth`, then the one that `suggest_keyframe` asks for, until every label
/// reaches `min_iou`. The suggestion never sees the truth of frames that it has not asked for.
/// \param points  where given, what lies between the keyframes is refined against them before each look
/// Errors: those of `suggest_keyframe` and `refine`.
Result<AnnotatedTrack> simulate_annotator(const Track& truth, double min_iou, const PointsNear& points = {});

/// Sums over tracks: the simulated annotator beside linear interpolation with keyframes chosen in two other ways.
struct AnnotationCost {
  std::size_t tracks = 0, labels = 0, suggested = 0, confirmed = 0, evenly_spaced = 0, greedy = 0;
  AnnotationCost& operator+=(const AnnotationCost& other);
};

struct AnnotationReport {
  AnnotationCost all, moving;  ///< moving: more than 2 m from its first place
  std::map<std::string, AnnotationCost> moving_by_class, parked_by_class;
  AnnotationReport& operator+=(const AnnotationReport& other);
};

/// \note `evenly_spaced`: the fewest at a fixed step that reach it (truth known); `greedy`: from each keyframe the
/// farthest that still serves (truth known).
/// \param refined  against the scene's sweeps, before each look
/// Errors: those of `simulate_annotator` and `thin_positions`; `refined` without sweeps, or one that cannot be read.
Result<AnnotationReport> annotation_report(const Scene& scene, double min_iou, bool refined = false);

}  // namespace sweepmark
