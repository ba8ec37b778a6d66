// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/math/types.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

enum class ColourMode : std::uint8_t { height, intensity, range, object };

std::optional<ColourMode> colour_mode_from_name(std::string_view name);
std::string_view name_of(ColourMode mode);

/// What the colours mean: a scale from `low` to `high` in `unit` (height, intensity, range).
struct Legend {
  std::string title, unit;
  double low = 0, high = 0;
};

struct PointColours {
  std::vector<Rgba> colours;  ///< one a point
  Legend legend;
};

/// The colour at 0 to 1 of the scale that all modes share: dark blue over green to yellow, even in brightness.
Rgba scale_colour(double t);

/// Height, intensity and range run between the 2nd and the 98th percentile: a few outliers do not take all colours.
/// `object`: grey, and inside each cuboid the colour of its class.
/// \param points   local frame  \param sensor  where range is measured from
/// \param cuboids  local frame, each with its colour  Cost: O(points * (1 + cuboids near them))
PointColours colour_points(std::span<const Point> points, ColourMode mode, Vec3d sensor,
                           std::span<const std::pair<Cuboid, Rgba>> cuboids);

}  // namespace sweepmark::editor
