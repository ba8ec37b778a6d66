// SPDX-License-Identifier: Apache-2.0
//
// Scenes with labels of every kind that a format may or may not be able to hold, for property tests.
#pragma once

#include <cmath>
#include <memory>
#include <random>
#include <string>

#include "data/scene.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::testing_support {

class RandomScene {
 public:
  explicit RandomScene(unsigned seed) : random_(seed) {}

  Scene scene() {
    Scene scene;
    scene.format = Format::points;
    scene.name = "random scene";
    scene.sensors = {{"top", SensorKind::lidar, {quat_from_yaw(0.1), {0.5, 0, 1.8}}, {}},
                     {"front",
                      SensorKind::camera,
                      {{0.5, -0.5, 0.5, -0.5}, {1, 0, 1.5}},
                      CameraIntrinsics{900, 910, 640, 360, 1280, 720, "pinhole", {}}}};
    const std::size_t frames = 2 + below(9);
    TimestampNs time = 1'557'539'956'500'022'000;
    for (std::size_t i = 0; i < frames; ++i) {
      const Pose world_from_ego{quat_from_euler(0.3 * static_cast<double>(i) + 1, number(0.02), number(0.02)),
                                {691'608.25 + 2.0 * static_cast<double>(i), 4'000.5 + number(1), number(1)}};
      scene.ego_poses.push_back({time, world_from_ego});
      scene.frames.push_back({time, world_from_ego, {}, {}});
      time += 100'000'000 + 1000 * static_cast<TimestampNs>(below(5000));
    }
    const std::size_t tracks = below(7);
    for (std::size_t i = 0; i < tracks; ++i) add_track(scene, i);
    if (below(2) == 0) add_point_labels(scene);
    return scene;
  }

 private:
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }
  double number(double most) { return std::uniform_real_distribution<double>(-most, most)(random_); }

  Attributes attributes() {
    constexpr const char* names[] = {"colour", "with rider", "parked"};
    constexpr const char* values[] = {"red", "1.50", "7", "true", "a \"b\", <c> & \xC3\xA4"};
    Attributes out;
    for (std::uint32_t i = below(3); i > 0; --i) out[names[below(3)]] = values[below(5)];
    return out;
  }

  void add_track(Scene& scene, std::size_t i) {
    constexpr const char* classes[] = {"Car", "Other Vehicle - Uncommon", "Pedestrian"};
    constexpr const char* kinds[] = {"track-", "", "e83d78e4-5b11-4ad5-ac71-917b5cd19c9"};
    Track track;
    track.id = kinds[below(3)] + std::to_string(i);
    track.class_name = classes[below(3)];
    track.attributes = attributes();
    const Vec3d size{4 + number(1), 1.8 + number(0.5), 1.6 + number(0.3)};
    const bool changes = below(3) == 0, tilted = below(2) == 0;
    for (std::size_t f = 0; f < scene.frames.size(); ++f) {
      if (below(4) == 0) continue;
      const Pose& ego = scene.frames[f].world_from_ego;
      Keyframe k;
      k.timestamp = scene.frames[f].timestamp + (below(12) == 0 ? 1'234'567 : 0);
      const Quat heading = quat_from_yaw(number(3.14159));
      k.cuboid = {ego * Vec3d{number(80), number(80), number(2)}, changes ? size + Vec3d{number(0.2), 0, 0} : size,
                  tilted ? normalized(heading * quat_from_euler(0, number(0.3), number(0.3))) : heading};
      if (below(2) == 0) k.stored_count = below(1000);
      k.attributes = attributes();
      track.keyframes.push_back(std::move(k));
    }
    if (below(3) == 0) track.absences.push_back({5, 6});
    // Without a random number, so that the rest of the scene is what it was. It may be at a frame without a label.
    if ((i + scene.frames.size()) % 3 == 0)
      set_class_from(track, scene.frames[scene.frames.size() / 2].timestamp, classes[i % 3]);
    if (!track.keyframes.empty()) scene.labels.tracks.push_back(std::move(track));
  }

  void add_point_labels(Scene& scene) {
    scene.labels.point_classes = {{0, "unlabeled"}, {1, "car"}, {2, "road"}, {9, "pole"}};
    for (const Frame& frame : scene.frames) {
      auto values = std::make_shared<PointLabels>();
      constexpr std::uint16_t classes[] = {0, 1, 2, 9};
      for (std::uint32_t i = below(50); i > 0; --i) {
        values->classes.push_back(classes[below(4)]);
        values->instances.push_back(values->classes.back() == 1 ? 1 + below(5) : 0);
      }
      scene.labels.point_labels.push_back(
          {frame.timestamp, "top", {}, PointLabelKind::semantic_kitti, std::move(values)});
    }
  }

  std::mt19937 random_;
};

/// The first of them with a few labels.
inline Scene random_labelled_scene() {
  for (unsigned seed = 0;; ++seed) {
    Scene scene = RandomScene(seed).scene();
    if (scene.labels.tracks.size() >= 4 && scene.frames.size() >= 4) return scene;
  }
}

}  // namespace sweepmark::testing_support
