// SPDX-License-Identifier: Apache-2.0
//
// What is drawn of labels: segments with colour and width, the same in the window and in `sweepmark render`.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "data/scene.h"
#include "kernels/interpolate.h"

namespace sweepmark::editor {

/// Red in the lowest byte, alpha in the highest.
using Rgba = std::uint32_t;
constexpr Rgba rgba(unsigned r, unsigned g, unsigned b, unsigned a = 255) { return r | g << 8 | b << 16 | a << 24; }

/// As a shader reads it: 32 bytes. The local frame of the points, or pixels of an image with z = 0.
struct LineSegment {
  Vec3f a;
  Rgba colour = 0;
  Vec3f b;
  float width_px = 1;
};
static_assert(sizeof(LineSegment) == 32);

/// A colour that a class keeps in every view; related words ("vehicle.car", "Car") get the same.
Rgba class_colour(std::string_view class_name);

/// Corners: bit 0 is +x (the heading), bit 1 +y, bit 2 +z.
std::array<Vec3d, 8> corners_of(const Cuboid& cuboid);
/// Pairs of corners: the 12 edges.
const std::array<std::pair<int, int>, 12>& cuboid_edges();

/// Edges and a heading arrow on the ground side. A keyframe has full lines, an interpolated cuboid paler ones, the
/// selected one wide ones. \param cuboid  local frame
void add_cuboid(std::vector<LineSegment>& lines, const Cuboid& cuboid, Rgba colour, Presence presence, bool selected);

/// The same edges in an image. \param cuboid  frame camera
void add_cuboid_in_image(std::vector<LineSegment>& lines, const CameraIntrinsics& camera, const Cuboid& cuboid,
                         Rgba colour, bool selected);

/// Range rings every 20 m around the ego vehicle, with its axes. \param ego  its pose in the local frame
void add_ground_grid(std::vector<LineSegment>& lines, const Pose& local_from_ego, double height, double reach_m);

}  // namespace sweepmark::editor
