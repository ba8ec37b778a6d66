// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "geometry/camera_model.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// A 3x4 projection from a frame beside the camera to its undistorted pixels, as KITTI's P0 to P3 are: K, and as fourth
/// column K times the way from that frame's origin to the camera. The frame's axes are the camera's.
struct ProjectionMatrix {
  std::array<double, 12> rows{};  ///< row-major

  /// Whether it is [f 0 c x; 0 f c y; 0 0 1 z] with focal lengths above 0: without skew, not scaled, looking forwards.
  bool is_plain() const;
  /// Of the left 3x3 part; sizes are not known.
  CameraIntrinsics intrinsics() const;
  /// The camera's place in the frame that is projected from.
  Pose frame_from_camera() const;
};

}  // namespace sweepmark
