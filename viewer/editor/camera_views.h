// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/image_file.h"
#include "data/scene.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

/// An image that points can be seen in.
struct CameraView {
  CameraIntrinsics camera;
  Pose camera_from_local;  ///< at the image's own time
  std::shared_ptr<const Picture> picture;
};

/// The images of a frame. \param picture  of an index into scene.images; null leaves the image out
std::vector<CameraView> camera_views(const Scene& scene, std::size_t frame, const Pose& local_from_world,
                                     const std::function<std::shared_ptr<const Picture>(std::uint32_t)>& picture);
/// Reads the images of a frame, side by side. Errors: those of read_image.
Result<std::vector<CameraView>> load_camera_views(const Scene& scene, std::size_t frame, const Pose& local_from_world);

/// The colour of a point in the image in whose middle it is seen best: the least distance from the image's centre, as a
/// part of its size. What stands before a point is not asked. \return nothing where no camera sees it
std::optional<Rgba> colour_in_images(std::span<const CameraView> views, Vec3d point);

}  // namespace sweepmark::editor
