// SPDX-License-Identifier: Apache-2.0
//
// How far an object may be from the curve through its keyframes: it is taken to accelerate at random between them, as
// much as its keyframes show. Source: Wahba, Spline Models for Observational Data (1990), 1.5.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/result.h"
#include "tracking/track.h"

namespace sweepmark {

/// From one time to a later one. The difference is taken unsigned: it never overflows.
double seconds_between(TimestampNs from, TimestampNs to);

/// Error as a share of the object's size: the sum over its axes, and what a turn moves its corners by. A heading that
/// is turned over does not change the box.
double relative_error(const Cuboid& got, const Cuboid& truth);
/// What a turn of one radian counts in it.
double relative_error_of_turn(Vec3d size);

/// Of two boxes of one size with that relative error along one axis; 0 from an error of 1 on.
double iou_of_error(double relative_error);
double error_of_iou(double iou);

/// Standard deviation of the spline through keyframes, for an acceleration of 1 (a white noise).
///
/// Positions at keyframes are exact, so only the speeds there are unknown; their information is tridiagonal.
class SplineDeviation {
 public:
  /// \param times  of the keyframes, ascending, at least 2. Cost: O(times).
  explicit SplineDeviation(std::vector<TimestampNs> times);
  /// 0 at keyframes, before the first and after the last. Cost: O(log times).
  double at(TimestampNs time) const;

 private:
  std::vector<TimestampNs> times_;
  std::vector<double> beside_, from_right_, variance_;
};

/// How much a track accelerates: learnt from how far each keyframe is from what the others say of it, the nearer ones
/// counting more.
class LearntAcceleration {
 public:
  /// \param track  ascending keyframes. Errors: those of `evaluate`. Cost: O(keyframes * 16).
  static Result<LearntAcceleration> of(const Track& track);
  /// Sizes of the object per s^1.5. \param time  between two keyframes. Cost: O(keyframes).
  double at(TimestampNs time) const;

 private:
  std::vector<TimestampNs> times_;
  std::vector<double> learnt_;  ///< at each keyframe but the first and the last
};

}  // namespace sweepmark
