// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_camera.h"

#include <algorithm>
#include <cmath>

#include "geometry/convex_hull.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti {
namespace {

constexpr double least_cosine = 0.5;
/// Below this an angle is rounding: a millimetre in 100 m.
constexpr double upright_rad = 1e-5;

const Sensor* sensor_of(const Scene& scene, const FrontCamera& camera) {
  return camera.sensor ? &scene.sensors[*camera.sensor] : nullptr;
}

/// The cuboid's edges in the image, from end to end; cut where they pass the camera.
std::vector<Vec2d> outline_of(const CameraIntrinsics& camera, const Cuboid& cuboid) {
  const auto corner = [&](int i) {
    const Vec3d local{((i & 1) != 0 ? 0.5 : -0.5) * cuboid.size.x, ((i & 2) != 0 ? 0.5 : -0.5) * cuboid.size.y,
                      ((i & 4) != 0 ? 0.5 : -0.5) * cuboid.size.z};
    return rotate(cuboid.rotation, local) + cuboid.center;
  };
  std::vector<Vec2d> ends;
  for (int i = 0; i < 8; ++i) {
    for (const int axis : {1, 2, 4}) {
      if ((i & axis) != 0) continue;
      for (const auto& line : project_segment(camera, corner(i), corner(i | axis), 1))
        ends.insert(ends.end(), line.begin(), line.end());
    }
  }
  return convex_hull(std::move(ends));
}

struct Seen {
  std::vector<Vec2d> outline;
  std::array<double, 4> whole{}, shown{};  ///< boxes around it: of all, and of what the image shows
  double distance = 0;
  bool is_shown = false;
};

double area(const std::array<double, 4>& box) { return (box[2] - box[0]) * (box[3] - box[1]); }

Seen see(const CameraIntrinsics& camera, const Cuboid& cuboid) {
  Seen seen{.outline = outline_of(camera, cuboid), .distance = norm(cuboid.center)};
  if (seen.outline.size() < 3) return seen;
  seen.whole = {1e18, 1e18, -1e18, -1e18};
  for (const Vec2d p : seen.outline) {
    seen.whole = {std::min(seen.whole[0], p.x), std::min(seen.whole[1], p.y), std::max(seen.whole[2], p.x),
                  std::max(seen.whole[3], p.y)};
  }
  seen.shown = seen.whole;
  if (camera.width > 0 && camera.height > 0) {
    seen.shown = {std::max(seen.whole[0], 0.0), std::max(seen.whole[1], 0.0),
                  std::min(seen.whole[2], camera.width - 1.0), std::min(seen.whole[3], camera.height - 1.0)};
  }
  seen.is_shown = seen.shown[0] < seen.shown[2] && seen.shown[1] < seen.shown[3];
  return seen;
}

bool overlap(const std::array<double, 4>& a, const std::array<double, 4>& b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/// The part of what the image shows of an object that is behind others, by 16 x 16 samples.
double hidden_part(const Seen& object, std::span<const Seen* const> nearer) {
  constexpr int samples = 16;
  int inside = 0, hidden = 0;
  for (int row = 0; row < samples; ++row) {
    for (int column = 0; column < samples; ++column) {
      const auto at = [](double from, double to, int i) { return from + (to - from) * (i + 0.5) / samples; };
      const Vec2d p{at(object.shown[0], object.shown[2], column), at(object.shown[1], object.shown[3], row)};
      if (!is_within(object.outline, p)) continue;
      ++inside;
      hidden += std::ranges::any_of(nearer, [&](const Seen* other) { return is_within(other->outline, p); });
    }
  }
  return inside == 0 ? 0 : static_cast<double>(hidden) / inside;
}

}  // namespace

FrontCamera invented_camera() {
  return {{},
          {.fx = 700, .fy = 700, .cx = 600, .cy = 180, .width = 1200, .height = 360, .distortion = {}},
          {quat_from_matrix({{{0, 0, 1}, {-1, 0, 0}, {0, -1, 0}}}), {}}};
}

std::array<double, 12> projection_of(const CameraIntrinsics& camera) {
  return {camera.fx, 0, camera.cx, 0, 0, camera.fy, camera.cy, 0, 0, 0, 1, 0};
}

FrontCamera front_camera(const Scene& scene) {
  FrontCamera found = invented_camera();
  double best = least_cosine;
  bool is_own = false;
  for (std::uint32_t i = 0; i < scene.sensors.size(); ++i) {
    const Sensor& sensor = scene.sensors[i];
    if (sensor.kind != SensorKind::camera || !sensor.camera || sensor.camera->model == "fisheye" || is_own) continue;
    // Neighbours that look the same way differ by rounding: the first of them.
    const double cosine = rotate(sensor.ego_from_sensor.rotation, {0, 0, 1}).x;
    is_own = sensor.name == "image_2" || sensor.name == "image_02";
    if (!(cosine > best + 1e-3) && !(is_own && cosine > least_cosine)) continue;
    best = cosine;
    found = {i, *sensor.camera, sensor.ego_from_sensor};
  }
  found.intrinsics.model = "pinhole";
  found.intrinsics.distortion.clear();
  return found;
}

bool is_invented(const Scene& scene) { return !front_camera(scene).sensor; }

bool has_other_lens(const Scene& scene) {
  const FrontCamera camera = front_camera(scene);
  const Sensor* sensor = sensor_of(scene, camera);
  return sensor != nullptr && std::ranges::any_of(sensor->camera->distortion, [](double k) { return k != 0; });
}

bool is_tilted(const Scene& scene) {
  // KITTI's y axis is down: upright cuboids stand along it.
  const Vec3d down = rotate(front_camera(scene).ego_from_camera.rotation, {0, 1, 0});
  return std::hypot(down.x, down.y) > upright_rad;
}

std::vector<InImage> look_at(const CameraIntrinsics& camera, std::span<const Cuboid> cuboids) {
  std::vector<Seen> seen;
  seen.reserve(cuboids.size());
  for (const Cuboid& cuboid : cuboids) seen.push_back(see(camera, cuboid));
  std::vector<InImage> found(cuboids.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i].is_shown) continue;
    std::vector<const Seen*> nearer;
    for (const Seen& other : seen) {
      if (other.is_shown && other.distance < seen[i].distance && overlap(other.shown, seen[i].shown))
        nearer.push_back(&other);
    }
    const double hidden = hidden_part(seen[i], nearer);
    found[i] = {seen[i].shown, 1 - area(seen[i].shown) / area(seen[i].whole), hidden > 0.5 ? 2 : hidden > 0.1 ? 1 : 0};
  }
  return found;
}

}  // namespace sweepmark::kitti
