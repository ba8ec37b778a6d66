// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "kernels/interpolate.h"
#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// The track attribute in which a person's choice of mode is kept, by its name below.
inline constexpr std::string_view interpolation_attribute = "interpolation";

std::string_view mode_name(InterpolationMode mode);  ///< "linear", "smooth", "motion" or "static"
std::optional<InterpolationMode> mode_from_name(std::string_view name);

/// motion for what rolls on wheels behind its heading (cars, trucks, buses, bicycles: any dataset's words), else
/// smooth.
InterpolationMode mode_of_class(std::string_view class_name);

/// The one that the track's attribute names, else that of its class. Errors: an attribute that names no mode.
Result<InterpolationMode> mode_of(const Track& track);

}  // namespace sweepmark
