// SPDX-License-Identifier: Apache-2.0
//
// The generated world: a winding street on sloping ground with what stands and moves along it, all of it a function of
// time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark::synth {

struct StreetOptions {
  std::uint64_t seed = 1;
  double seconds = 10;
  int vehicles = 16;  ///< driving and parked, without the ego vehicle
  int pedestrians = 8;
  int cyclists = 3;
};

enum class Shape : std::uint8_t {
  vehicle,  ///< a body with a cabin on it
  box,
  cylinder,  ///< upright; length is the diameter
  crown,     ///< an ellipsoid that fills its box
};

/// Something solid that a laser can hit, at one time.
struct Solid {
  Shape shape = Shape::box;
  Cuboid box;  ///< frame world, upright
  float reflectivity = 0.3F;
  std::uint32_t id = 0;
};

/// Something labelled.
struct Agent {
  std::string class_name;  ///< nuScenes' words, such as "vehicle.car"
  Vec3d size;
  Shape shape = Shape::vehicle;
  float reflectivity = 0.3F;
};

/// Positions along the street are (s, d): metres along its middle, metres to the left of it.
class Street {
 public:
  explicit Street(const StreetOptions& options);

  const StreetOptions& options() const { return options_; }

  /// Height of the ground, metres. A smooth function of the place.
  static double ground(double x, double y);

  /// The ego vehicle at a time (seconds): on the ground, pitched and rolled with it.
  Pose world_from_ego(double t) const;

  const std::vector<Agent>& agents() const { return agents_; }
  /// The cuboid of an agent at a time: upright, standing on the ground under its centre, heading along its path.
  Cuboid agent_at(std::size_t agent, double t) const;

  /// Buildings, walls, poles and trees.
  const std::vector<Solid>& background() const { return background_; }

 private:
  struct Place {
    double x, y, yaw;
  };
  enum class Motion : std::uint8_t { parked, with_ego, oncoming, parking, along, crossing };
  struct Path {
    Motion motion;
    double s = 0, d = 0;    ///< at time 0; for `with_ego` relative to the ego vehicle
    double speed = 0;       ///< along s, or along d when crossing
    double yaw_offset = 0;  ///< of parked ones
  };

  double ego_s(double t) const;
  Place place(double s, double d) const;
  void add_vehicles();
  void add_people();
  void add_background();
  void add(Agent agent, Path path);
  void add_solid(Shape shape, double s, double d, Vec3d size, double height_above_ground, float reflectivity);
  Place where(const Path& path, double t) const;

  StreetOptions options_;
  std::vector<Place> middle_;  ///< every metre from s = street_begin
  std::vector<Agent> agents_;
  std::vector<Path> paths_;
  std::vector<Solid> background_;
  double speed_phase_ = 0;
  double reach_ = 0;  ///< no agent of the ego's lane comes farther than this
};

}  // namespace sweepmark::synth
