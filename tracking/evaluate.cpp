// SPDX-License-Identifier: Apache-2.0
#include "tracking/evaluate.h"

namespace sweepmark {

Result<PreparedTracks> prepare(std::span<const Track> tracks, const InterpolateOptions& options,
                               std::optional<InterpolationMode> mode) {
  std::vector<std::vector<CuboidKeyframe>> keyframes;
  keyframes.reserve(tracks.size());
  std::vector<TrackView> views;
  views.reserve(tracks.size());
  for (const Track& track : tracks) {
    auto& of_track = keyframes.emplace_back();
    of_track.reserve(track.keyframes.size());
    for (const Keyframe& keyframe : track.keyframes) of_track.push_back({keyframe.timestamp, keyframe.cuboid});
    const Result<InterpolationMode> own = mode ? Result<InterpolationMode>(*mode) : mode_of(track);
    if (!own) return own.error();
    views.push_back({of_track, track.absences, *own});
  }
  return PreparedTracks::make(views, options);
}

Result<std::optional<Cuboid>> evaluate(const Track& track, TimestampNs timestamp, const InterpolateOptions& options,
                                       std::optional<InterpolationMode> mode) {
  auto prepared = prepare({&track, 1}, options, mode);
  if (!prepared) return Error{"track " + track.id + ": " + prepared.error().message};
  Cuboid cuboid;
  if (sweepmark::evaluate(*prepared, 0, timestamp, cuboid) == Presence::absent) return std::optional<Cuboid>{};
  return std::optional<Cuboid>{cuboid};
}

}  // namespace sweepmark
