// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/scene.h"
#include "kernels/exec/backend.h"
#include "kernels/interpolate.h"
#include "kernels/result.h"

namespace sweepmark {

/// Which labels are kept as keyframes; the others are computed.
struct KeyframeChoice {
  std::size_t every = 1;  ///< every n-th label of a track and its last
  std::optional<std::set<std::pair<std::string, TimestampNs>>> listed = {};  ///< or exactly these (track id, time)
};

/// The labels with only the chosen keyframes of their tracks, in 3D and in images; all else as it is. Tracks of which
/// none was chosen are left out. Errors: a listed keyframe that is not among the labels.
Result<LabelSet> keep_chosen(const LabelSet& labels, const KeyframeChoice& choice);

/// When labels are computed.
struct DenseTimes {
  std::vector<TimestampNs> cuboids;
  std::map<std::string, std::vector<TimestampNs>> images;  ///< by camera, ascending
};

/// The frames of a scene; for tracks in images the images of their camera, or the frames where it has none there.
DenseTimes frame_times_of(const Scene& scene);

/// Labels at every time that lies within a track, each with the attribute `provenance`: `keyframe` or `interpolated`.
/// Where the dataset has a label, its row is remembered, so that a writer keeps its unknown fields. What is no track
/// (events, comments, point labels, the ontology) goes along. \param kept  what is interpolated between, of `labels`
/// \param mode  of all 3D tracks; without it each has its own
/// Errors: those of `prepare`.
Result<LabelSet> make_dense(const LabelSet& labels, const LabelSet& kept, const DenseTimes& times,
                            const InterpolateOptions& options, const Backend& backend,
                            std::optional<InterpolationMode> mode = {});

/// Sets `Keyframe::stored_count` from the points of the LiDAR sweeps at each keyframe's time; times without a sweep
/// that is there are left without a count. Sweeps are read ahead. Errors: a sweep that cannot be read.
Result<void> count_points_of(const Scene& scene, LabelSet& labels, const Backend& backend);

}  // namespace sweepmark
