// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_objects.h"

#include <algorithm>
#include <cmath>

#include "geometry/convex_hull.h"
#include "geometry/line_segment.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::editor {
namespace {

double distance_to(const LineSegment& line, Vec2d p) {
  const auto end = [](const auto& at) { return Vec2d{static_cast<double>(at.x), static_cast<double>(at.y)}; };
  return distance_to_segment(p, end(line.a), end(line.b));
}

/// The shown cuboid at the image's time: moved as its track moves, whatever was done to it.
Cuboid at_image_time(const ShownCuboid& shown, const std::optional<Cuboid>& in_frame,
                     const std::optional<Cuboid>& in_image) {
  if (!in_frame || !in_image) return shown.cuboid;
  if (shown.cuboid == *in_frame) return *in_image;
  const Quat turned = normalized(in_image->rotation * conjugate(in_frame->rotation));
  return {shown.cuboid.center + (in_image->center - in_frame->center), shown.cuboid.size,
          normalized(turned * shown.cuboid.rotation)};
}

/// Outline and box of the lines. \return false where the image shows none of it
bool enclose(ObjectInImage& object, const CameraIntrinsics& camera) {
  std::vector<Vec2d> ends;
  for (const LineSegment& line : object.lines)
    for (const Vec3f& end : {line.a, line.b}) ends.push_back({static_cast<double>(end.x), static_cast<double>(end.y)});
  if (ends.empty()) return false;
  object.outline = convex_hull(std::move(ends));
  object.box_min = object.box_max = object.outline.front();
  for (const Vec2d p : object.outline) {
    object.box_min = {std::min(object.box_min.x, p.x), std::min(object.box_min.y, p.y)};
    object.box_max = {std::max(object.box_max.x, p.x), std::max(object.box_max.y, p.y)};
  }
  if (camera.width <= 0 || camera.height <= 0) return true;
  const auto clip = [](double& low, double& high, int size) {
    low = std::max(low, -0.5);
    high = std::min(high, size - 0.5);
    return low < high;
  };
  return clip(object.box_min.x, object.box_max.x, camera.width) &&
         clip(object.box_min.y, object.box_max.y, camera.height);
}

}  // namespace

ObjectAt object_at(const Document& document) {
  return [&document](std::size_t track, TimestampNs timestamp) -> std::optional<Cuboid> {
    const auto shown = document.at(track, timestamp);
    return shown ? std::optional(shown->cuboid) : std::nullopt;
  };
}

std::vector<ObjectInImage> objects_in_image(const Scene& scene, std::size_t frame, std::size_t image_index,
                                            std::span<const Track> tracks, std::span<const ShownCuboid> objects,
                                            const ObjectAt& object_at, std::optional<std::size_t> selected) {
  std::vector<ObjectInImage> seen;
  const ImageRef& image = scene.images.at(image_index);
  const auto& camera = scene.sensors[image.sensor].camera;
  if (!camera) return seen;
  const TimestampNs frame_time = scene.frames.at(frame).timestamp;
  const Pose camera_from_world = inverse(image.world_from_sensor);
  for (const ShownCuboid& shown : objects) {
    ObjectInImage object;
    object.track = shown.track;
    object.cuboid = image.timestamp == frame_time ? shown.cuboid
                                                  : at_image_time(shown, object_at(shown.track, frame_time),
                                                                  object_at(shown.track, image.timestamp));
    const Cuboid in_camera = camera_from_world * object.cuboid;
    object.depth_m = in_camera.center.z;
    add_cuboid_in_image(object.lines, *camera, in_camera, class_colour(class_at(tracks[shown.track], frame_time)),
                        shown.track == selected);
    if (enclose(object, *camera)) seen.push_back(std::move(object));
  }
  std::ranges::stable_sort(seen, std::ranges::greater{}, &ObjectInImage::depth_m);
  return seen;
}

std::optional<std::size_t> pick(std::span<const ObjectInImage> objects, Vec2d pixel, double reach_px) {
  std::optional<std::size_t> by_line, by_outline;
  double nearest = reach_px;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (const LineSegment& line : objects[i].lines)
      if (const double distance = distance_to(line, pixel); distance <= nearest) {
        nearest = distance;
        by_line = i;
      }
    if (is_within(objects[i].outline, pixel) && (!by_outline || objects[i].depth_m < objects[*by_outline].depth_m))
      by_outline = i;
  }
  return by_line ? by_line : by_outline;
}

}  // namespace sweepmark::editor
