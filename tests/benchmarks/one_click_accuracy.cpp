// SPDX-License-Identifier: Apache-2.0
//
// How good a cuboid one click gives: for each labelled car with at least 100 points, a click on the point nearest to
// the middle of those in its upper half, without a hint of its heading. Usage: one_click_accuracy SCENE...
#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "geometry/cuboid_fit.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "kernels/point_index.h"
#include "viewer/editor/frame_points.h"

namespace sweepmark {
namespace {

constexpr std::size_t least_points = 100;
constexpr Vec3d usual_car{4.5, 1.8, 0};

struct Tally {
  int cars = 0, above_07 = 0;
  double sum = 0;
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

void measure_frame(const Scene& scene, const editor::FramePoints& frame, TimestampNs timestamp, Tally& tally) {
  const GroundGrid ground(frame.points);
  PointIndex index;
  if (!index.assign(frame.points)) return;
  for (const Track& track : scene.labels.tracks) {
    if (track.class_name != "Car" && track.class_name != "Van" && track.class_name != "vehicle.car") continue;
    for (const Keyframe& keyframe : track.keyframes) {
      if (keyframe.timestamp != timestamp) continue;
      const Cuboid truth = frame.local_from_world() * keyframe.cuboid;
      const auto inside = index.find(truth);
      if (!inside || inside->size() < least_points) continue;
      const auto object = object_points(frame.points, ground, click(frame.points, *inside, truth));
      const auto fitted = fit_object(frame.points, object, ground);
      const double iou = fitted ? box_iou(complete_to_size(*fitted, frame.sensor, usual_car), truth) : 0;
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
  const double cars = tally.cars > 0 ? tally.cars : 1;
  fmt::print("{}: {} cars, mean IoU {:.3f}, above 0.7: {:.1f} %\n", path, tally.cars, tally.sum / cars,
             100 * tally.above_07 / cars);
  return 0;
}

}  // namespace
}  // namespace sweepmark

int main(int argc, char** argv) {
  int status = 0;
  for (int i = 1; i < argc; ++i) status |= sweepmark::measure(argv[i]);
  return status;
}
