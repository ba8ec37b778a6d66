// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/own_points.h"
#include "viewer/editor/object_motion.h"

namespace sweepmark::editor {

class Document;

/// The points of one frame as every view draws them: world axes, around an origin near the ego vehicle.
/// Optional columns are empty or have one entry a point.
struct FramePoints {
  Vec3d origin;               ///< frame world: whole metres, so that moving by it is exact
  std::vector<Point> points;  ///< local frame: world minus `origin`
  Vec3d sensor;               ///< local frame: the first sweep's sensor (or ego vehicle)
  double ground = 0;          ///< height below the ego vehicle that few points are under, local frame

  std::size_t own_points = 0;       ///< the first so many are of the frame itself, the others of sweeps around it
  std::vector<std::uint16_t> ring;  ///< laser number; empty where no sweep has it
  std::vector<float> time_s;        ///< after the frame's timestamp; empty where all points have one time
  PointsByLidar lidars;             ///< of the frame's own points, where labels are about one of two LiDARs
  std::size_t absent_sweeps = 0;    ///< sweeps around the frame that the dataset names but does not hold
  std::size_t absent_own = 0;       ///< the same of the frame's own sweeps

  static constexpr std::uint16_t no_ring = 0xFFFF;  ///< of a point whose sweep has no rings, where others have

  Pose local_from_world() const { return {{}, {-origin.x, -origin.y, -origin.z}}; }
};

struct FrameOptions {
  int frames_before = 0, frames_after = 0;  ///< also the LiDAR sweeps from so many frames before to so many after
  bool align_objects = false;  ///< points in an object's cuboid at their own time stand where the object is now
  bool skips_absent = false;   ///< sweeps of the frame itself that are not there are counted, not an error
  friend bool operator==(const FrameOptions&, const FrameOptions&) = default;
};

/// Reads the sweeps of `scene.frames[frame]`, and those around it that `options` ask for: of the frames before and
/// after, and those between annotation instants. Their points are in the same local frame, at their places in the
/// world. \param objects  needed for `align_objects` alone. A point in two cuboids goes with the first. The frame's own
/// points
///                 never move: what is inside a cuboid is what was measured.
/// Errors: no such frame, those of read_points: a sweep of the frame itself that is not there too, where it is not
/// skipped. Cost: files are read side by side; about 15 ns a point beyond that.
Result<FramePoints> load_frame(const Scene& scene, std::size_t frame, const FrameOptions& options = {},
                               const ObjectMotion* objects = nullptr);
/// With the objects of a document as they are now.
Result<FramePoints> load_frame(const Scene& scene, std::size_t frame, const FrameOptions& options,
                               const Document& document);

}  // namespace sweepmark::editor
