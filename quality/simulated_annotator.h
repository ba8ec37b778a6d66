// SPDX-License-Identifier: Apache-2.0
//
// How many keyframes a person sets who sets them where the tool asks: dense labels are the truth.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

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

/// The same with keyframes at the frames that are truly the worst: what choosing frames could gain at most if it knew.
Result<std::size_t> keyframes_at_worst_frames(const Track& truth, double min_iou);

/// Without the labels whose IoU with the straight line between the two beside them is below `min_iou`: a heading or a
/// size that is another one for a single frame, which no motion explains. The worst go first. \return the track,
/// and how many were left out. Cost: O(labels * jumps).
std::pair<Track, std::size_t> without_jumps(const Track& truth, double min_iou);

/// Sums over tracks: the simulated annotator beside linear interpolation with keyframes chosen in two other ways.
struct AnnotationCost {
  std::size_t tracks = 0, labels = 0, jumps = 0;  ///< jumps: labels left out
  std::size_t suggested = 0, confirmed = 0, worst_frames = 0, evenly_spaced = 0, greedy = 0;
  AnnotationCost& operator+=(const AnnotationCost& other);
};

struct AnnotationReport {
  AnnotationCost all, moving;  ///< moving: more than 2 m from its first place
  std::map<std::string, AnnotationCost> moving_by_class, parked_by_class;
  AnnotationReport& operator+=(const AnnotationReport& other);
};

struct AnnotationOptions {
  bool refined = false;     ///< against the scene's sweeps, before each look
  bool drop_jumps = false;  ///< see `without_jumps`
};

/// \note `evenly_spaced`: the fewest at a fixed step that reach it (truth known); `greedy`: from each keyframe the
/// farthest that still serves (truth known).
/// `worst_frames`: see `keyframes_at_worst_frames`.
/// Errors: those of `simulate_annotator` and `thin_positions`; `refined` without sweeps, or one that cannot be read.
Result<AnnotationReport> annotation_report(const Scene& scene, double min_iou, const AnnotationOptions& options = {});

}  // namespace sweepmark
