// SPDX-License-Identifier: Apache-2.0
#include "data/synth/street.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/synth/random.h"
#include "kernels/math/rigid.h"

namespace sweepmark::synth {
namespace {

constexpr double street_begin = -200, lane = -1.8, parking_lane = 5.4, oncoming_lane = 1.8;
constexpr double sensor_sight = 120;

/// Streams of random numbers, one for each purpose.
enum : std::uint64_t { curve_stream = 1, vehicle_stream, person_stream, background_stream, phase_stream };

}  // namespace

Street::Street(const StreetOptions& options) : options_(options) {
  const Random random(options.seed);
  speed_phase_ = random.uniform(phase_stream, 0, 0, 2 * std::numbers::pi);
  const double length = 400 - street_begin + 12 * options.seconds;
  // Curvature changes every 40 m between straight and turns of 35 m radius and more.
  Place at{0, 0, 0};
  double curvature = 0;
  for (double s = street_begin; s < street_begin + length; s += 1) {
    const auto stretch = static_cast<std::uint64_t>((s - street_begin) / 40);
    const double wanted = random.uniform(curve_stream, 2 * stretch) < 0.45
                              ? 0
                              : random.uniform(curve_stream, 2 * stretch + 1, -1, 1) / 35;
    curvature += 0.12 * (wanted - curvature);  // no kinks
    middle_.push_back(at);
    at = {at.x + std::cos(at.yaw), at.y + std::sin(at.yaw), at.yaw + curvature};
  }
  add_vehicles();
  add_people();
  add_background();
}

double Street::ground(double x, double y) {
  return 1.4 * std::sin(x / 95) + 1.1 * std::sin(y / 120 + 1) + 0.04 * std::sin(x / 7) * std::sin(y / 9);
}

double Street::ego_s(double t) const {
  // 7.5 m/s with braking and acceleration of at most 1.2 m/s^2.
  constexpr double rate = 0.4, swing = 3;
  return 7.5 * t - swing / rate * (std::cos(rate * t + speed_phase_) - std::cos(speed_phase_));
}

Street::Place Street::place(double s, double d) const {
  const double along = std::clamp(s - street_begin, 0.0, static_cast<double>(middle_.size()) - 2.001);
  const auto i = static_cast<std::size_t>(along);
  const double part = along - static_cast<double>(i);
  const Place &a = middle_[i], &b = middle_[i + 1];
  const double yaw = a.yaw + part * (b.yaw - a.yaw);
  return {a.x + part * (b.x - a.x) - d * std::sin(yaw), a.y + part * (b.y - a.y) + d * std::cos(yaw), yaw};
}

Pose Street::world_from_ego(double t) const {
  const Place p = place(ego_s(t), lane);
  constexpr double step = 1.3;  // half a wheelbase
  const double c = std::cos(p.yaw), s = std::sin(p.yaw);
  const double pitch =
      -std::atan2(ground(p.x + step * c, p.y + step * s) - ground(p.x - step * c, p.y - step * s), 2 * step);
  const double roll =
      std::atan2(ground(p.x - step * s, p.y + step * c) - ground(p.x + step * s, p.y - step * c), 2 * step);
  return {quat_from_euler(p.yaw, pitch, roll), {p.x, p.y, ground(p.x, p.y)}};
}

void Street::add(Agent agent, Path path) {
  agents_.push_back(std::move(agent));
  paths_.push_back(path);
}

void Street::add_vehicles() {
  const Random random(options_.seed);
  const auto pick = [&](int i, int k, double low, double high) {
    return random.uniform(vehicle_stream, static_cast<std::uint64_t>(16 * i + k), low, high);
  };
  const double travelled = ego_s(options_.seconds);
  reach_ = travelled + 95;
  int ahead = 0, behind = 0, oncoming = 0, parked = 0;
  for (int i = 0; i < options_.vehicles; ++i) {
    const float reflectivity = static_cast<float>(pick(i, 0, 0.15, 0.7));
    const Vec3d car{pick(i, 1, 4.0, 4.9), pick(i, 2, 1.75, 1.95), pick(i, 3, 1.4, 1.75)};
    const Vec3d truck{pick(i, 1, 7.5, 9.5), 2.45, pick(i, 3, 3.0, 3.6)};
    const bool large = i % 6 == 4;
    const Agent agent{large ? (i % 12 == 4 ? "vehicle.truck" : "vehicle.bus.rigid") : "vehicle.car",
                      large ? truck : car, Shape::vehicle, reflectivity};
    switch (i % 5) {
      case 0:  // in the ego's lane, braking and accelerating with it
        if (i % 2 == 0) {
          add(agent, {Motion::with_ego, 18.0 + 19 * ahead++, lane, 0, 0});
        } else {
          add(agent, {Motion::with_ego, -16.0 - 17 * behind++, lane, 0, 0});
        }
        break;
      case 1:
        add(agent, {Motion::oncoming, 40.0 + 22 * oncoming++, oncoming_lane, 0, 0});
        break;
      case 2:
        if (i == 2) {  // pulls in beyond everything that drives in its lane
          add({"vehicle.car", car, Shape::vehicle, reflectivity}, {Motion::parking, reach_ + 12, lane, 6, 0});
          break;
        }
        [[fallthrough]];
      default: {
        const bool right = i % 2 == 0;
        add({"vehicle.car", car, Shape::vehicle, reflectivity},
            {Motion::parked, 6.0 + 9.5 * parked + pick(i, 4, -1, 1), right ? -parking_lane : parking_lane, 0,
             right ? pick(i, 5, -0.03, 0.03) : std::numbers::pi});
        ++parked;
      }
    }
  }
}

void Street::add_people() {
  const Random random(options_.seed);
  const auto pick = [&](int i, int k, double low, double high) {
    return random.uniform(person_stream, static_cast<std::uint64_t>(16 * i + k), low, high);
  };
  for (int i = 0; i < options_.pedestrians; ++i) {
    const Agent agent{"human.pedestrian.adult",
                      {pick(i, 0, 0.5, 0.8), pick(i, 1, 0.5, 0.75), pick(i, 2, 1.55, 1.9)},
                      Shape::cylinder,
                      0.35F};
    if (i % 4 == 3) {
      add(agent, {Motion::crossing, reach_ + 40 + 4.0 * (i / 4), -8.5, pick(i, 3, 1.1, 1.5), 0});
    } else {
      // Each walks on its own line of the pavement: nobody meets anybody.
      const double side = i % 2 == 0 ? 1 : -1;
      add(agent, {Motion::along, 12.0 + 9 * i, side * (7.6 + 0.9 * (i / 2 % 4)), side * pick(i, 3, 1.0, 1.6), 0});
    }
  }
  for (int i = 0; i < options_.cyclists; ++i) {
    const Agent agent{"vehicle.bicycle", {1.75, 0.62, 1.75}, Shape::cylinder, 0.3F};
    const double side = i % 2 == 0 ? -1 : 1;
    add(agent, {Motion::along, 14.0 + 25 * i, side * 3.72, -side * 4.6, 0});
  }
}

void Street::add_solid(Shape shape, double s, double d, Vec3d size, double height_above_ground, float reflectivity) {
  const Place p = place(s, d);
  const auto id = static_cast<std::uint32_t>(1000 + background_.size());
  background_.push_back({shape,
                         {{p.x, p.y, ground(p.x, p.y) + height_above_ground + size.z / 2}, size, quat_from_yaw(p.yaw)},
                         reflectivity,
                         id});
}

void Street::add_background() {
  const Random random(options_.seed);
  std::uint64_t n = 0;
  const auto next = [&](double low, double high) { return random.uniform(background_stream, n++, low, high); };
  const double end = ego_s(options_.seconds) + sensor_sight + 40;
  for (const double side : {-1.0, 1.0}) {
    for (double s = -sensor_sight; s < end;) {
      const double length = next(10, 22), depth = next(9, 14), set_back = next(13, 17);
      if (next(0, 1) < 0.85) {
        add_solid(Shape::box, s + length / 2, side * (set_back + depth / 2), {length, depth, next(5, 16)}, -1.5,
                  static_cast<float>(next(0.2, 0.5)));
      } else {
        add_solid(Shape::box, s + length / 2, side * set_back, {length, 0.2, 1.8}, -0.5, 0.4F);  // a wall
      }
      s += length + next(0.5, 5);
    }
    for (double s = -sensor_sight; s < end; s += 24) {
      add_solid(Shape::cylinder, s + next(-2, 2), side * 6.9, {0.22, 0.22, 7.5}, -0.2, 0.5F);  // a lamp post
      const double at = s + 12 + next(-2, 2), height = next(2, 2.8), crown = next(3, 4.5);
      add_solid(Shape::cylinder, at, side * 11.6, {0.4, 0.4, height + 0.6}, -0.2, 0.3F);
      add_solid(Shape::crown, at, side * 11.6, {crown, crown, crown * 1.1}, height, 0.25F);
    }
  }
}

Street::Place Street::where(const Path& path, double t) const {
  switch (path.motion) {
    case Motion::parked: {
      Place p = place(path.s, path.d);
      p.yaw += path.yaw_offset;
      return p;
    }
    case Motion::with_ego:
      return place(ego_s(t) + path.s, path.d);
    case Motion::oncoming: {
      Place p = place(path.s + 10 - 1.05 * ego_s(t), path.d);
      p.yaw += std::numbers::pi;
      return p;
    }
    case Motion::along: {
      Place p = place(path.s + path.speed * t, path.d);
      if (path.speed < 0) p.yaw += std::numbers::pi;
      return p;
    }
    case Motion::crossing: {
      Place p = place(path.s, path.d + path.speed * t);
      p.yaw += std::numbers::pi / 2;
      return p;
    }
    case Motion::parking: {
      // Brakes at a constant rate until it stands, moving over to the parking lane as it rolls out.
      constexpr double braking = 1.1;
      const double stop = path.speed / braking, now = std::min(t, stop);
      const double rolled = path.speed * now - braking * now * now / 2, whole = path.speed * stop / 2;
      const double u = rolled / whole, over = u * u * (3 - 2 * u);
      Place p = place(path.s + rolled, path.d + over * (-parking_lane - path.d));
      p.yaw += std::atan2((-parking_lane - path.d) * 6 * u * (1 - u) / whole, 1);
      return p;
    }
  }
  return {};
}

Cuboid Street::agent_at(std::size_t agent, double t) const {
  const Place p = where(paths_[agent], t);
  const Vec3d size = agents_[agent].size;
  return {{p.x, p.y, ground(p.x, p.y) + size.z / 2}, size, quat_from_yaw(wrap_angle(p.yaw))};
}

}  // namespace sweepmark::synth
