// SPDX-License-Identifier: Apache-2.0
#include "tracking/motion_uncertainty.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"

namespace sweepmark {
namespace {

/// Random acceleration before anything is known of a track, in sizes of the object per s^1.5, and what that guess
/// weighs beside one keyframe. Tuned on the tracks of docs/accuracy.md.
constexpr double usual_acceleration = 0.25, usual_weight = 1;
/// Keyframes on either side that predict one that is left out.
constexpr std::size_t predicting_keyframes = 8;

}  // namespace

double seconds_between(TimestampNs from, TimestampNs to) {
  return 1e-9 * static_cast<double>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}

double relative_error_of_turn(Vec3d size) {
  const double length = size.x / size.y;
  return (length + 1 / length - 1) / 8;
}

double relative_error(const Cuboid& got, const Cuboid& truth) {
  const Vec3d off = rotate(conjugate(truth.rotation), got.center - truth.center);
  double turn = std::abs(wrap_angle(yaw_of(got.rotation) - yaw_of(truth.rotation)));
  turn = std::min(turn, std::numbers::pi - turn);
  return std::abs(off.x) / truth.size.x + std::abs(off.y) / truth.size.y + std::abs(off.z) / truth.size.z +
         turn * relative_error_of_turn(truth.size);
}

double iou_of_error(double relative_error) {
  return relative_error < 1 ? (1 - relative_error) / (1 + relative_error) : 0;
}
double error_of_iou(double iou) { return (1 - iou) / (1 + iou); }

SplineDeviation::SplineDeviation(std::vector<TimestampNs> times) : times_(std::move(times)) {
  const std::size_t n = times_.size();
  std::vector<double> diagonal(n, 0);
  beside_.resize(n, 0);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const double span = seconds_between(times_[i], times_[i + 1]);
    diagonal[i] += 4 / span;
    diagonal[i + 1] += 4 / span;
    beside_[i] = 2 / span;
  }
  std::vector<double> from_left = diagonal;
  from_right_ = diagonal;
  for (std::size_t i = 1; i < n; ++i) from_left[i] -= beside_[i - 1] * beside_[i - 1] / from_left[i - 1];
  for (std::size_t i = n - 1; i-- > 0;) from_right_[i] -= beside_[i] * beside_[i] / from_right_[i + 1];
  for (std::size_t i = 0; i < n; ++i) variance_.push_back(1 / (from_left[i] + from_right_[i] - diagonal[i]));
}

double SplineDeviation::at(TimestampNs time) const {
  const auto next = static_cast<std::size_t>(std::ranges::lower_bound(times_, time) - times_.begin());
  if (next == 0 || next == times_.size() || times_[next] == time) return 0;
  const std::size_t i = next - 1;
  const double span = seconds_between(times_[i], times_[next]), a = seconds_between(times_[i], time) / span, b = 1 - a;
  const double begin = a * b * b * span, end = -a * a * b * span;  // what an error of the speeds moves here
  const double together = -beside_[i] / from_right_[next] * variance_[i];
  return std::sqrt(std::pow(a * b * span, 3) / 3 + begin * begin * variance_[i] + end * end * variance_[next] +
                   2 * begin * end * together);
}

Result<LearntAcceleration> LearntAcceleration::of(const Track& track) {
  const auto mode = mode_of(track);
  if (!mode) return mode.error();
  LearntAcceleration result;
  for (const Keyframe& k : track.keyframes) result.times_.push_back(k.timestamp);
  const std::size_t n = track.keyframes.size();
  for (std::size_t k = 1; k + 1 < n; ++k) {
    Track others;
    std::vector<TimestampNs> times;
    const std::size_t first = k > predicting_keyframes ? k - predicting_keyframes : 0;
    for (std::size_t i = first; i < std::min(n, k + predicting_keyframes + 1); ++i) {
      if (i == k) continue;
      others.keyframes.push_back(track.keyframes[i]);
      times.push_back(track.keyframes[i].timestamp);
    }
    const Keyframe& left_out = track.keyframes[k];
    const auto predicted = evaluate(others, left_out.timestamp, {}, *mode);
    if (!predicted) return predicted.error();
    const double deviation = SplineDeviation(std::move(times)).at(left_out.timestamp);
    result.learnt_.push_back(relative_error(**predicted, left_out.cuboid) / std::max(deviation, 1e-9));
  }
  return result;
}

double LearntAcceleration::at(TimestampNs time) const {
  const auto next = static_cast<std::size_t>(std::ranges::lower_bound(times_, time) - times_.begin());
  const bool is_inside = next > 0 && next < times_.size();
  const double gap = is_inside ? seconds_between(times_[next - 1], times_[next]) : 1;
  const double now = seconds_between(times_.front(), time);
  double sum = usual_weight * usual_acceleration * usual_acceleration, weights = usual_weight;
  for (std::size_t k = 0; k < learnt_.size(); ++k) {
    const double away = (seconds_between(times_.front(), times_[k + 1]) - now) / gap;
    const double weight = 1 / (1 + away * away);
    sum += weight * learnt_[k] * learnt_[k];
    weights += weight;
  }
  return std::sqrt(sum / weights);
}

}  // namespace sweepmark
