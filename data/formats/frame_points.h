// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "data/scene.h"
#include "kernels/math/types.h"
#include "kernels/result.h"

namespace sweepmark {

/// The points of a frame's LiDAR sweeps in one frame of reference, for formats that training reads: their points are
/// files beside the labels. Sweeps whose files are not there are left out.
/// \param ego_from_target  the frame that the points are wanted in. Errors: a sweep that cannot be read.
Result<std::vector<Point>> points_of_frame(const Scene& scene, const Frame& frame, const Pose& ego_from_target);

}  // namespace sweepmark
