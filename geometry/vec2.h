// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepmark {

struct Vec2d {
  double x = 0, y = 0;

  friend bool operator==(const Vec2d&, const Vec2d&) = default;
};

}  // namespace sweepmark
