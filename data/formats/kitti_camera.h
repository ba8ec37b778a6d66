// SPDX-License-Identifier: Apache-2.0
//
// The camera that labels of other datasets get in KITTI, and what it sees of their cuboids.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/scene.h"
#include "geometry/camera_model.h"

namespace sweepmark::kitti {

/// KITTI's left colour camera (P2): plain, without distortion.
struct FrontCamera {
  std::optional<std::uint32_t> sensor;  ///< of the scene; nothing: a camera that does not exist
  CameraIntrinsics intrinsics;          ///< width and height are 0 where nothing says them
  Pose ego_from_camera;
};

/// A camera that does not exist, in the vehicle's origin, that looks along its heading.
FrontCamera invented_camera();
/// [fx 0 cx 0; 0 fy cy 0; 0 0 1 0]
std::array<double, 12> projection_of(const CameraIntrinsics& camera);

/// The scene's camera that looks ahead most, of those that have a pinhole and look at most 60 degrees aside; KITTI's
/// own stays what it is. Where there is none: the invented one.
FrontCamera front_camera(const Scene& scene);
/// That it does not exist, has a lens that KITTI has no place for, or is tilted against the vehicle, so that cuboids
/// that stand upright on the vehicle's plane do not in the camera's frame, in which KITTI keeps a heading alone.
bool is_invented(const Scene& scene);
bool has_other_lens(const Scene& scene);
bool is_tilted(const Scene& scene);

/// What an image says of an object, in KITTI's words.
struct InImage {
  std::array<double, 4> box = {-1, -1, -1, -1};  ///< left, top, right, bottom, within the image; -1: not in the image
  double truncated = 1;                          ///< the part of its outline's box that is outside the image
  int occluded = 3;                              ///< 0 to 2: fully visible, partly, largely occluded; 3: not known
};

/// Cuboids as the camera sees them, cut at its image where its size is known. What hides an object is the other
/// cuboids, those that are nearer: up to a tenth of it hidden counts as visible, up to a half as partly occluded.
/// \param cuboids  of one frame, in the camera's frame
std::vector<InImage> look_at(const CameraIntrinsics& camera, std::span<const Cuboid> cuboids);

}  // namespace sweepmark::kitti
