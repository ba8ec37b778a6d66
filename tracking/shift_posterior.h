// SPDX-License-Identifier: Apache-2.0
//
// Where an object most likely is between its keyframes, given what registration says in each frame.
#pragma once

#include <vector>

#include "tracking/track.h"

namespace sweepmark {

/// One component of an object's shift from interpolation over a track's frames, in metres or radians.
struct ShiftMeasurements {
  struct Frame {
    double acceleration = 0;   ///< how much it may accelerate here: units per s^1.5
    double value = 0;          ///< what registration says
    double variance = 0;       ///< of that, from frame to frame; infinite where it says nothing
    bool is_keyframe = false;  ///< the shift is 0
  };
  std::vector<TimestampNs> times;  ///< ascending; one for each frame
  std::vector<Frame> frames;
  double bias = 0;  ///< standard deviation of what registration is off by for seconds on end, above 0
};

struct ShiftPosterior {
  std::vector<double> value, deviation;  ///< mean and standard deviation, one for each frame; 0 at keyframes
  std::vector<double> off;               ///< what registration says beyond the shift and its bias; 0 where it is silent
};

/// The shift is taken to accelerate at random from 0 at keyframes; registration sees it plus a bias that changes slowly
/// plus noise. How much it accelerates is what makes the measurements likeliest: so points of an object that goes
/// straight on leave it there, and those of one that brakes are followed. Cost: O(frames * 20). Source: Takahashi,
/// Fagan and Chen, Formation of a sparse bus impedance matrix (1973): variances from a banded factor.
ShiftPosterior shift_posterior(const ShiftMeasurements& measurements);

}  // namespace sweepmark
