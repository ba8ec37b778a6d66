// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/interpolate.h"
#include "kernels/ops/interpolate_core.h"

namespace sweepmark {

struct PreparedTracks::Data {
  std::vector<std::uint32_t> key_begin{0}, span_begin{0};
  std::vector<TimestampNs> times;
  std::vector<Cuboid> keys;
  std::vector<core::Segment> segments;  ///< one for each keyframe; that of a track's last is not used
  std::vector<AbsenceSpan> spans;
  bool extrapolate = false;

  core::TracksView view() const {
    return {key_begin.data(), span_begin.data(), times.data(), keys.data(), segments.data(), spans.data(), extrapolate};
  }
};

}  // namespace sweepmark
