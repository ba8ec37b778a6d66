// SPDX-License-Identifier: Apache-2.0
#include "geometry/projection_matrix.h"

#include <cmath>

namespace sweepmark {

bool ProjectionMatrix::is_plain() const {
  return rows[0] > 0 && rows[5] > 0 && std::abs(rows[1]) <= 1e-6 * rows[0] && rows[4] == 0 && rows[8] == 0 &&
         rows[9] == 0 && rows[10] == 1;
}

CameraIntrinsics ProjectionMatrix::intrinsics() const {
  CameraIntrinsics camera;
  camera.fx = rows[0], camera.cx = rows[2], camera.fy = rows[5], camera.cy = rows[6];
  return camera;
}

Pose ProjectionMatrix::frame_from_camera() const {
  // A point x of the frame is x + K^-1 * column in the camera.
  const CameraIntrinsics k = intrinsics();
  const double depth = rows[11];
  return {{}, {-(rows[3] - k.cx * depth) / k.fx, -(rows[7] - k.cy * depth) / k.fy, -depth}};
}

}  // namespace sweepmark
