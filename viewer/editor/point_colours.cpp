// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/point_colours.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/math/rigid.h"
#include "kernels/point_index.h"

namespace sweepmark::editor {
namespace {

constexpr std::string_view mode_names[] = {"height", "intensity", "range", "object"};

/// Bounds of the middle 96 % from every 1 + n/20,000th value.
std::pair<float, float> middle_range(std::span<const float> values) {
  std::vector<float> sample;
  const std::size_t step = 1 + values.size() / 20'000;
  for (std::size_t i = 0; i < values.size(); i += step)
    if (std::isfinite(values[i])) sample.push_back(values[i]);
  if (sample.empty()) return {0.0F, 1.0F};
  std::ranges::sort(sample);
  const auto last = static_cast<double>(sample.size() - 1);
  const float low = sample[static_cast<std::size_t>(0.02 * last)], high = sample[static_cast<std::size_t>(0.98 * last)];
  return {low, high > low ? high : low + 1};
}

float value_of(const Point& p, ColourMode mode, Vec3d sensor) {
  if (mode == ColourMode::intensity) return p.intensity;
  if (mode == ColourMode::height) return p.z;
  return static_cast<float>(norm(Vec3d{p.x, p.y, p.z} - sensor));
}

PointColours by_value(std::span<const Point> points, ColourMode mode, Vec3d sensor) {
  std::vector<float> values(points.size());
  std::ranges::transform(points, values.begin(), [&](const Point& p) { return value_of(p, mode, sensor); });
  const auto [low, high] = middle_range(values);
  std::array<Rgba, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = scale_colour(static_cast<double>(i) / 255);
  PointColours result;
  result.colours.resize(points.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float t = std::clamp((values[i] - low) / (high - low), 0.0F, 1.0F);
    result.colours[i] = table[std::isfinite(t) ? static_cast<std::size_t>(t * 255.0F) : 0];
  }
  result.legend = {std::string(name_of(mode)), mode == ColourMode::intensity ? "" : "m", static_cast<double>(low),
                   static_cast<double>(high)};
  return result;
}

PointColours by_object(std::span<const Point> points, std::span<const std::pair<Cuboid, Rgba>> cuboids) {
  PointColours result;
  result.colours.assign(points.size(), rgba(125, 132, 145));
  result.legend = {"object", "", 0, 0};
  PointIndex index;
  if (!index.assign(points)) return result;
  for (const auto& [cuboid, colour] : cuboids)
    if (const auto inside = index.find(cuboid))
      for (const std::uint32_t i : *inside) result.colours[i] = colour;
  return result;
}

}  // namespace

std::optional<ColourMode> colour_mode_from_name(std::string_view name) {
  const auto* found = std::ranges::find(mode_names, name);
  if (found == std::end(mode_names)) return std::nullopt;
  return static_cast<ColourMode>(found - std::begin(mode_names));
}

std::string_view name_of(ColourMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }

Rgba scale_colour(double t) {
  static constexpr double stops[][3] = {{70, 80, 190}, {40, 140, 220}, {40, 195, 170}, {150, 220, 90}, {250, 230, 60}};
  const double at = std::clamp(t, 0.0, 1.0) * 4;
  const auto i = std::min(static_cast<std::size_t>(at), std::size_t{3});
  const double f = at - static_cast<double>(i);
  const auto mix = [&](int c) {
    return static_cast<unsigned>(stops[i][c] + f * (stops[i + 1][c] - stops[i][c]) + 0.5);
  };
  return rgba(mix(0), mix(1), mix(2));
}

PointColours colour_points(std::span<const Point> points, ColourMode mode, Vec3d sensor,
                           std::span<const std::pair<Cuboid, Rgba>> cuboids) {
  return mode == ColourMode::object ? by_object(points, cuboids) : by_value(points, mode, sensor);
}

}  // namespace sweepmark::editor
