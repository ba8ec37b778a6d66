// SPDX-License-Identifier: Apache-2.0
#include "tracking/attributes_at.h"

#include <algorithm>

#include "tracking/provenance.h"

namespace sweepmark {

namespace {

template <class AnyTrack>
Attributes of_last_keyframe(const AnyTrack& track, TimestampNs time) {
  const auto after = std::ranges::upper_bound(track.keyframes, time, {}, [](const auto& k) { return k.timestamp; });
  if (after == track.keyframes.begin()) return {};
  Attributes attributes = (after - 1)->attributes;
  set_provenance(attributes, {});
  return attributes;
}

}  // namespace

Attributes attributes_at(const Track& track, TimestampNs time) { return of_last_keyframe(track, time); }
Attributes attributes_at(const ImageTrack& track, TimestampNs time) { return of_last_keyframe(track, time); }

}  // namespace sweepmark
