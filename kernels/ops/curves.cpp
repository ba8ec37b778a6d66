// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/curves.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

/// From the centre back to the rear axle, as a share of the length: cars, trucks and buses are all near it.
constexpr double axle_share = 0.3;
/// A spline between slopes of up to three times the chord's stays between its ends.
/// Source: Fritsch and Carlson, Monotone Piecewise Cubic Interpolation (1980).
constexpr double most_overspeed = 3;
/// Below this the direction of the path says nothing about the heading.
constexpr double least_speed_m_s = 0.5;
/// How well a labelled heading tells the direction of motion at best.
constexpr double heading_noise_rad = 0.06;
/// Less is rounding.
constexpr double least_bend_m = 1e-9, least_turn_rad = 1e-12;
/// More than this between two keyframes is a heading that was turned over, not a turn.
constexpr double flip_rad = 2.6;

double magnitude(double v) { return std::abs(v); }
double magnitude(Vec3d v) { return norm(v); }

/// Slopes of the natural cubic spline at its knots. \param chords  mean slope of each span. \param spans  its length
template <class T>
std::vector<T> spline_slopes(std::span<const T> chords, std::span<const double> spans) {
  const std::size_t n = chords.size() + 1;
  std::vector<T> slope(n, chords.front());
  if (n == 2) return slope;
  // Tridiagonal: the second derivative is 0 at both ends and continuous in between.
  std::vector<double> over(n, 0);
  double diagonal = 2;
  over[0] = 1 / diagonal;
  slope[0] = (3 / diagonal) * chords[0];
  for (std::size_t i = 1; i < n; ++i) {
    const bool last = i + 1 == n;
    const double before = 1 / spans[i - 1], after = last ? 0 : 1 / spans[i];
    const T right = last ? (3 * before) * chords[i - 1] : (3 * before) * chords[i - 1] + (3 * after) * chords[i];
    diagonal = 2 * (before + after) - before * over[i - 1];
    over[i] = after / diagonal;
    slope[i] = (1 / diagonal) * (right - before * slope[i - 1]);
  }
  for (std::size_t i = n - 1; i-- > 0;) slope[i] = slope[i] - over[i] * slope[i + 1];
  return slope;
}

/// No slope is more than `most_overspeed` times as steep as the flatter chord beside it.
template <class T>
void limit(std::vector<T>& slopes, std::span<const T> chords) {
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double before = magnitude(chords[i > 0 ? i - 1 : 0]);
    const double after = magnitude(chords[std::min(i, chords.size() - 1)]);
    const double most = most_overspeed * std::min(before, after), size = magnitude(slopes[i]);
    if (size > most) slopes[i] = (most / size) * slopes[i];
  }
}

/// The path of the point that moves.
struct Path {
  double lever = 0;              ///< from that point to the centre, along the heading
  std::vector<Vec3d> points;     ///< at the keyframes
  std::vector<double> yaws;      ///< without jumps of a whole turn
  std::vector<double> spans;     ///< seconds between keyframes
  std::vector<Vec3d> velocity;   ///< mean, between keyframes
  std::vector<double> yaw_rate;  ///< mean, between keyframes
};

Path path_of(std::span<const CuboidKeyframe> keyframes, double lever) {
  Path path;
  path.lever = lever;
  for (const CuboidKeyframe& k : keyframes) {
    const double yaw = yaw_of(k.cuboid.rotation);
    path.points.push_back(lever == 0 ? k.cuboid.center : k.cuboid.center - rotate(k.cuboid.rotation, {lever, 0, 0}));
    path.yaws.push_back(path.yaws.empty() ? yaw : path.yaws.back() + wrap_angle(yaw - path.yaws.back()));
  }
  for (std::size_t i = 0; i + 1 < keyframes.size(); ++i) {
    const double span = 1e-9 * static_cast<double>(static_cast<std::uint64_t>(keyframes[i + 1].timestamp) -
                                                   static_cast<std::uint64_t>(keyframes[i].timestamp));
    path.spans.push_back(span);
    path.velocity.push_back((1 / span) * (path.points[i + 1] - path.points[i]));
    path.yaw_rate.push_back((path.yaws[i + 1] - path.yaws[i]) / span);
  }
  return path;
}

/// How one span moves, seen from the headings at its ends.
struct Course {
  bool backwards = false;
  double slip = 0;  ///< from the mean heading to the direction of motion, radians
};

double horizontal(Vec3d v) { return std::hypot(v.x, v.y); }

/// Nothing where it hardly moves, or the heading turns over.
std::optional<Course> course_of(const Path& path, std::size_t span) {
  const Vec3d v = path.velocity[span];
  if (horizontal(v) < least_speed_m_s || std::abs(path.yaws[span + 1] - path.yaws[span]) > flip_rad)
    return std::nullopt;
  const double slip = wrap_angle(std::atan2(v.y, v.x) - (path.yaws[span] + path.yaws[span + 1]) / 2);
  const bool backwards = std::abs(slip) > std::numbers::pi / 2;
  return Course{backwards, backwards ? wrap_angle(slip - std::numbers::pi) : slip};
}

/// Turns horizontal slopes towards the heading. The chord of an arc points where the mean of the headings at its ends
/// does, so what is left between the two tells how well headings explain this path.
void follow_heading(const Path& path, std::vector<Vec3d>& slopes) {
  const std::size_t n = path.points.size();
  std::vector<std::optional<Course>> courses;
  std::vector<double> slips;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    courses.push_back(course_of(path, i));
    if (courses.back()) slips.push_back(courses.back()->slip);
  }
  double drift = 0;
  if (slips.size() >= 3) {
    const auto middle = slips.begin() + static_cast<std::ptrdiff_t>(slips.size() / 2);
    std::ranges::nth_element(slips, middle);
    drift = *middle;
  }
  for (std::size_t k = 0; k < n; ++k) {
    const std::optional<Course> before = k > 0 ? courses[k - 1] : std::nullopt;
    const std::optional<Course> after = k + 1 < n ? courses[k] : std::nullopt;
    if ((!before && !after) || (before && after && before->backwards != after->backwards)) continue;
    double turn = 0, variance = heading_noise_rad * heading_noise_rad, stretch = 0, sides = 0;
    for (const std::size_t span : {k > 0 ? k - 1 : n, k}) {
      if (span + 1 >= n || !courses[span]) continue;
      const double angle = path.yaws[span + 1] - path.yaws[span], off = courses[span]->slip - drift;
      turn = std::max(turn, std::abs(angle));
      variance += 2 * off * off;
      stretch += 1 / std::pow(std::cos(angle / 4), 2);
      ++sides;
    }
    // What the spline does not know: half the turn at an end, about a quarter of it between two spans.
    const bool is_end = k == 0 || k + 1 == n;
    const double unknown = turn / (is_end ? 2 : 4);
    const double share = unknown * unknown / (unknown * unknown + variance);
    const double heading = path.yaws[k] + drift + ((before ? before : after)->backwards ? std::numbers::pi : 0);
    Vec3d& slope = slopes[k];
    double speed = horizontal(slope);
    if (speed < least_speed_m_s) continue;
    const double now = std::atan2(slope.y, slope.x);
    const double direction = now + share * wrap_angle(heading - now);
    // Two keyframes know the chord of the arc only: the cubic nearest to the arc is this much steeper.
    if (n == 2) speed *= 1 + share * (stretch / sides - 1);
    slope = {speed * std::cos(direction), speed * std::sin(direction), slope.z};
  }
}

double half_turn_of(double slope, double span, double difference) {
  return std::clamp((slope * span - difference) / 2, -std::numbers::pi, std::numbers::pi);
}

}  // namespace

void bend_segments(std::span<const CuboidKeyframe> keyframes, InterpolationMode mode,
                   std::span<core::Segment> segments) {
  if (keyframes.size() < 2) return;
  const bool is_vehicle = mode == InterpolationMode::motion;
  const Path path = path_of(keyframes, is_vehicle ? axle_share * keyframes.front().cuboid.size.x : 0);
  auto slopes = spline_slopes<Vec3d>(path.velocity, path.spans);
  auto yaw_slopes = spline_slopes<double>(path.yaw_rate, path.spans);
  if (is_vehicle) follow_heading(path, slopes);
  limit<Vec3d>(slopes, path.velocity);
  limit<double>(yaw_slopes, path.yaw_rate);
  for (std::size_t i = 0; i + 1 < keyframes.size(); ++i) {
    const Vec3d chord = path.points[i + 1] - path.points[i];
    const Vec3d begin = path.spans[i] * slopes[i] - chord, end = path.spans[i] * slopes[i + 1] - chord;
    const double turn = path.yaws[i + 1] - path.yaws[i];
    core::Segment& s = segments[i];
    // A turned-over heading goes straight from one to the other.
    const bool flips = std::abs(turn) > flip_rad;
    const double turn_begin = flips ? 0 : half_turn_of(yaw_slopes[i], path.spans[i], turn);
    const double turn_end = flips ? 0 : half_turn_of(yaw_slopes[i + 1], path.spans[i], turn);
    const bool turns = std::max(std::abs(turn_begin), std::abs(turn_end)) > least_turn_rad;
    const bool bends = std::max(norm(begin), norm(end)) > least_bend_m;
    const bool swings = path.lever > 0 && s.angle > 0;
    if (!turns && !bends && !swings) continue;  // at rest or straight on: exactly as the straight segment
    s.is_curved = true;
    for (int k = 0; k < 3; ++k) {
      s.bend_begin[k] = (&begin.x)[k];
      s.bend_end[k] = (&end.x)[k];
    }
    s.turn_begin = turn_begin;
    s.turn_end = turn_end;
    if (path.lever == 0) continue;
    s.lever = path.lever;
    for (int k = 0; k < 3; ++k) {
      s.first[k] = (&path.points[i].x)[k];
      s.second[k] = (&chord.x)[k];
    }
  }
}

}  // namespace sweepmark
