// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kernels/interpolate.h"
#include "kernels/result.h"
#include "tracking/interpolation_mode.h"
#include "tracking/track.h"

namespace sweepmark {

/// The engine behind viewer, batch, Python and export: tracks prepared once, then asked at any time.
/// \param mode  for all tracks; without it each has its own (`mode_of`)
/// Errors: those of `mode_of` and `PreparedTracks::make`.
Result<PreparedTracks> prepare(std::span<const Track> tracks, const InterpolateOptions& options = {},
                               std::optional<InterpolationMode> mode = {});

/// The cuboid of one track at one time, or nothing where the object is absent. Prepares the track anew at each call:
/// for many times use `prepare`. Errors: those of `prepare`, with the track's id.
Result<std::optional<Cuboid>> evaluate(const Track& track, TimestampNs timestamp,
                                       const InterpolateOptions& options = {},
                                       std::optional<InterpolationMode> mode = {});

}  // namespace sweepmark
