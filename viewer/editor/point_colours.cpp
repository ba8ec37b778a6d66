// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/point_colours.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "kernels/voxelize.h"

namespace sweepmark::editor {
namespace {

constexpr std::string_view mode_names[] = {"height", "intensity", "range",  "ring",   "time",
                                           "class",  "track",     "camera", "density"};
constexpr float density_voxel_m = 0.2F;
constexpr float none = std::numeric_limits<float>::quiet_NaN();

/// Calls f(i) for each point, on several threads where there are many.
template <class F>
void for_points(std::size_t count, const F& f) {
  constexpr std::size_t share = 65'536;
  oneapi::tbb::parallel_for(oneapi::tbb::blocked_range<std::size_t>(0, count, share), [&](const auto& range) {
    for (std::size_t i = range.begin(); i != range.end(); ++i) f(i);
  });
}

struct Bounds {
  float low = 0, high = 1;
};

Bounds widened(float low, float high) { return {low, high > low ? high : low + 1}; }

/// Bounds of the middle 96 % from every 1 + n/20,000th value.
Bounds middle_range(std::span<const float> values) {
  std::vector<float> sample;
  const std::size_t step = 1 + values.size() / 20'000;
  for (std::size_t i = 0; i < values.size(); i += step)
    if (std::isfinite(values[i])) sample.push_back(values[i]);
  if (sample.empty()) return {};
  const auto nth = [&](double part) {
    const auto at = sample.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(sample.size() - 1));
    std::ranges::nth_element(sample, at);
    return *at;
  };
  const float low = nth(0.02);
  return widened(low, nth(0.98));
}

Bounds whole_range(std::span<const float> values) {
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low <= high ? widened(low, high) : Bounds{};
}

/// The scale's colour for each value; `no_colour` for NaN.
std::vector<Rgba> on_scale(std::span<const float> values, Bounds bounds) {
  std::array<Rgba, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = scale_colour(static_cast<double>(i) / 255);
  std::vector<Rgba> colours(values.size());
  for_points(values.size(), [&](std::size_t i) {
    const float t = std::clamp((values[i] - bounds.low) / (bounds.high - bounds.low), 0.0F, 1.0F);
    colours[i] = std::isnan(t) ? no_colour : table[static_cast<std::size_t>(t * 255.0F)];
  });
  return colours;
}

PointColours by_values(std::span<const float> values, Bounds bounds, std::string title, std::string unit) {
  PointColours result{on_scale(values, bounds), {}};
  result.legend.title = std::move(title);
  result.legend.unit = std::move(unit);
  result.legend.low = static_cast<double>(bounds.low);
  result.legend.high = static_cast<double>(bounds.high);
  return result;
}

PointColours all_grey(std::size_t count, std::string title, std::string why) {
  PointColours result{std::vector<Rgba>(count, no_colour), {}};
  result.legend.title = std::move(title);
  result.legend.missing = std::move(why);
  return result;
}

template <class F>
std::vector<float> values_of(std::span<const Point> points, const F& value) {
  std::vector<float> values(points.size());
  for_points(points.size(), [&](std::size_t i) { values[i] = value(points[i]); });
  return values;
}

PointColours by_height(const FramePoints& frame, const GroundGrid* ground) {
  const auto above_flat = [low = static_cast<float>(frame.ground)](const Point& p) { return p.z - low; };
  const auto above_ground = [ground](const Point& p) {
    const auto x = static_cast<double>(p.x), y = static_cast<double>(p.y), z = static_cast<double>(p.z);
    return std::isfinite(x) && std::isfinite(y) ? static_cast<float>(z - ground->height_at(x, y)) : none;
  };
  const auto values = ground == nullptr ? values_of(frame.points, above_flat) : values_of(frame.points, above_ground);
  return by_values(values, middle_range(values), "height above ground", "m");
}

PointColours by_intensity(const FramePoints& frame) {
  const auto values = values_of(frame.points, [](const Point& p) { return p.intensity; });
  return by_values(values, middle_range(values), "intensity", "");
}

PointColours by_range(const FramePoints& frame) {
  const auto values = values_of(frame.points, [from = frame.sensor](const Point& p) {
    return static_cast<float>(
        norm(Vec3d{static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)} - from));
  });
  return by_values(values, middle_range(values), "range", "m");
}

PointColours by_ring(const FramePoints& frame) {
  if (frame.ring.empty()) return all_grey(frame.points.size(), "ring", "the sweeps have no ring numbers");
  std::vector<float> values(frame.ring.size());
  std::ranges::transform(frame.ring, values.begin(), [](std::uint16_t ring) {
    return ring == FramePoints::no_ring ? none : static_cast<float>(ring);
  });
  return by_values(values, whole_range(values), "ring", "");
}

PointColours by_time(const FramePoints& frame) {
  if (frame.time_s.empty()) return all_grey(frame.points.size(), "time", "all points have one time");
  return by_values(frame.time_s, whole_range(frame.time_s), "time after the frame", "s");
}

PointColours by_density(const FramePoints& frame) {
  const auto voxels = Voxelizer<Cpu>().run(frame.points, {.size_m = density_voxel_m, .index_of_points = true});
  if (!voxels) return all_grey(frame.points.size(), "density", voxels.error().message);
  std::vector<float> log_of_voxel(voxels->counts.size());
  for_points(log_of_voxel.size(),
             [&](std::size_t i) { log_of_voxel[i] = std::log2(static_cast<float>(voxels->counts[i])); });
  std::vector<float> values(frame.points.size());
  for_points(values.size(), [&](std::size_t i) {
    const std::uint32_t voxel = voxels->voxel_of_point[i];
    values[i] = voxel == Voxels::no_voxel ? none : log_of_voxel[voxel];
  });
  auto result = by_values(values, middle_range(values), "points in 0.2 m", "");
  result.legend.low = std::exp2(result.legend.low);
  result.legend.high = std::exp2(result.legend.high);
  result.legend.logarithmic = true;
  return result;
}

/// \param name  of an object, as in the legend  \param colour  of that name
template <class Name, class Colour>
PointColours by_object(const FramePoints& frame, std::span<const ColouredObject> objects, std::string title,
                       const Name& name, const Colour& colour) {
  std::vector<Cuboid> cuboids;
  std::vector<Rgba> colour_of;
  std::map<std::string, Rgba> entries;
  for (const ColouredObject& object : objects) {
    cuboids.push_back(object.cuboid);
    colour_of.push_back(colour(name(object)));
    entries.emplace(name(object), colour_of.back());
  }
  const auto counts = PointCounter<Cpu>().run({frame.points, cuboids, {}}, {.containing_cuboid = true});
  if (!counts) return all_grey(frame.points.size(), std::move(title), counts.error().message);
  PointColours result{std::vector<Rgba>(frame.points.size(), no_colour), {}};
  for_points(frame.points.size(), [&](std::size_t i) {
    if (const std::uint32_t k = counts->containing_cuboid[i]; k != PointCounts::none) result.colours[i] = colour_of[k];
  });
  result.legend.title = std::move(title);
  for (const auto& [entry_name, entry_colour] : entries) result.legend.entries.push_back({entry_name, entry_colour});
  result.legend.entries.push_back({"no object", no_colour});
  return result;
}

PointColours by_camera(const FramePoints& frame, std::span<const CameraView> cameras) {
  if (cameras.empty()) return all_grey(frame.points.size(), "camera", "the frame has no images");
  PointColours result{std::vector<Rgba>(frame.points.size()), {}};
  for_points(frame.points.size(), [&](std::size_t i) {
    const Point& p = frame.points[i];
    result.colours[i] =
        colour_in_images(cameras, {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)})
            .value_or(no_colour);
  });
  result.legend.title = "camera";
  result.legend.entries = {{"no camera", no_colour}};
  return result;
}

/// Hue, saturation and value from 0 to 1.
Rgba from_hsv(double hue, double saturation, double value) {
  const auto channel = [&](double shift) {
    const double k = std::fmod(shift + 6 * hue, 6.0);
    return static_cast<unsigned>(255 * (value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0)) + 0.5);
  };
  return rgba(channel(5), channel(3), channel(1));
}

}  // namespace

std::span<const std::string_view> colour_mode_names() { return mode_names; }

std::optional<ColourMode> colour_mode_from_name(std::string_view name) {
  if (name == "object") return ColourMode::class_name;
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

Rgba track_colour(std::string_view track_id) {
  std::uint32_t number = 0;
  const char* end = track_id.data() + track_id.size();
  if (const auto [stop, failure] = std::from_chars(track_id.data(), end, number);
      failure != std::errc{} || stop != end) {
    number = 2166136261U;
    for (const char c : track_id) number = (number ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  // Steps of the golden section: any few numbers in a row are spread over the circle.
  const double turns = 0.618033988749895 * static_cast<double>(number);
  const bool is_pale = number / 5 % 2 == 1;
  return from_hsv(turns - std::floor(turns), is_pale ? 0.45 : 0.78, is_pale ? 1.0 : 0.92);
}

PointColours colour_points(const FramePoints& frame, ColourMode mode, const ColourContext& context) {
  switch (mode) {
    case ColourMode::height:
      return by_height(frame, context.ground);
    case ColourMode::intensity:
      return by_intensity(frame);
    case ColourMode::range:
      return by_range(frame);
    case ColourMode::ring:
      return by_ring(frame);
    case ColourMode::time:
      return by_time(frame);
    case ColourMode::class_name:
      return by_object(
          frame, context.objects, "class", [](const ColouredObject& o) { return o.class_name; }, class_colour);
    case ColourMode::track:
      return by_object(
          frame, context.objects, "track", [](const ColouredObject& o) { return o.track_id; }, track_colour);
    case ColourMode::camera:
      return by_camera(frame, context.cameras);
    case ColourMode::density:
      return by_density(frame);
  }
  SWEEPMARK_EXPECTS(false);
  return {};
}

}  // namespace sweepmark::editor
