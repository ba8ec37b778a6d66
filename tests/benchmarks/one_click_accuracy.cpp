// SPDX-License-Identifier: Apache-2.0
//
// How good a cuboid one click gives: for each labelled car with at least 100 points, a click on the point nearest to
// the middle of those in its upper half, without a hint of its heading. With --failures, what is wrong with each car
// below an IoU of 0.7: in its own frame, metres and degrees. Usage: one_click_accuracy [--failures] SCENE...
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "kernels/point_index.h"
#include "viewer/editor/create_cuboid.h"
#include "viewer/editor/frame_points.h"

namespace sweepmark {
namespace {

constexpr std::size_t least_points = 100;
constexpr std::array<std::string_view, 4> cars = {"Car", "Van", "vehicle.car", "REGULAR_VEHICLE"};
bool say_failures = false;

struct Tally {
  int cars = 0, above_07 = 0;
  double sum = 0, seconds = 0;
};

Vec3d position(const Point& p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

std::uint32_t click(const std::vector<Point>& points, const std::vector<std::uint32_t>& inside, const Cuboid& truth) {
  Vec3d mean;
  double count = 0;
  for (const std::uint32_t i : inside) {
    if (position(points[i]).z < truth.center.z) continue;
    mean = mean + position(points[i]);
    ++count;
  }
  mean = count > 0 ? (1 / count) * mean : truth.center;
  std::uint32_t nearest = inside.front();
  for (const std::uint32_t i : inside)
    if (norm(position(points[i]) - mean) < norm(position(points[nearest]) - mean)) nearest = i;
  return nearest;
}

void say_failure(const editor::FramePoints& frame, const Track& track, const Cuboid& truth, std::size_t inside,
                 const std::optional<Cuboid>& made, double iou) {
  const double distance = norm(truth.center - frame.sensor);
  if (!made) {
    fmt::print("  {} {:.2f}: nothing fitted; {} points inside, {:.0f} m away\n", track.id, iou, inside, distance);
    return;
  }
  const Vec3d off = rotate(conjugate(truth.rotation), made->center - truth.center);
  const double turn = wrap_angle(yaw_of(made->rotation) - yaw_of(truth.rotation)) * 180 / std::numbers::pi;
  const Vec3d view = rotate(conjugate(truth.rotation), frame.sensor - truth.center);
  fmt::print(
      "  {} {:.2f}: off {:+.2f} {:+.2f} {:+.2f}, turned {:+.0f}; made {:.2f} {:.2f} {:.2f}, is {:.2f} {:.2f} {:.2f}; "
      "{} "
      "points, {:.0f} m away, seen from {:+.0f}\n",
      track.id, iou, off.x, off.y, off.z, turn, made->size.x, made->size.y, made->size.z, truth.size.x, truth.size.y,
      truth.size.z, inside, distance, std::atan2(view.y, view.x) * 180 / std::numbers::pi);
}

void measure_frame(const Scene& scene, const editor::FramePoints& frame, TimestampNs timestamp, Tally& tally) {
  const GroundGrid ground(frame.points);
  PointIndex index;
  if (!index.assign(frame.points)) return;
  for (const Track& track : scene.labels.tracks) {
    if (std::ranges::find(cars, track.class_name) == cars.end()) continue;
    for (const Keyframe& keyframe : track.keyframes) {
      if (keyframe.timestamp != timestamp) continue;
      const Cuboid truth = frame.local_from_world() * keyframe.cuboid;
      const auto inside = index.find(truth);
      if (!inside || inside->size() < least_points) continue;
      // What the viewer does with a click, without a hint of the heading.
      const std::uint32_t clicked = click(frame.points, *inside, truth);
      const editor::NewCuboid options{editor::usual_size("car"), frame.sensor, {}};
      const auto begin = std::chrono::steady_clock::now();
      const auto made = editor::cuboid_from_click(frame.points, ground, clicked, options);
      tally.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      const double iou = made ? box_iou(*made, truth) : 0;
      if (say_failures && iou <= 0.7) say_failure(frame, track, truth, inside->size(), made, iou);
      ++tally.cars;
      tally.above_07 += iou > 0.7 ? 1 : 0;
      tally.sum += iou;
    }
  }
}

int measure(const char* path) {
  const auto handles = find_scenes(path);
  if (!handles) return fmt::print(stderr, "{}\n", handles.error().message), 1;
  Tally tally;
  for (const SceneHandle& handle : *handles) {
    const auto scene = open_scene(handle);
    if (!scene) return fmt::print(stderr, "{}\n", scene.error().message), 1;
    for (std::size_t f = 0; f < scene->frames.size(); ++f) {
      if (scene->frames[f].sweeps.empty()) continue;
      const auto frame = editor::load_frame(*scene, f);
      if (!frame) return fmt::print(stderr, "{}\n", frame.error().message), 1;
      measure_frame(*scene, *frame, scene->frames[f].timestamp, tally);
    }
  }
  const double count = tally.cars > 0 ? tally.cars : 1;
  fmt::print("{}: {} cars, mean IoU {:.3f}, above 0.7: {:.1f} %, {:.1f} ms a click\n", path, tally.cars,
             tally.sum / count, 100 * tally.above_07 / count, 1e3 * tally.seconds / count);
  return 0;
}

}  // namespace
}  // namespace sweepmark

int main(int argc, char** argv) {
  int status = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--failures") {
      sweepmark::say_failures = true;
      continue;
    }
    status |= sweepmark::measure(argv[i]);
  }
  return status;
}
