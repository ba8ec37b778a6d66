// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/object_motion.h"

#include "tracking/evaluate.h"

namespace sweepmark::editor {

ObjectMotion::ObjectMotion(std::span<const Track> tracks) {
  tracks_.reserve(tracks.size());
  for (const Track& track : tracks) {
    auto prepared = prepare(std::span(&track, 1));
    tracks_.push_back(prepared ? std::optional(*std::move(prepared)) : std::nullopt);
  }
}

std::optional<Cuboid> ObjectMotion::at(std::size_t track, TimestampNs timestamp) const {
  SWEEPMARK_EXPECTS(track < tracks_.size());
  Cuboid cuboid;
  if (!tracks_[track] || evaluate(*tracks_[track], 0, timestamp, cuboid) == Presence::absent) return std::nullopt;
  return cuboid;
}

}  // namespace sweepmark::editor
