// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kernels/interpolate.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// The engine behind viewer, batch, Python and export: tracks prepared once, then asked at any time.
/// Errors: those of `PreparedTracks::make`, with the track's id.
Result<PreparedTracks> prepare(std::span<const Track> tracks, const InterpolateOptions& options = {});

/// The cuboid of one track at one time, or nothing where the object is absent. Prepares the track anew at each call:
/// for many times use `prepare`.
Result<std::optional<Cuboid>> evaluate(const Track& track, TimestampNs timestamp, const InterpolateOptions& options = {});

}  // namespace sweepmark
