// SPDX-License-Identifier: Apache-2.0
#include "tracking/attributes_at.h"

#include <algorithm>

#include "tracking/provenance.h"

namespace sweepmark {

Attributes attributes_at(const Track& track, TimestampNs time) {
  const auto after = std::ranges::upper_bound(track.keyframes, time, {}, &Keyframe::timestamp);
  if (after == track.keyframes.begin()) return {};
  Attributes attributes = (after - 1)->attributes;
  set_provenance(attributes, {});
  return attributes;
}

}  // namespace sweepmark
