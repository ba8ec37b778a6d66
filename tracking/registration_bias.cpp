// SPDX-License-Identifier: Apache-2.0
#include "tracking/registration_bias.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sweepmark {
namespace {

/// Before any keyframe has shown it, and what that guess weighs beside one that has.
constexpr double usual_bias_m = 0.085, usual_bias_up_m = 0.07, usual_weight = 0.5;
/// Keyframes that are registered, each against the others.
constexpr std::size_t tried_keyframes = 8;
/// A guess loose enough to let the points speak.
constexpr BodyVector loose{0.4, 0.4, 0.1, 0.3};

BodyVector squared(const BodyVector& v) {
  return {v.along * v.along, v.across * v.across, v.up * v.up, v.turn * v.turn};
}

}  // namespace

BodyVector registration_bias(const Track& track, const PointsNear& points, double min_confidence) {
  const auto& keys = track.keyframes;
  const double lever = std::max(keys.front().cuboid.size.x / 2, 0.1);
  const BodyVector usual = squared({usual_bias_m, usual_bias_m, usual_bias_up_m, usual_bias_m / lever});
  BodyVector sum{usual_weight * usual.along, usual_weight * usual.across, usual_weight * usual.up,
                 usual_weight * usual.turn};
  double weights = usual_weight;
  const std::size_t step = (keys.size() + tried_keyframes - 1) / tried_keyframes;
  std::vector<std::size_t> tried;
  std::vector<std::vector<Vec3d>> seen;
  for (std::size_t k = 0; k < keys.size(); k += step) {
    tried.push_back(k);
    seen.push_back(points(keys[k].timestamp, surroundings(keys[k].cuboid)));
  }
  for (std::size_t i = 0; i < tried.size(); ++i) {
    ObjectShape others(keys.front().cuboid.size);
    for (std::size_t j = 0; j < tried.size(); ++j)
      if (j != i) others.add(seen[j], keys[tried[j]].cuboid);
    const Registration found = others.place(seen[i], keys[tried[i]].cuboid, loose);
    if (found.confidence < min_confidence) continue;
    const BodyVector off = squared(found.shift);
    sum = {sum.along + off.along, sum.across + off.across, sum.up + off.up, sum.turn + off.turn};
    ++weights;
  }
  return {std::sqrt(sum.along / weights), std::sqrt(sum.across / weights), std::sqrt(sum.up / weights),
          std::sqrt(sum.turn / weights)};
}

}  // namespace sweepmark
