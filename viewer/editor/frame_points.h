// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::editor {

/// The points of one frame as every view draws them: world axes, around an origin near the ego vehicle.
struct FramePoints {
  Vec3d origin;               ///< frame world: whole metres, so that moving by it is exact
  std::vector<Point> points;  ///< local frame: world minus `origin`
  Vec3d sensor;               ///< local frame: the first sweep's sensor (or ego vehicle)
  double ground = 0;          ///< height below the ego vehicle that few points are under, local frame

  Pose local_from_world() const { return {{}, {-origin.x, -origin.y, -origin.z}}; }
};

/// Reads the sweeps of `scene.frames[frame]`. Errors: no such frame, those of read_points.
Result<FramePoints> load_frame(const Scene& scene, std::size_t frame);

}  // namespace sweepmark::editor
