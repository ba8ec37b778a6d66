// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/camera_views.h"

#include <oneapi/tbb/parallel_for.h>

#include <cmath>
#include <map>

#include "data/turned_pictures.h"
#include "kernels/math/rigid.h"

namespace sweepmark::editor {

std::vector<CameraView> camera_views(const Scene& scene, std::size_t frame, const Pose& local_from_world,
                                     const std::function<std::shared_ptr<const Picture>(std::uint32_t)>& picture) {
  std::vector<CameraView> views;
  for (const std::uint32_t i : scene.frames.at(frame).images) {
    const ImageRef& image = scene.images[i];
    const auto& camera = scene.sensors[image.sensor].camera;
    if (!camera) continue;
    auto pixels = picture(i);
    if (pixels == nullptr || pixels->rgba.empty()) continue;
    views.push_back({*camera, inverse(local_from_world * image.world_from_sensor), std::move(pixels)});
  }
  return views;
}

Result<std::vector<CameraView>> load_camera_views(const Scene& scene, std::size_t frame, const Pose& local_from_world) {
  const auto& images = scene.frames.at(frame).images;
  std::vector<Result<Picture>> read(images.size(), Picture{});
  const ScenePictures in_scene(scene);
  oneapi::tbb::parallel_for(std::size_t{0}, images.size(),
                            [&](std::size_t i) { read[i] = in_scene.read(scene.images[images[i]]); });
  std::map<std::uint32_t, std::shared_ptr<const Picture>> pictures;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!read[i]) return read[i].error();
    pictures[images[i]] = std::make_shared<const Picture>(*std::move(read[i]));
  }
  return camera_views(scene, frame, local_from_world, [&](std::uint32_t i) { return pictures.at(i); });
}

std::optional<Rgba> colour_in_images(std::span<const CameraView> views, Vec3d point) {
  std::optional<Rgba> colour;
  double nearest = 2;
  for (const CameraView& view : views) {
    const Vec3d p = view.camera_from_local * point;
    if (!(p.z > 0)) continue;
    const auto pixel = project(view.camera, p);
    if (!pixel) continue;
    // The picture may be a scaled copy of what the camera took.
    const int width = view.picture->width, height = view.picture->height;
    const double u = (pixel->x + 0.5) / (view.camera.width > 0 ? view.camera.width : width);
    const double v = (pixel->y + 0.5) / (view.camera.height > 0 ? view.camera.height : height);
    if (!(u >= 0 && u < 1 && v >= 0 && v < 1)) continue;
    const double distance = std::hypot(u - 0.5, v - 0.5);
    if (distance >= nearest) continue;
    nearest = distance;
    const auto at = 4 * (static_cast<std::size_t>(v * height) * static_cast<std::size_t>(width) +
                         static_cast<std::size_t>(u * width));
    const auto& rgb = view.picture->rgba;
    colour = rgba(rgb[at], rgb[at + 1], rgb[at + 2]);
  }
  return colour;
}

}  // namespace sweepmark::editor
