// SPDX-License-Identifier: Apache-2.0
#include "tracking/thin.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <optional>
#include <string>

#include "geometry/image_overlap.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tracking/evaluate_image.h"
#include "tracking/gaps.h"
#include "tracking/interpolation_mode.h"
#include "tracking/keyframe_choice.h"

namespace sweepmark {
namespace {

/// Answers whether the labels between two of them follow from these two.
class SpanTest {
 public:
  SpanTest(const Track& track, const ThinTolerance& tolerance, const InterpolateOptions& options)
      : track_(track), tolerance_(tolerance), options_(options) {}

  /// The middle first: where a span is too long, that is mostly where it shows.
  bool holds(std::size_t from, std::size_t to) const {
    if (to <= from + 1) return true;
    const CuboidKeyframe ends[2] = {keyframe(from), keyframe(to)};
    const TrackView view{ends, {}};
    const auto prepared = PreparedTracks::make({&view, 1}, options_);
    return prepared && holds_between(*prepared, from + 1, to);
  }

 private:
  CuboidKeyframe keyframe(std::size_t i) const { return {track_.keyframes[i].timestamp, track_.keyframes[i].cuboid}; }

  /// Labels from `begin` to before `end`.
  bool holds_between(const PreparedTracks& prepared, std::size_t begin, std::size_t end) const {
    if (begin >= end) return true;
    const std::size_t middle = begin + (end - begin) / 2;
    return is_near(prepared, middle) && holds_between(prepared, begin, middle) &&
           holds_between(prepared, middle + 1, end);
  }

  bool is_near(const PreparedTracks& prepared, std::size_t i) const {
    Cuboid got;
    if (sweepmark::evaluate(prepared, 0, track_.keyframes[i].timestamp, got) == Presence::absent) return false;
    const Cuboid& label = track_.keyframes[i].cuboid;
    if (tolerance_.max_center_error_m > 0 && norm(got.center - label.center) > tolerance_.max_center_error_m)
      return false;
    if (tolerance_.max_yaw_error_rad > 0) {
      const double turn = std::remainder(yaw_of(got.rotation) - yaw_of(label.rotation), 2 * std::numbers::pi);
      if (std::abs(turn) > tolerance_.max_yaw_error_rad) return false;
    }
    return box_iou(got, label) >= tolerance_.min_iou;
  }

  const Track& track_;
  const ThinTolerance& tolerance_;
  const InterpolateOptions& options_;
};

/// The same for labels in images.
class ImageSpanTest {
 public:
  ImageSpanTest(const ImageTrack& track, double min_iou) : track_(track), min_iou_(min_iou) {
    for (const ImageKeyframe& k : track.keyframes) times_.push_back(k.timestamp);
  }

  bool holds(std::size_t from, std::size_t to) const {
    if (to <= from + 1) return true;
    ImageTrack ends;
    ends.keyframes = {track_.keyframes[from], track_.keyframes[to]};
    // The middle first, as above: most spans that are too long need no more.
    if (!is_near(evaluate(ends, times_[from + (to - from) / 2]), from + (to - from) / 2)) return false;
    const auto states = evaluate(ends, std::span(times_).subspan(from + 1, to - from - 1));
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (!is_near(states[i], from + 1 + i)) return false;
    }
    return true;
  }

 private:
  bool is_near(const std::optional<ImageState>& state, std::size_t i) const {
    return state && overlap(track_.keyframes[i].value, state->value) >= min_iou_;
  }

  const ImageTrack& track_;
  double min_iou_;
  std::vector<TimestampNs> times_;
};

/// From each label the farthest that still serves.
template <class Test>
std::vector<std::size_t> greedy_positions(std::size_t count, const Test& span) {
  const std::size_t last = count - 1;
  std::vector<std::size_t> positions = {0};
  std::size_t previous = 0;
  while (positions.back() < last) {
    // Not to try the whole of a long track at each step: a few times the span before, more while all of it holds.
    const std::size_t from = positions.back();
    std::size_t reach = std::max<std::size_t>(64, 4 * previous), to = std::min(last, from + reach);
    while (to < last && span.holds(from, to)) to = std::min(last, from + (reach *= 2));
    while (!span.holds(from, to)) --to;
    positions.push_back(to);
    previous = to - from;
  }
  return positions;
}

template <class Test>
std::vector<std::size_t> even_positions(std::size_t count, const Test& span) {
  const std::size_t last = count - 1;
  // With one span for each label nothing lies between, so the last of these holds.
  for (std::size_t spans = 1; spans <= last; ++spans) {
    std::vector<std::size_t> positions;
    for (std::size_t k = 0; k <= spans; ++k) positions.push_back((last * k + spans / 2) / spans);
    bool all = true;
    for (std::size_t k = 0; all && k < spans; ++k) all = span.holds(positions[k], positions[k + 1]);
    if (all) return positions;
  }
  return {0};
}

Result<void> check_iou(const ThinTolerance& tolerance) {
  if (tolerance.min_iou > 0 && tolerance.min_iou <= 1) return {};
  return Error{"the IoU to keep: expected above 0 and at most 1, got " + std::to_string(tolerance.min_iou)};
}

Result<void> check(const Track& track, const ThinTolerance& tolerance, const InterpolateOptions& options) {
  if (auto checked = check_iou(tolerance); !checked) return checked;
  if (!(tolerance.max_center_error_m >= 0) || !(tolerance.max_yaw_error_rad >= 0))
    return Error{"the error to allow: expected a number that is not negative"};
  std::vector<CuboidKeyframe> keyframes;
  for (const Keyframe& k : track.keyframes) keyframes.push_back({k.timestamp, k.cuboid});
  const TrackView view{keyframes, track.absences};
  if (const auto prepared = PreparedTracks::make({&view, 1}, options); !prepared)
    return Error{"track " + track.id + ": " + prepared.error().message};
  return {};
}

}  // namespace

Result<std::vector<std::size_t>> thin_positions(const Track& track, const ThinTolerance& tolerance,
                                                const InterpolateOptions& options) {
  if (auto checked = check(track, tolerance, options); !checked) return checked.error();
  return greedy_positions(track.keyframes.size(), SpanTest(track, tolerance, options));
}

Result<std::vector<std::size_t>> evenly_spaced_positions(const Track& track, const ThinTolerance& tolerance,
                                                         const InterpolateOptions& options) {
  if (auto checked = check(track, tolerance, options); !checked) return checked.error();
  return even_positions(track.keyframes.size(), SpanTest(track, tolerance, options));
}

Result<std::vector<std::size_t>> thin_positions(const ImageTrack& track, const ThinTolerance& tolerance) {
  if (auto checked = check_iou(tolerance); !checked) return checked.error();
  if (track.keyframes.empty()) return std::vector<std::size_t>{};
  return greedy_positions(track.keyframes.size(), ImageSpanTest(track, tolerance.min_iou));
}

Result<std::vector<std::size_t>> evenly_spaced_positions(const ImageTrack& track, const ThinTolerance& tolerance) {
  if (auto checked = check_iou(tolerance); !checked) return checked.error();
  if (track.keyframes.empty()) return std::vector<std::size_t>{};
  return even_positions(track.keyframes.size(), ImageSpanTest(track, tolerance.min_iou));
}

namespace {

/// Absent in each frame between its first and its last label that has none, and where it was said to be before and
/// behind them.
template <class AnyTrack>
std::vector<AbsenceSpan> absences_of(const AnyTrack& track, std::span<const TimestampNs> frames) {
  std::vector<AbsenceSpan> spans = gaps_between(track.keyframes, frames);
  if (track.keyframes.empty()) return spans;
  const TimestampNs first = track.keyframes.front().timestamp, last = track.keyframes.back().timestamp;
  std::ranges::copy_if(track.absences, std::back_inserter(spans),
                       [&](const AbsenceSpan& span) { return span.end < first || span.begin > last; });
  std::ranges::sort(spans, {}, &AbsenceSpan::begin);
  return spans;
}

}  // namespace

Result<Track> thin(const Track& track, std::span<const TimestampNs> frames, const ThinTolerance& tolerance,
                   const InterpolateOptions& options) {
  const auto positions = thin_positions(track, tolerance, options);
  if (!positions) return positions.error();
  Track thinned = keep_keyframes(track, *positions);
  thinned.attributes[std::string(interpolation_attribute)] = mode_name(InterpolationMode::linear);
  thinned.absences = absences_of(track, frames);
  return thinned;
}

Result<ImageTrack> thin(const ImageTrack& track, std::span<const TimestampNs> images, const ThinTolerance& tolerance) {
  const auto positions = thin_positions(track, tolerance);
  if (!positions) return positions.error();
  ImageTrack thinned = keep_keyframes(track, *positions);
  thinned.absences = absences_of(track, images);
  return thinned;
}

}  // namespace sweepmark
