// SPDX-License-Identifier: Apache-2.0
#include "tests/viewer/small_scene.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "kernels/math/rigid.h"

namespace sweepmark::testing_support {
namespace {

constexpr TimestampNs start = 1'600'000'000'000'000'000, between_sweeps = 100'000'000;
constexpr Vec3d corner{1000, 2000, 30};

/// Tilted, so that a rotation forgotten or turned round shows.
const Pose ego_from_lidar{quat_from_euler(0.2, 0.05, -0.03), {0.9, 0.1, 1.8}};

Pose world_from_ego(double t) { return {quat_from_yaw(0.1), {corner.x + 10 * t, corner.y, corner.z}}; }

Cuboid car_at(double t) {
  return {{corner.x + 5 + 15 * t, corner.y + 6, corner.z + 0.9}, {4.4, 1.9, 1.6}, quat_from_yaw(0.4 * t)};
}

void write_sweep(const std::filesystem::path& file, const Pose& world_from_lidar, double t) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> unit(-1, 1);
  std::vector<float> values;
  const auto add = [&](Vec3d in_world, std::size_t number) {
    const Vec3d p = inverse(world_from_lidar) * in_world;
    for (const double value : {p.x, p.y, p.z, static_cast<double>(number % 256), static_cast<double>(number % 32)})
      values.push_back(static_cast<float>(value));
  };
  for (std::size_t i = 0; i < points_at_rest; ++i)
    add(corner + Vec3d{40 * unit(random), 40 * unit(random), 0.1 * unit(random) + (i % 10 == 0 ? 2 : 0)}, i);
  for (std::size_t i = 0; i < points_at_car; ++i) {
    // A third of them just outside.
    const Vec3d p{2.6 * unit(random), 1.1 * unit(random), 0.8 * unit(random)};
    add(car_at(t).center + rotate(car_at(t).rotation, p), i);
  }
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
}

}  // namespace

Scene small_scene(const std::filesystem::path& folder, std::size_t frames) {
  Scene scene;
  scene.format = Format::sweepmark_json;
  scene.root = folder;
  scene.name = "small";
  scene.sensors.push_back({"LIDAR", SensorKind::lidar, ego_from_lidar, {}});
  Track car{"car", "vehicle.car", {{"interpolation", "linear"}}, {}, {}}, post{"post", "traffic_cone", {}, {}, {}};
  for (std::size_t i = 0; i + 1 < 2 * frames; ++i) {
    const double t = 0.1 * static_cast<double>(i);
    const TimestampNs timestamp = start + static_cast<TimestampNs>(i) * between_sweeps;
    const Pose world_from_lidar = world_from_ego(t) * ego_from_lidar;
    const auto file = folder / ("sweep_" + std::to_string(i) + ".pcd.bin");
    write_sweep(file, world_from_lidar, t);
    scene.ego_poses.push_back({timestamp, world_from_ego(t)});
    scene.sweeps.push_back({0, timestamp, file, PointFileKind::nuscenes_bin, world_from_lidar});
    if (i % 2 == 0) scene.frames.push_back({timestamp, world_from_ego(t), {static_cast<std::uint32_t>(i)}, {}});
    if (i % 4 == 0 || i + 2 == 2 * frames) car.keyframes.push_back({timestamp, car_at(t), {}, {}});
  }
  const Cuboid post_cuboid{corner + Vec3d{10, -10, 1}, {6, 6, 4}, quat_from_yaw(0.7)};
  for (const TimestampNs timestamp : {scene.frames.front().timestamp, scene.frames.back().timestamp})
    if (post.keyframes.empty() || post.keyframes.back().timestamp != timestamp)
      post.keyframes.push_back({timestamp, post_cuboid, {}, {}});
  scene.labels.tracks = {car, post};
  return scene;
}

std::vector<Vec3d> world_points(const SweepRef& sweep) {
  std::ifstream in(sweep.file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto* values = reinterpret_cast<const float*>(bytes.data());
  std::vector<Vec3d> points;
  for (std::size_t i = 0; i + 20 <= bytes.size(); i += 20, values += 5)
    points.push_back(sweep.world_from_points * Vec3d{static_cast<double>(values[0]), static_cast<double>(values[1]),
                                                     static_cast<double>(values[2])});
  return points;
}

bool is_inside(const Cuboid& cuboid, Vec3d point) {
  const Vec3d p = rotate(conjugate(cuboid.rotation), point - cuboid.center);
  return std::abs(p.x) <= cuboid.size.x / 2 && std::abs(p.y) <= cuboid.size.y / 2 && std::abs(p.z) <= cuboid.size.z / 2;
}

}  // namespace sweepmark::testing_support
