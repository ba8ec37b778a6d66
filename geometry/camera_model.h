// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "geometry/vec2.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// Intrinsics of a camera. Its frame: x right, y down, z forwards.
///
/// `model` "pinhole": `distortion` is empty or OpenCV's k1 k2 p1 p2 [k3 [k4 k5 k6]] (Brown-Conrady, rational).
/// "fisheye": `distortion` is k1 k2 k3 k4 of Kannala and Brandt (2006). "radial": k1 k2 k3.
struct CameraIntrinsics {
  double fx = 0, fy = 0, cx = 0, cy = 0;
  int width = 0, height = 0;  ///< 0 when the dataset does not say
  std::string model = "pinhole";
  std::vector<double> distortion;
};

/// The pixel of a point in the camera frame; the centre of the top left pixel is (0, 0).
/// \return nothing behind the camera, or so far aside that the distortion polynomial turns back.
std::optional<Vec2d> project(const CameraIntrinsics& camera, Vec3d point_in_camera);

/// The polylines of the segment from `a` to `b` (frame camera) in the image: bent by the lens, cut where the camera
/// cannot see. \param pieces  straight parts to cut the segment into; 1 is enough without distortion
std::vector<std::vector<Vec2d>> project_segment(const CameraIntrinsics& camera, Vec3d a, Vec3d b, int pieces);

}  // namespace sweepmark
