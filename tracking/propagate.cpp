// SPDX-License-Identifier: Apache-2.0
#include "tracking/propagate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "kernels/math/rigid.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

constexpr double surely = 0.8;
/// A neighbour in the track tells the speed when it is at most this far in time.
constexpr double near_s = 3;
/// Fastest object that is looked for when nothing is known of its speed.
constexpr double fastest_m_s = 35, search_step_m = 0.4;
constexpr std::size_t few_points = 5;
/// How far the new speed counts against the one so far.
constexpr double new_speed_share = 0.5;

double seconds(TimestampNs from, TimestampNs to) { return 1e-9 * static_cast<double>(to - from); }

/// How it moves, per second of the track's time (also when walking backwards).
struct Motion {
  Vec3d velocity;
  double turn = 0;
};

Motion motion_between(const Cuboid& a, const Cuboid& b, double time_s) {
  return {(1 / time_s) * (b.center - a.center), wrap_angle(yaw_of(b.rotation) - yaw_of(a.rotation)) / time_s};
}

Cuboid moved(const Cuboid& c, const Motion& motion, double time_s) {
  return {c.center + time_s * motion.velocity, c.size, quat_from_yaw(motion.turn * time_s) * c.rotation};
}

std::optional<Motion> known_motion(const Track& track, std::size_t start) {
  std::optional<std::size_t> beside;
  if (start > 0) beside = start - 1;
  if (start + 1 < track.keyframes.size() &&
      (!beside || track.keyframes[start + 1].timestamp - track.keyframes[start].timestamp <
                      track.keyframes[start].timestamp - track.keyframes[*beside].timestamp))
    beside = start + 1;
  if (!beside) return std::nullopt;
  const Keyframe &a = track.keyframes[start], &b = track.keyframes[*beside];
  const double time_s = seconds(a.timestamp, b.timestamp);
  if (std::abs(time_s) > near_s) return std::nullopt;
  Motion motion = motion_between(a.cuboid, b.cuboid, time_s);
  if (std::abs(motion.turn) > 1) motion.turn = 0;  // turned over, or too fast to be a turn
  return motion;
}

/// Looks along the heading for where the object has gone in the first step.
Registration search(const ObjectShape& shape, const std::vector<Vec3d>& seen, const Cuboid& start, double reach_m,
                    const BodyVector& trust) {
  Registration best = shape.place(seen, start, trust);
  double best_value = best.confidence;
  for (double step = search_step_m; step <= reach_m; step += search_step_m)
    for (const double side : {1.0, -1.0}) {
      Cuboid guess = start;
      guess.center = guess.center + rotate(guess.rotation, {side * step, 0, 0});
      const Registration found = shape.place(seen, guess, trust);
      const double value = found.confidence - 0.02 * step / search_step_m / 10;  // rather near than far
      if (value > best_value + 0.02) {
        best = found;
        best_value = value;
      }
    }
  return best;
}

}  // namespace

std::string_view stop_reason_name(StopReason reason) {
  switch (reason) {
    case StopReason::end_of_frames:
      return "no more sweeps";
    case StopReason::next_keyframe:
      return "next keyframe";
    case StopReason::no_points:
      return "no points";
    case StopReason::low_confidence:
      return "low confidence";
    case StopReason::jump:
      return "jump";
  }
  return "";
}

Result<Propagation> propagate(const Track& track, TimestampNs from, Direction direction,
                              std::span<const TimestampNs> frames, const PointsNear& points,
                              const PropagateOptions& options) {
  const auto key = std::ranges::lower_bound(track.keyframes, from, {}, &Keyframe::timestamp);
  if (key == track.keyframes.end() || key->timestamp != from)
    return Error{"track " + track.id + ": expected a keyframe at " + std::to_string(from) + " ns"};
  const auto start = static_cast<std::size_t>(key - track.keyframes.begin());
  std::vector<TimestampNs> walk;
  for (const TimestampNs frame : frames)
    if (direction == Direction::forwards ? frame > from : frame < from) walk.push_back(frame);
  if (direction == Direction::backwards) std::ranges::reverse(walk);

  ObjectShape shape(key->cuboid.size);
  shape.add(points(from, surroundings(key->cuboid)), key->cuboid);
  std::optional<Motion> motion = known_motion(track, start);
  Propagation result;
  result.stopped_at = from;
  Cuboid last = key->cuboid;
  TimestampNs last_time = from;
  std::size_t sure_frames = 0;
  for (const TimestampNs frame : walk) {
    result.stopped_at = frame;
    const auto at = std::ranges::lower_bound(track.keyframes, frame, {}, &Keyframe::timestamp);
    if (at != track.keyframes.end() && at->timestamp == frame && is_set_by_person(*at)) {
      result.reason = StopReason::next_keyframe;
      break;
    }
    const double time_s = seconds(last_time, frame);
    const Cuboid guess = motion ? moved(last, *motion, time_s) : last;
    const double reach_m = motion ? 0 : std::min(fastest_m_s * std::abs(time_s), 8.0);
    Cuboid region = surroundings(guess);
    region.size.x += 2 * reach_m;
    const auto seen = points(frame, region);
    const double drift = 0.5 * options.most_acceleration_m_s2 * time_s * time_s;
    const BodyVector trust{0.15 + 2 * drift, 0.1 + drift, 0.05, 0.03 + 0.3 * std::abs(time_s)};
    const Registration found = motion ? shape.place(seen, guess, trust) : search(shape, seen, guess, reach_m, trust);
    const double moved_m = norm(found.cuboid.center - guess.center);
    StopReason problem = StopReason::end_of_frames;
    if (found.points < few_points) {
      problem = StopReason::no_points;
    } else if (found.confidence < options.min_confidence) {
      problem = StopReason::low_confidence;
    } else if (motion && moved_m > 0.5 + 2 * drift) {
      problem = StopReason::jump;
    }
    if (problem != StopReason::end_of_frames) {
      result.frames.push_back({frame, guess, 0, false});
      if (std::abs(time_s) <= options.patience_s) continue;
      result.reason = problem;
      break;
    }
    const Motion step = motion_between(last, found.cuboid, time_s);
    const double share = motion ? new_speed_share : 1;
    const Motion before = motion.value_or(step);
    motion =
        Motion{share * step.velocity + (1 - share) * before.velocity, share * step.turn + (1 - share) * before.turn};
    last = found.cuboid;
    last_time = frame;
    result.frames.push_back({frame, last, found.confidence, true});
    sure_frames = result.frames.size();
    if (found.confidence > surely) shape.add(seen, last);
  }
  result.frames.resize(sure_frames);
  // Frames that were not seen in between: on the way from one that was to the next.
  for (std::size_t i = 0; i < result.frames.size(); ++i) {
    if (result.frames[i].by_points) continue;
    std::size_t next = i;
    while (!result.frames[next].by_points) ++next;
    const TimestampNs before_time = i > 0 ? result.frames[i - 1].timestamp : from;
    const Cuboid before = i > 0 ? result.frames[i - 1].cuboid : key->cuboid;
    const double whole = seconds(before_time, result.frames[next].timestamp);
    const Motion between = motion_between(before, result.frames[next].cuboid, whole);
    for (; i < next; ++i)
      result.frames[i].cuboid = moved(before, between, seconds(before_time, result.frames[i].timestamp));
  }
  if (result.frames.size() == walk.size()) result.reason = StopReason::end_of_frames;
  return result;
}

}  // namespace sweepmark
