// SPDX-License-Identifier: Apache-2.0
#include "tracking/suggest.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "tracking/evaluate.h"
#include "tracking/motion_uncertainty.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

/// All frames of a gap have to be right, so it is cut for an error larger than its standard deviation.
constexpr double sure = 1.5;

/// Of a keyframe: none where a person set it; a program's score says what it expects.
double own_error(const Keyframe& keyframe) {
  if (is_set_by_person(keyframe)) return 0;
  const auto score = provenance_of(keyframe.attributes).score;
  return score && std::isfinite(*score) ? error_of_iou(std::clamp(*score, 0.0, 1.0)) : 0;
}

/// Relative error to expect at each frame: 0 at keyframes that a person set and where there is no cuboid.
Result<std::vector<double>> expected_errors(const Track& track, std::span<const TimestampNs> frames) {
  const auto prepared = prepare({&track, 1});
  if (!prepared) return Error{"track " + track.id + ": " + prepared.error().message};
  std::vector<double> errors(frames.size(), 0);
  if (track.keyframes.size() < 2) return errors;
  const auto acceleration = LearntAcceleration::of(only_set_by_person(track));
  if (!acceleration) return acceleration.error();
  std::vector<TimestampNs> times;
  std::vector<double> own;
  for (const Keyframe& k : track.keyframes) {
    times.push_back(k.timestamp);
    own.push_back(own_error(k));
  }
  const SplineDeviation deviation(times);
  for (std::size_t f = 0; f < frames.size(); ++f) {
    Cuboid cuboid;
    const Presence presence = evaluate(*prepared, 0, frames[f], cuboid);
    if (presence == Presence::absent) continue;
    const auto next = static_cast<std::size_t>(std::ranges::lower_bound(times, frames[f]) - times.begin());
    if (presence == Presence::keyframe) {
      errors[f] = own[next];
    } else {
      const double alpha = seconds_between(times[next - 1], frames[f]) / seconds_between(times[next - 1], times[next]);
      errors[f] = std::hypot(acceleration->at(frames[f]) * deviation.at(frames[f]),
                             (1 - alpha) * own[next - 1] + alpha * own[next]);
    }
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
  const KeyframeSuggestion at_peak{frames[peak], iou_of_error(*worst)};
  const auto& keys = track.keyframes;
  const auto next = std::ranges::lower_bound(keys, frames[peak], {}, &Keyframe::timestamp);
  // Beside what a program set the error is no longer that of a spline.
  if (own_error(*next) > 0 || own_error(*(next - (next == keys.begin() ? 0 : 1))) > 0) return std::optional(at_peak);

  // The frames of the same gap that could be asked for.
  std::size_t begin = peak, end = peak + 1;
  while (begin > 0 && (*errors)[begin - 1] > 0) --begin;
  while (end < frames.size() && (*errors)[end] > 0) ++end;
  // A gap between keyframes that has no frame at one of them: its frames still belong together.
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
  return std::optional(KeyframeSuggestion{frames[chosen], at_peak.expected_iou});
}

}  // namespace sweepmark
