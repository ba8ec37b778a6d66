// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/trajectories.h"

#include <optional>

#include "kernels/math/rigid.h"
#include "viewer/editor/cuboid_edit.h"

namespace sweepmark::editor {
namespace {

void join(std::vector<LineSegment>& lines, const std::optional<Vec3d>& from, const Vec3d& to, Rgba colour,
          double width) {
  if (!from) return;
  const auto point = [](Vec3d p) {
    return Vec3f{static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)};
  };
  lines.push_back({point(*from), colour, point(to), static_cast<float>(width)});
}

}  // namespace

void add_trajectory(std::vector<LineSegment>& lines, const Document& document, std::size_t track, const Scene& scene,
                    const Pose& local_from_world, Rgba colour, double width) {
  const auto& keyframes = document.labels().tracks[track].keyframes;
  if (keyframes.empty()) return;
  std::optional<Vec3d> previous;
  for (const Frame& frame : scene.frames) {
    if (frame.timestamp < keyframes.front().timestamp || frame.timestamp > keyframes.back().timestamp) continue;
    const auto there = document.at(track, frame.timestamp);
    if (!there) {
      previous.reset();
      continue;
    }
    const Vec3d at = local_from_world * (there->cuboid.center - (there->cuboid.size.z / 2) * axis_of(there->cuboid, 2));
    join(lines, previous, at, colour, width);
    previous = at;
  }
}

void add_ego_path(std::vector<LineSegment>& lines, const Scene& scene, const Pose& local_from_world) {
  std::optional<Vec3d> previous;
  for (const Frame& frame : scene.frames) {
    const Vec3d at = local_from_world * frame.world_from_ego.translation;
    join(lines, previous, at, rgba(255, 255, 255, 110), 1.5);
    previous = at;
  }
}

}  // namespace sweepmark::editor
