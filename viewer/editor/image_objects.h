// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "data/scene.h"
#include "viewer/editor/document.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

/// Where a track (by index) is at a time, frame world: `Document::at` or `ObjectMotion::at`.
using ObjectAt = std::function<std::optional<Cuboid>(std::size_t track, TimestampNs timestamp)>;
/// \param document  must outlive what is returned
ObjectAt object_at(const Document& document);

/// An object of a frame as one of its images shows it. Pixels: the centre of the top left one is (0, 0).
struct ObjectInImage {
  std::size_t track = 0;
  Cuboid cuboid;                   ///< frame world, at the image's own time
  double depth_m = 0;              ///< of the cuboid's centre, along the camera's axis
  std::vector<LineSegment> lines;  ///< edges and arrow, bent by the lens
  std::vector<Vec2d> outline;      ///< convex, the corners of what the lines enclose
  Vec2d box_min, box_max;          ///< around the outline, within the image where its size is known
};

/// The objects of a frame that can be seen in one of its images, the farthest first, so that near ones are drawn over
/// them. Each stands where it is at the image's own time (a car at 100 km/h goes 1.4 m in 50 ms): one that is dragged
/// or was edited is moved as its track moves between the two times, and one whose track says nothing of the image's
/// time (before its first and after its last keyframe) stands where it is in the frame.
/// \param image     index into scene.images  \param tracks  for colours, as for `objects`
/// \param objects   of the frame, at its own time; with the dragged one as it is now
/// \param selected  index of the selected track
/// Empty for a camera without intrinsics. Cost: O(objects).
std::vector<ObjectInImage> objects_in_image(const Scene& scene, std::size_t frame, std::size_t image,
                                            std::span<const Track> tracks, std::span<const ShownCuboid> objects,
                                            const ObjectAt& object_at, std::optional<std::size_t> selected = {});

/// The object under a pixel: whose line is nearest within `reach_px`, else the nearest to the camera of those whose
/// outline holds the pixel. \return index into `objects`
std::optional<std::size_t> pick(std::span<const ObjectInImage> objects, Vec2d pixel, double reach_px = 6);

}  // namespace sweepmark::editor
