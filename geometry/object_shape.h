// SPDX-License-Identifier: Apache-2.0
//
// The shape of one object as sweeps have seen it, and where a sweep's points put it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark {

/// Values along an object's own axes: forwards, to the left, up, and its turn about up.
struct BodyVector {
  double along = 0, across = 0, up = 0, turn = 0;  ///< metres, radians
};

/// Where points put an object, seen from a guess.
struct Registration {
  Cuboid cuboid;           ///< the size is that of the guess
  BodyVector shift;        ///< from the guess to it, in the guess's axes
  BodyVector information;  ///< 1 / variance of each, the guess's own included
  double confidence = 0;   ///< in [0, 1]: share of points that lie on the shape, less where they are few
  std::size_t points = 0;  ///< that took part
};

/// Points of an object in its own frame (centre of the cuboid, heading on +x), one for each 8 cm.
class ObjectShape {
 public:
  explicit ObjectShape(Vec3d size);

  /// Adds the points inside `cuboid`, a little around it included, but not the lowest ones: those may be ground.
  /// \param points  frame world. Cost: O(points).
  void add(std::span<const Vec3d> points, const Cuboid& cuboid);

  std::size_t size() const { return points_.size(); }

  /// Moves the object from `guess` to where the points lie on its shape: point to plane where the shape is flat, point
  /// to point elsewhere, far points discounted. What the points do not say stays with the guess.
  /// \param points  frame world, of the object's surroundings; at most about 250 are used, evenly
  /// \param trust   standard deviations of the guess
  /// Cost: about 1 ms. Source: Chen and Medioni, Object Modelling by Registration of Multiple Range Images (1992).
  Registration place(std::span<const Vec3d> points, const Cuboid& guess, const BodyVector& trust) const;

 private:
  struct Surface {
    Vec3d normal;
    bool is_flat = false;
  };
  struct Match {
    std::uint32_t point = 0;
    double distance = 0;
  };
  bool nearest(Vec3d p, double reach, Match& match) const;
  std::size_t cell_of(Vec3d p) const;
  void find_surfaces() const;

  Vec3d size_;
  Vec3d low_;  ///< corner of the grid
  int columns_ = 0, rows_ = 0, layers_ = 0;
  std::vector<Vec3d> points_;
  std::vector<std::vector<std::uint32_t>> cells_;
  mutable std::vector<Surface> surfaces_;  ///< of the points there were at the last call of `place`
};

}  // namespace sweepmark
