// SPDX-License-Identifier: Apache-2.0
//
// How far labels are from the vehicle that recorded them, for figures by distance.
#pragma once

#include <optional>
#include <string>

#include "data/scene.h"

namespace sweepmark {

/// The ego vehicle's pose at the time of a label; nothing where the scene does not say.
std::optional<Pose> ego_at(const Scene& scene, TimestampNs time);

/// "0-20 m", "20-40 m", "40-60 m" or "60+ m".
std::string distance_band(double distance_m);

}  // namespace sweepmark
