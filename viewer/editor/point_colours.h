// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geometry/cuboid_fit.h"
#include "kernels/math/types.h"
#include "viewer/editor/camera_views.h"
#include "viewer/editor/frame_points.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

enum class ColourMode : std::uint8_t {
  height,  ///< above the ground
  intensity,
  range,       ///< from the first sweep's sensor
  ring,        ///< laser number
  time,        ///< after the frame's timestamp
  class_name,  ///< of the object that the point is inside of
  track,       ///< which object the point is inside of
  camera,      ///< of the frame's images
  density,     ///< points in the point's voxel of 0.2 m
};

/// The names of all modes, in their order: for menus and the command line.
std::span<const std::string_view> colour_mode_names();
/// "class" is also known as "object".
std::optional<ColourMode> colour_mode_from_name(std::string_view name);
std::string_view name_of(ColourMode mode);

/// What the colours mean: entries, or without them a scale from `low` to `high`, coloured by `scale_colour`.
struct Legend {
  struct Entry {
    std::string name;
    Rgba colour = 0;
  };
  std::string title, unit;
  double low = 0, high = 0;
  bool logarithmic = false;    ///< the middle of the scale is the geometric mean of its ends
  std::vector<Entry> entries;  ///< in the order of their names, the one for all other points last
  std::string missing;         ///< why all points are grey, where that is so
};

struct PointColours {
  std::vector<Rgba> colours;  ///< one a point
  Legend legend;
};

struct ColouredObject {
  Cuboid cuboid;  ///< local frame
  std::string class_name, track_id;
};

/// What some modes need besides the points.
struct ColourContext {
  const GroundGrid* ground = nullptr;            ///< height; without it, above FramePoints::ground everywhere
  std::span<const ColouredObject> objects = {};  ///< class, track
  std::span<const CameraView> cameras = {};      ///< camera
};

/// The colour of points that a mode says nothing of.
constexpr Rgba no_colour = rgba(98, 105, 118);

/// The colour at 0 to 1 of the scale that all modes share: dark blue over green to yellow, even in brightness.
Rgba scale_colour(double t);

/// A colour that a track keeps in every frame and program; ids with numbers next to each other are far apart.
Rgba track_colour(std::string_view track_id);

/// Height, intensity, range and density run between the 2nd and the 98th percentile: a few outliers do not take all
/// colours. A point in two cuboids belongs to the first. Where two cameras see a point: see colour_in_images.
/// Cost: O(points), shared among threads; figures are in docs/benchmarks.md.
PointColours colour_points(const FramePoints& frame, ColourMode mode, const ColourContext& context = {});

}  // namespace sweepmark::editor
