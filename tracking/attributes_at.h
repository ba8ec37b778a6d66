// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tracking/image_track.h"
#include "tracking/track.h"

namespace sweepmark {

/// The attributes that change over time, as they are at one time: those of the last keyframe at or before it hold until
/// the next; none before the first. Without what says who set that keyframe. Cost: O(log keyframes).
Attributes attributes_at(const Track& track, TimestampNs time);
Attributes attributes_at(const ImageTrack& track, TimestampNs time);

}  // namespace sweepmark
