// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/scene_lines.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>
#include <string>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

struct KnownClass {
  std::string_view word;
  Rgba colour;
};
/// The first word that a class name contains decides; hues are apart for those that meet most often.
constexpr KnownClass known_classes[] = {
    {"truck", rgba(255, 140, 60)},       {"bus", rgba(255, 95, 160)},        {"trailer", rgba(200, 120, 80)},
    {"motorcycle", rgba(170, 130, 255)}, {"bicycl", rgba(90, 230, 200)},     {"cyclist", rgba(90, 230, 200)},
    {"bike", rgba(90, 230, 200)},        {"pedestrian", rgba(255, 220, 80)}, {"person", rgba(255, 220, 80)},
    {"human", rgba(255, 220, 80)},       {"van", rgba(120, 190, 255)},       {"car", rgba(80, 170, 255)},
    {"vehicle", rgba(80, 170, 255)},     {"cone", rgba(255, 110, 90)},       {"barrier", rgba(180, 180, 190)},
};
constexpr Rgba others[] = {rgba(150, 220, 120), rgba(230, 150, 220), rgba(140, 200, 220), rgba(220, 200, 150)};

Vec3f to_float(Vec3d p) { return {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)}; }

void add(std::vector<LineSegment>& lines, Vec3d a, Vec3d b, Rgba colour, double width) {
  lines.push_back({to_float(a), colour, to_float(b), static_cast<float>(width)});
}

Rgba with_alpha(Rgba colour, unsigned alpha) { return (colour & 0xFFFFFFU) | alpha << 24; }

/// From the middle of the bottom face past the front: seen from above, and in images on the road.
std::array<std::pair<Vec3d, Vec3d>, 3> heading_arrow(const Cuboid& c) {
  const auto at = [&](double x, double y) { return c.center + rotate(c.rotation, {x, y, -c.size.z / 2}); };
  const double half = c.size.x / 2, tip = half + std::clamp(half * 0.5, 0.3, 1.2), barb = (tip - half) * 0.6;
  return {{{at(0, 0), at(tip, 0)}, {at(tip, 0), at(tip - barb, barb)}, {at(tip, 0), at(tip - barb, -barb)}}};
}

}  // namespace

Rgba class_colour(std::string_view class_name) {
  std::string lower(class_name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const KnownClass& known : known_classes)
    if (lower.find(known.word) != std::string::npos) return known.colour;
  std::uint32_t hash = 2166136261U;
  for (const char c : lower) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return others[hash % std::size(others)];
}

std::array<Vec3d, 8> corners_of(const Cuboid& cuboid) {
  std::array<Vec3d, 8> corners;
  const Mat3d r = matrix(cuboid.rotation);
  for (std::size_t i = 0; i < 8; ++i) {
    const Vec3d half{(i & 1U ? 0.5 : -0.5) * cuboid.size.x, (i & 2U ? 0.5 : -0.5) * cuboid.size.y,
                     (i & 4U ? 0.5 : -0.5) * cuboid.size.z};
    corners[i] = cuboid.center + r * half;
  }
  return corners;
}

const std::array<std::pair<int, int>, 12>& cuboid_edges() {
  static constexpr std::array<std::pair<int, int>, 12> edges{
      {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6}, {5, 7}, {0, 4}, {1, 5}, {2, 6}, {3, 7}}};
  return edges;
}

void add_cuboid(std::vector<LineSegment>& lines, const Cuboid& cuboid, Rgba colour, Presence presence, bool selected) {
  const auto corners = corners_of(cuboid);
  const Rgba line = selected ? rgba(255, 255, 255) : with_alpha(colour, presence == Presence::keyframe ? 255 : 170);
  const double width = selected ? 2.6 : presence == Presence::keyframe ? 1.8 : 1.3;
  for (const auto& [a, b] : cuboid_edges()) add(lines, corners[a], corners[b], line, width);
  for (const auto& [a, b] : heading_arrow(cuboid)) add(lines, a, b, selected ? colour : line, width);
}

void add_cuboid_in_image(std::vector<LineSegment>& lines, const CameraIntrinsics& camera, const Cuboid& cuboid,
                         Rgba colour, bool selected) {
  const int pieces = camera.distortion.empty() ? 1 : 12;
  const double width = selected ? 3 : 1.8;
  const auto add_segment = [&](Vec3d a, Vec3d b) {
    for (const auto& line : project_segment(camera, a, b, pieces))
      for (std::size_t i = 1; i < line.size(); ++i)
        add(lines, {line[i - 1].x, line[i - 1].y, 0}, {line[i].x, line[i].y, 0}, colour, width);
  };
  const auto corners = corners_of(cuboid);
  for (const auto& [a, b] : cuboid_edges()) add_segment(corners[a], corners[b]);
  for (const auto& [a, b] : heading_arrow(cuboid)) add_segment(a, b);
}

void add_ground_grid(std::vector<LineSegment>& lines, const Pose& local_from_ego, double height, double reach_m) {
  constexpr Rgba faint = rgba(120, 135, 160, 90);
  const auto at = [&](double x, double y) {
    Vec3d p = local_from_ego * Vec3d{x, y, 0};
    p.z = height;
    return p;
  };
  constexpr int parts = 96;
  for (double r = 20; r <= reach_m; r += 20) {
    for (int i = 0; i < parts; ++i) {
      const double from = 2 * std::numbers::pi * i / parts, to = 2 * std::numbers::pi * (i + 1) / parts;
      add(lines, at(r * std::cos(from), r * std::sin(from)), at(r * std::cos(to), r * std::sin(to)), faint, 1);
    }
  }
  add(lines, at(0, 0), at(4, 0), rgba(255, 90, 90), 2);
  add(lines, at(0, 0), at(0, 4), rgba(90, 220, 90), 2);
}

}  // namespace sweepmark::editor
