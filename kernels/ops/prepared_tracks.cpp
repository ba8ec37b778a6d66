// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/prepared_tracks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "kernels/math/rigid.h"
#include "kernels/ops/curves.h"

namespace sweepmark {
namespace {

/// Below this the rotation is linear in time: the difference from slerp is under angle^2 / 8, far below rounding.
constexpr double smallest_turn = 1e-8;
/// A turn of exactly 180 degrees has no shortest arc; within this of it, "counter-clockwise about +z" decides.
constexpr double half_turn_tolerance = 1e-12;

Error error_at(std::size_t track, TimestampNs timestamp, const std::string& what) {
  return Error{"track " + std::to_string(track) + ", timestamp " + std::to_string(timestamp) + " ns: " + what};
}

std::string text(double value) { return std::to_string(value); }

std::optional<Error> problem_of(std::size_t track, const CuboidKeyframe& keyframe) {
  const Cuboid& cuboid = keyframe.cuboid;
  const auto fail = [&](const std::string& what) { return error_at(track, keyframe.timestamp, what); };
  if (!is_finite(cuboid.center)) return fail("expected a finite centre");
  const Vec3d& s = cuboid.size;
  if (!is_finite(s) || !(s.x > 0 && s.y > 0 && s.z > 0)) {
    return fail("expected a size above 0, got (" + text(s.x) + ", " + text(s.y) + ", " + text(s.z) + ")");
  }
  const double length = std::sqrt(dot(cuboid.rotation, cuboid.rotation));
  if (!(std::abs(length - 1) <= 1e-3)) return fail("expected a unit quaternion, got one of length " + text(length));
  return std::nullopt;
}

/// The later quaternion with the sign that makes the arc from `a` the shortest one.
Quat nearer_sign(Quat a, Quat b) {
  const double cosine = dot(a, b);
  bool flip = cosine < 0;
  if (std::abs(cosine) <= half_turn_tolerance) {
    flip = (b * conjugate(a)).z < 0;  // the turn in the world; its axis has to point up
  }
  return flip ? Quat{-b.w, -b.x, -b.y, -b.z} : b;
}

core::Segment make_segment(const Cuboid& from, const Cuboid& to, SizeMode mode) {
  core::Segment segment{};
  const Quat a = normalized(from.rotation), b = nearer_sign(a, normalized(to.rotation));
  const Vec3d move = to.center - from.center;
  const Vec3d grow = mode == SizeMode::linear ? to.size - from.size : Vec3d{};
  // atan2 of the chord and the sum keeps all digits for small angles, where acos loses half of them.
  const Quat chord{b.w - a.w, b.x - a.x, b.y - a.y, b.z - a.z}, sum{b.w + a.w, b.x + a.x, b.y + a.y, b.z + a.z};
  const double angle = std::min(2 * std::atan2(std::sqrt(dot(chord, chord)), std::sqrt(dot(sum, sum))), M_PI_2);
  const bool turns = angle > smallest_turn;
  const Quat second = turns ? b : chord;
  const double first_values[] = {from.center.x, from.center.y, from.center.z, from.size.x, from.size.y,
                                 from.size.z,   a.w,           a.x,           a.y,         a.z};
  const double second_values[] = {move.x, move.y,   move.z,   grow.x,   grow.y,
                                  grow.z, second.w, second.x, second.y, second.z};
  std::ranges::copy(first_values, segment.first);
  std::ranges::copy(second_values, segment.second);
  segment.angle = turns ? angle : 0;
  segment.inverse_sine = turns ? 1 / core::sine(angle) : 0;
  return segment;
}

/// Ascending spans without overlaps.
std::vector<AbsenceSpan> merged(std::vector<AbsenceSpan> spans) {
  std::ranges::sort(spans, {}, &AbsenceSpan::begin);
  std::vector<AbsenceSpan> out;
  for (const AbsenceSpan& span : spans) {
    if (!out.empty() && span.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::optional<Error> append(PreparedTracks::Data& data, std::size_t index, const TrackView& track,
                            const InterpolateOptions& options) {
  if (track.keyframes.empty())
    return Error{"track " + std::to_string(index) + ": expected at least one keyframe, got none"};
  std::vector<CuboidKeyframe> keyframes(track.keyframes.begin(), track.keyframes.end());
  std::ranges::stable_sort(keyframes, {}, &CuboidKeyframe::timestamp);
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    if (auto problem = problem_of(index, keyframes[i])) return problem;
    if (i > 0 && keyframes[i - 1].timestamp == keyframes[i].timestamp) {
      return error_at(index, keyframes[i].timestamp, "expected one keyframe at a time, got two");
    }
  }
  for (const AbsenceSpan& span : track.absences) {
    if (span.end < span.begin)
      return error_at(index, span.begin,
                      "an absence span ends before it begins, at " + std::to_string(span.end) + " ns");
  }
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    const bool has_next = i + 1 < keyframes.size() && track.mode != InterpolationMode::still;
    data.times.push_back(keyframes[i].timestamp);
    data.keys.push_back(keyframes[i].cuboid);
    data.segments.push_back(make_segment(keyframes[i].cuboid, keyframes[has_next ? i + 1 : i].cuboid, options.size));
  }
  if (track.mode == InterpolationMode::smooth || track.mode == InterpolationMode::motion)
    bend_segments(keyframes, track.mode, std::span(data.segments).last(keyframes.size()));
  const auto spans = merged({track.absences.begin(), track.absences.end()});
  data.spans.insert(data.spans.end(), spans.begin(), spans.end());
  data.key_begin.push_back(static_cast<std::uint32_t>(data.times.size()));
  data.span_begin.push_back(static_cast<std::uint32_t>(data.spans.size()));
  return std::nullopt;
}

}  // namespace

Result<PreparedTracks> PreparedTracks::make(std::span<const TrackView> tracks, const InterpolateOptions& options) {
  std::size_t keyframes = 0;
  for (const TrackView& track : tracks) keyframes += track.keyframes.size();
  if (keyframes >= std::numeric_limits<std::uint32_t>::max())
    return Error{"expected fewer than 2^32 keyframes, got " + std::to_string(keyframes)};
  auto data = std::make_shared<Data>();
  data->extrapolate = options.extrapolate;
  data->times.reserve(keyframes);
  data->keys.reserve(keyframes);
  data->segments.reserve(keyframes);
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (auto problem = append(*data, i, tracks[i], options)) return *std::move(problem);
  }
  PreparedTracks prepared;
  prepared.data_ = std::move(data);
  return prepared;
}

std::size_t PreparedTracks::size() const { return data_->key_begin.size() - 1; }

Presence evaluate(const PreparedTracks& tracks, std::size_t track, TimestampNs timestamp, Cuboid& out) {
  SWEEPMARK_EXPECTS(track < tracks.size());
  return core::evaluate(tracks.data().view(), track, timestamp, out);
}

}  // namespace sweepmark
