// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tracking/track.h"

namespace sweepmark {

/// Whether an object moves, as all reports have it: a keyframe is more than 2 m from its first place.
bool is_moving(const Track& track);

}  // namespace sweepmark
