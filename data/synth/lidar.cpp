// SPDX-License-Identifier: Apache-2.0
#include "data/synth/lidar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "data/synth/random.h"
#include "kernels/math/rigid.h"

namespace sweepmark::synth {
namespace {

constexpr double farthest_m = 110, nearest_m = 1.2, nothing = std::numeric_limits<double>::infinity();
constexpr double range_noise_m = 0.012;
constexpr int sectors = 360;

enum : std::uint64_t { noise_stream = 101, dropout_stream, intensity_stream };

/// A ray in the world: unit direction.
struct Ray {
  Vec3d from, along;
};

/// What a ray is tested against: the solid with its heading taken out of trigonometry.
struct Target {
  Solid solid;
  double cosine, sine;
  Vec3d half;
};

Target make_target(const Solid& solid) {
  const double yaw = yaw_of(solid.box.rotation);
  return {solid, std::cos(yaw), std::sin(yaw), 0.5 * solid.box.size};
}

/// Ray in the box's own frame.
struct LocalRay {
  Vec3d from, along;
};

LocalRay to_local(const Target& target, const Ray& ray) {
  const Vec3d d = ray.from - target.solid.box.center;
  const double c = target.cosine, s = target.sine;
  return {{c * d.x + s * d.y, c * d.y - s * d.x, d.z},
          {c * ray.along.x + s * ray.along.y, c * ray.along.y - s * ray.along.x, ray.along.z}};
}

/// Entry into the slab between low and high; `t0` and `t1` shrink.
void slab(double from, double along, double low, double high, double& t0, double& t1) {
  if (std::abs(along) < 1e-12) {
    if (from < low || from > high) t1 = -1;
    return;
  }
  const double a = (low - from) / along, b = (high - from) / along;
  t0 = std::max(t0, std::min(a, b));
  t1 = std::min(t1, std::max(a, b));
}

double hit_box(const LocalRay& r, Vec3d low, Vec3d high) {
  double t0 = 0, t1 = farthest_m;
  slab(r.from.x, r.along.x, low.x, high.x, t0, t1);
  slab(r.from.y, r.along.y, low.y, high.y, t0, t1);
  slab(r.from.z, r.along.z, low.z, high.z, t0, t1);
  return t0 <= t1 && t0 > 0 ? t0 : nothing;
}

/// A quadric of the scaled ray: a t^2 + 2 b t + c = 0, nearest root ahead.
double nearest_root(double a, double b, double c) {
  const double d = b * b - a * c;
  if (a <= 0 || d < 0) return nothing;
  const double t = (-b - std::sqrt(d)) / a;
  return t > 0 ? t : nothing;
}

double hit_cylinder(const LocalRay& r, Vec3d half) {
  const double fx = r.from.x / half.x, fy = r.from.y / half.y, ax = r.along.x / half.x, ay = r.along.y / half.y;
  const double t = nearest_root(ax * ax + ay * ay, fx * ax + fy * ay, fx * fx + fy * fy - 1);
  if (t < nothing && std::abs(r.from.z + t * r.along.z) <= half.z) return t;
  if (r.along.z >= 0) return nothing;  // from above, through the top
  const double top = (half.z - r.from.z) / r.along.z, x = fx + top * ax, y = fy + top * ay;
  return top > 0 && x * x + y * y <= 1 ? top : nothing;
}

double hit_crown(const LocalRay& r, Vec3d half) {
  const Vec3d f{r.from.x / half.x, r.from.y / half.y, r.from.z / half.z},
      a{r.along.x / half.x, r.along.y / half.y, r.along.z / half.z};
  return nearest_root(dot(a, a), dot(f, a), dot(f, f) - 1);
}

/// A body from bumper to bumper, and a cabin on it.
double hit_vehicle(const LocalRay& r, Vec3d half) {
  const bool tall = half.z > 1.2;  // trucks and buses: the body is a box
  const double body_top = tall ? half.z : 0.1 * half.z;
  const double body = hit_box(r, {-half.x, -half.y, -0.75 * half.z}, {half.x, half.y, body_top});
  if (tall) return body;
  return std::min(body, hit_box(r, {-0.75 * half.x, -0.88 * half.y, body_top}, {0.4 * half.x, 0.88 * half.y, half.z}));
}

double hit(const Target& target, const Ray& ray) {
  const LocalRay local = to_local(target, ray);
  switch (target.solid.shape) {
    case Shape::vehicle:
      return hit_vehicle(local, target.half);
    case Shape::box:
      return hit_box(local, {-target.half.x, -target.half.y, -target.half.z}, target.half);
    case Shape::cylinder:
      return hit_cylinder(local, target.half);
    case Shape::crown:
      return hit_crown(local, target.half);
  }
  return nothing;
}

/// Where the ray meets the ground: a straight guess, then secant steps; the ground is nearly flat.
double hit_ground(const Ray& ray) {
  if (ray.along.z > -0.004) return nothing;
  const auto above = [&](double t) {
    return ray.from.z + t * ray.along.z - Street::ground(ray.from.x + t * ray.along.x, ray.from.y + t * ray.along.y);
  };
  double t = std::min(above(0) / -ray.along.z, farthest_m);
  for (int i = 0; i < 8; ++i) {
    const double height = above(t);
    if (std::abs(height) < 1e-4) return t;
    t += height / -ray.along.z;
    if (!(t > 0 && t < 2 * farthest_m)) return nothing;
  }
  return std::abs(above(t)) < 0.02 ? t : nothing;
}

/// Targets by the direction in which the sensor sees them.
class Sectors {
 public:
  void add(std::uint32_t target, const Cuboid& box, Vec3d sensor, double motion_m) {
    const double dx = box.center.x - sensor.x, dy = box.center.y - sensor.y, distance = std::hypot(dx, dy);
    const double radius = std::hypot(box.size.x, box.size.y) / 2 + motion_m;
    if (distance - radius > farthest_m) return;
    if (distance <= radius * 1.01) {
      for (auto& list : lists_) list.push_back(target);
      return;
    }
    const double middle = std::atan2(dy, dx), half = std::asin(radius / distance);
    const double sector = 2 * std::numbers::pi / sectors;
    const int first = static_cast<int>(std::floor((middle - half) / sector)),
              last = static_cast<int>(std::floor((middle + half) / sector));
    for (int i = first; i <= last; ++i)
      lists_[static_cast<std::size_t>((i % sectors + sectors) % sectors)].push_back(target);
  }
  const std::vector<std::uint32_t>& towards(Vec3d along) const {
    const double angle = std::atan2(along.y, along.x);
    const int i = static_cast<int>(std::floor(angle * sectors / (2 * std::numbers::pi)));
    return lists_[static_cast<std::size_t>((i % sectors + sectors) % sectors)];
  }

 private:
  std::array<std::vector<std::uint32_t>, sectors> lists_;
};

/// Elevation of each ring: 32 rings as an HDL-32E, 64 as an HDL-64E, 128 denser around the horizon.
std::vector<double> elevations(int rings) {
  std::vector<double> out;
  for (int i = 0; i < rings; ++i) {
    const double part = static_cast<double>(i) / (rings - 1);
    double degrees = 0;
    if (rings <= 32) {
      degrees = -30.67 + 41.34 * part;
    } else if (rings <= 64) {
      degrees = -24.8 + 26.8 * part;
    } else {
      const double v = 2 * part - 1;
      degrees = -5 + 8 * v + 12 * v * v * v;
    }
    out.push_back(degrees * std::numbers::pi / 180);
  }
  return out;
}

struct Echo {
  double range = nothing;
  float reflectivity = 0.12F;  // asphalt
  std::uint32_t id = 0;
};

class Scanner {
 public:
  Scanner(const Street& street, const LidarOptions& options, double t, std::uint64_t sweep)
      : street_(street),
        options_(options),
        random_(street.options().seed),
        t_(t),
        sweep_(sweep),
        elevations_(elevations(options.rings)) {
    const Vec3d sensor = (street.world_from_ego(t) * options.ego_from_lidar).translation;
    for (std::size_t i = 0; i < street.agents().size(); ++i) {
      const Agent& agent = street.agents()[i];
      targets_.push_back(
          make_target({agent.shape, street.agent_at(i, t), agent.reflectivity, static_cast<std::uint32_t>(i + 1)}));
      constexpr double fastest = 30;
      sectors_.add(static_cast<std::uint32_t>(i), targets_[i].solid.box, sensor, fastest * options.revolution_s);
    }
    for (const Solid& solid : street.background()) {
      sectors_.add(static_cast<std::uint32_t>(targets_.size()), solid.box, sensor, 2);
      targets_.push_back(make_target(solid));
    }
  }

  LidarSweep run() {
    const Pose lidar_from_world = inverse(street_.world_from_ego(t_) * options_.ego_from_lidar);
    LidarSweep out;
    out.points.reserve(static_cast<std::size_t>(options_.rings * options_.columns));
    for (int column = 0; column < options_.columns; ++column) {
      const double part = (column + 0.5) / options_.columns, time = t_ + options_.revolution_s * (part - 0.5);
      for (std::size_t i = 0; i < street_.agents().size(); ++i) {
        targets_[i] = make_target(
            {targets_[i].solid.shape, street_.agent_at(i, time), targets_[i].solid.reflectivity, targets_[i].solid.id});
      }
      const Pose world_from_lidar = street_.world_from_ego(time) * options_.ego_from_lidar;
      const Mat3d rotation = matrix(world_from_lidar.rotation);
      const double azimuth = std::numbers::pi - 2 * std::numbers::pi * part;  // clockwise, behind to behind
      for (int ring = 0; ring < options_.rings; ++ring) {
        const double elevation = elevations_[static_cast<std::size_t>(ring)];
        const Vec3d local{std::cos(elevation) * std::cos(azimuth), std::cos(elevation) * std::sin(azimuth),
                          std::sin(elevation)};
        add_echo({world_from_lidar.translation, rotation * local}, lidar_from_world,
                 static_cast<std::uint64_t>(column * options_.rings + ring), ring, out);
      }
    }
    return out;
  }

 private:
  Echo nearest(const Ray& ray) const {
    Echo echo;
    echo.range = hit_ground(ray);
    for (const std::uint32_t i : sectors_.towards(ray.along)) {
      const double range = hit(targets_[i], ray);
      if (range < echo.range) echo = {range, targets_[i].solid.reflectivity, targets_[i].solid.id};
    }
    return echo;
  }

  void add_echo(const Ray& ray, const Pose& lidar_from_world, std::uint64_t number, int ring, LidarSweep& out) const {
    const Echo echo = nearest(ray);
    if (!(echo.range > nearest_m && echo.range < farthest_m)) return;
    // Far and dark surfaces return less, and some pulses are lost.
    const std::uint64_t index = sweep_ << 24 | number;
    const double far = echo.range / farthest_m,
                 lost = 0.015 + 0.5 * far * far * far * (1 - static_cast<double>(echo.reflectivity));
    if (random_.uniform(dropout_stream, index) < lost) return;
    const double range = echo.range + range_noise_m * random_.bell(noise_stream, index);
    const Vec3d p = lidar_from_world * (ray.from + range * ray.along);
    const double strength = std::clamp(
        static_cast<double>(echo.reflectivity) * (0.85 + 0.3 * random_.uniform(intensity_stream, index)), 0.0, 1.0);
    // Whole millimetres and whole steps of intensity, as sensors deliver them.
    const auto millimetres = [](double v) { return static_cast<float>(std::round(v * 1000) / 1000); };
    out.points.push_back(
        {millimetres(p.x), millimetres(p.y), millimetres(p.z), static_cast<float>(std::floor(strength * 255))});
    out.ring.push_back(static_cast<std::uint16_t>(ring));
  }

  const Street& street_;
  const LidarOptions& options_;
  Random random_;
  double t_;
  std::uint64_t sweep_;
  std::vector<double> elevations_;
  std::vector<Target> targets_;  ///< agents first, at the time of the column
  Sectors sectors_;
};

}  // namespace

LidarSweep scan(const Street& street, const LidarOptions& options, double t, std::uint64_t sweep) {
  return Scanner(street, options, t, sweep).run();
}

}  // namespace sweepmark::synth
