// SPDX-License-Identifier: Apache-2.0
//
// How far one person's cuboid is from another's.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/math/types.h"
#include "quality/interpolation_accuracy.h"

namespace sweepmark {

/// Of the second against the first, in the first's own axes. Metres, radians.
struct CuboidDifference {
  Vec3d offset;             ///< of centres: along the heading, across it to the left, up
  Vec3d size;               ///< of length, width, height
  double yaw = 0;           ///< in [-pi/2, pi/2], what is left when a heading that is turned round is turned back
  bool is_flipped = false;  ///< headings are more than 90 degrees apart
};

CuboidDifference difference_of(const Cuboid& reference, const Cuboid& other);

/// The same of many: absolute values, metres and radians.
struct GeometrySummary {
  std::size_t compared = 0, flipped = 0;
  Spread center, along, across, up, yaw, length, width, height, similarity;
};

/// Adds up differences.
class GeometryErrors {
 public:
  void add(const CuboidDifference& difference, double similarity);
  void add(const GeometryErrors& other);
  GeometrySummary summary() const;

 private:
  std::size_t flipped_ = 0;
  std::vector<double> center_, along_, across_, up_, yaw_, length_, width_, height_, similarity_;
};

}  // namespace sweepmark
