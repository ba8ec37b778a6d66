// SPDX-License-Identifier: Apache-2.0
#include "tracking/suggest.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"

namespace sweepmark {
namespace {

/// Random acceleration before anything is known of a track, in sizes of the object per s^1.5, and what that guess
/// weighs beside one keyframe. Tuned on the tracks of docs/accuracy.md.
constexpr double usual_acceleration = 0.25, usual_weight = 1;
/// Keyframes on either side that predict one that is left out.
constexpr std::size_t predicting_keyframes = 8;
/// All frames of a gap have to be right, so it is cut for an error larger than its standard deviation.
constexpr double sure = 1.5;

double seconds(TimestampNs from, TimestampNs to) {
  return 1e-9 * static_cast<double>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}

/// Error as a share of the object's size: the sum over its axes, and what a turn moves its corners by. A heading that
/// is turned over does not change the box.
double relative_error(const Cuboid& got, const Cuboid& truth) {
  const Vec3d off = rotate(conjugate(truth.rotation), got.center - truth.center);
  double turn = std::abs(wrap_angle(yaw_of(got.rotation) - yaw_of(truth.rotation)));
  turn = std::min(turn, std::numbers::pi - turn);
  const double length = truth.size.x / truth.size.y;
  return std::abs(off.x) / truth.size.x + std::abs(off.y) / truth.size.y + std::abs(off.z) / truth.size.z +
         turn * (length + 1 / length - 1) / 8;
}

/// Of two boxes of one size with that relative error along one axis.
double iou_of_error(double error) { return error < 1 ? (1 - error) / (1 + error) : 0; }
double error_of_iou(double iou) { return (1 - iou) / (1 + iou); }

/// Standard deviation of the spline through keyframes, for an acceleration of 1 (a white noise).
///
/// Positions at keyframes are exact, so only the speeds there are unknown; their information is tridiagonal.
class SplineDeviation {
 public:
  /// \param times  of the keyframes, ascending, at least 2
  explicit SplineDeviation(const std::vector<TimestampNs>& times) : times_(times) {
    const std::size_t n = times.size();
    std::vector<double> diagonal(n, 0);
    beside_.resize(n, 0);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const double span = seconds(times[i], times[i + 1]);
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

  /// \param next  the first keyframe not before `time`
  double at(TimestampNs time, std::size_t next) const {
    if (next == 0 || next == times_.size() || times_[next] == time) return 0;
    const std::size_t i = next - 1;
    const double span = seconds(times_[i], times_[next]), a = seconds(times_[i], time) / span, b = 1 - a;
    const double begin = a * b * b * span, end = -a * a * b * span;  // what an error of the speeds moves here
    const double together = -beside_[i] / from_right_[next] * variance_[i];
    return std::sqrt(std::pow(a * b * span, 3) / 3 + begin * begin * variance_[i] + end * end * variance_[next] +
                     2 * begin * end * together);
  }

 private:
  const std::vector<TimestampNs>& times_;
  std::vector<double> beside_, from_right_, variance_;
};

std::size_t next_keyframe(const std::vector<TimestampNs>& times, TimestampNs time) {
  return static_cast<std::size_t>(std::ranges::lower_bound(times, time) - times.begin());
}

/// What the track's own keyframes tell of its acceleration: one value for each but the first and last.
Result<std::vector<double>> accelerations(const Track& track, InterpolationMode mode) {
  std::vector<double> found;
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
    const auto predicted = evaluate(others, left_out.timestamp, {}, mode);
    if (!predicted) return predicted.error();
    const double deviation = SplineDeviation(times).at(left_out.timestamp, next_keyframe(times, left_out.timestamp));
    found.push_back(relative_error(**predicted, left_out.cuboid) / std::max(deviation, 1e-9));
  }
  return found;
}

/// Relative error to expect at each frame: 0 at keyframes and where there is no cuboid.
Result<std::vector<double>> expected_errors(const Track& track, std::span<const TimestampNs> frames) {
  const auto mode = mode_of(track);
  if (!mode) return mode.error();
  const auto prepared = prepare({&track, 1});
  if (!prepared) return Error{"track " + track.id + ": " + prepared.error().message};
  std::vector<double> errors(frames.size(), 0);
  if (track.keyframes.size() < 2) return errors;
  const auto learnt = accelerations(track, *mode);
  if (!learnt) return learnt.error();
  std::vector<TimestampNs> times;
  for (const Keyframe& k : track.keyframes) times.push_back(k.timestamp);
  const SplineDeviation deviation(times);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    Cuboid cuboid;
    if (evaluate(*prepared, 0, frames[f], cuboid) != Presence::interpolated) continue;
    const std::size_t next = next_keyframe(times, frames[f]);
    const double gap = seconds(times[next - 1], times[next]);
    double sum = usual_weight * usual_acceleration * usual_acceleration, weights = usual_weight;
    for (std::size_t k = 0; k < learnt->size(); ++k) {
      const double away = (seconds(times.front(), times[k + 1]) - seconds(times.front(), frames[f])) / gap;
      const double weight = 1 / (1 + away * away);
      sum += weight * (*learnt)[k] * (*learnt)[k];
      weights += weight;
    }
    errors[f] = std::sqrt(sum / weights) * deviation.at(frames[f], next);
  }
  return errors;
}

}  // namespace

Result<std::vector<double>> expected_ious(const Track& track, std::span<const TimestampNs> frames) {
  auto errors = expected_errors(track, frames);
  if (errors) std::ranges::transform(*errors, errors->begin(), iou_of_error);
  return errors;
}

Result<std::optional<KeyframeSuggestion>> suggest_keyframe(const Track& track, std::span<const TimestampNs> frames,
                                                           double min_iou) {
  if (!(min_iou > 0 && min_iou < 1))
    return Error{"the IoU to reach: expected above 0 and below 1, got " + std::to_string(min_iou)};
  const auto errors = expected_errors(track, frames);
  if (!errors) return errors.error();
  const auto worst = std::ranges::max_element(*errors);
  if (worst == errors->end() || *worst == 0) return std::optional<KeyframeSuggestion>{};
  const auto peak = static_cast<std::size_t>(worst - errors->begin());

  // The frames of the same gap that could be asked for.
  std::size_t begin = peak, end = peak + 1;
  while (begin > 0 && (*errors)[begin - 1] > 0) --begin;
  while (end < frames.size() && (*errors)[end] > 0) ++end;
  // A gap between keyframes that has no frame at one of them: its frames still belong together.
  const auto& keys = track.keyframes;
  const auto next = std::ranges::lower_bound(keys, frames[peak], {}, &Keyframe::timestamp);
  while (frames[begin] < (next - 1)->timestamp) ++begin;
  while (frames[end - 1] > next->timestamp) --end;

  // The error of pieces goes with their length^1.5.
  const double needed = std::ceil(std::pow(sure * *worst / error_of_iou(min_iou), 2.0 / 3));
  const auto pieces =
      static_cast<std::size_t>(std::clamp(needed, 2.0, static_cast<double>(std::max<std::size_t>(end - begin, 2))));
  std::size_t chosen = peak;
  if (pieces % 2 != 0) {
    const double share = static_cast<double>(pieces / 2) / static_cast<double>(pieces);
    // The smaller part at the end of the track, where a spline knows least.
    const bool at_end = std::next(next) == keys.end() && next - 1 != keys.begin();
    const auto steps = static_cast<double>(end - begin + 1);
    const auto step = static_cast<std::size_t>(std::lround((at_end ? 1 - share : share) * steps));
    chosen = std::clamp(begin + step, begin + 1, end) - 1;
  }
  return std::optional(KeyframeSuggestion{frames[chosen], iou_of_error(*worst)});
}

}  // namespace sweepmark
