// SPDX-License-Identifier: Apache-2.0
#include "tracking/moving.h"

#include <algorithm>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr double moving_m = 2;

}  // namespace

bool is_moving(const Track& track) {
  return std::ranges::any_of(track.keyframes, [&](const Keyframe& k) {
    return norm(k.cuboid.center - track.keyframes.front().cuboid.center) > moving_m;
  });
}

}  // namespace sweepmark
