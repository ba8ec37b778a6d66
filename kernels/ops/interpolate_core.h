// SPDX-License-Identifier: Apache-2.0
//
// The interpolation rule, written once for the CPU loop, the vector loop and the CUDA kernel.
// Source: Shoemake, Animating Rotation with Quaternion Curves (1985): slerp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/interpolate.h"

namespace sweepmark::core {

/// A cuboid as ten numbers in the order of its members: centre, size, rotation. All but the rotation are linear in
/// time.
inline constexpr int cuboid_values = 10;
inline constexpr int linear_values = 6;
static_assert(sizeof(Cuboid) == cuboid_values * sizeof(double));

/// From one keyframe to the next: value k at alpha is `first[k] * w1 + second[k] * w2`, fused in the addition.
/// Linear values have w1 = 1, w2 = alpha and `second` the difference, so what does not change stays bit for bit;
/// the rotation has the slerp weights and `second` the later quaternion, unless it hardly turns: then it is linear too.
struct alignas(16) Segment {
  double first[cuboid_values];
  double second[cuboid_values];
  double angle;         ///< half the angle of the turn, in [0, pi/2]; 0 marks a linear rotation
  double inverse_sine;  ///< 1 / sin(angle)

  // What a curve adds to the linear values (see `add_curve`); all 0 for a straight segment.
  bool is_curved;
  double bend_begin[3],
      bend_end[3];              ///< metres: how far the slope at each end is from the chord, for alpha from 0 to 1
  double turn_begin, turn_end;  ///< the same of half the yaw, radians
  double lever;                 ///< metres from the point that moves to the centre, along the heading
};

/// sin(x) for x in [0, pi/2]: odd Taylor polynomial to x^21, error below 2e-16. The same bits wherever fma is.
SWEEPMARK_HD inline double sine(double x) {
  const double s = x * x;
  double p = 1.9572941063391263e-20;       // 1/21!
  p = fma(p, s, -8.2206352466243297e-18);  // -1/19!
  p = fma(p, s, 2.8114572543455206e-15);
  p = fma(p, s, -7.6471637318198164e-13);
  p = fma(p, s, 1.6059043836821613e-10);
  p = fma(p, s, -2.5052108385441720e-08);
  p = fma(p, s, 2.7557319223985893e-06);
  p = fma(p, s, -1.9841269841269841e-04);
  p = fma(p, s, 8.3333333333333332e-03);
  p = fma(p, s, -1.6666666666666666e-01);
  return fma(p * s, x, x);
}

/// How far `timestamp` is between two times, in (0, 1). Differences are taken unsigned: they never overflow.
SWEEPMARK_HD inline double alpha_between(TimestampNs begin, TimestampNs end, TimestampNs timestamp) {
  const auto passed = static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(begin);
  const auto whole = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin);
  return static_cast<double>(passed) / static_cast<double>(whole);
}

/// Weights of the slopes at both ends: the two cubics that are 0 at alpha 0 and 1 and have slope 1 at one of them.
struct SlopeWeights {
  double begin, end;
};
SWEEPMARK_HD inline SlopeWeights slope_weights(double alpha) {
  const double both = alpha * (1 - alpha);
  return {both * (1 - alpha), -(both * alpha)};
}

/// Turns the rotation of a cuboid about the world's z by twice the angle of that cosine and sine, then moves the centre
/// by the lever. Products and sums are not fused: the vector loop calls this too.
SWEEPMARK_HD inline void turn_and_move(double cosine, double sine_of, double lever, double* cuboid) {
  double* q = cuboid + linear_values;
  const double w = cosine * q[0] - sine_of * q[3], x = cosine * q[1] - sine_of * q[2];
  const double y = cosine * q[2] + sine_of * q[1], z = cosine * q[3] + sine_of * q[0];
  q[0] = w, q[1] = x, q[2] = y, q[3] = z;
  cuboid[0] = cuboid[0] + lever * (1 - 2 * (y * y + z * z));
  cuboid[1] = cuboid[1] + lever * (2 * (x * y + w * z));
  cuboid[2] = cuboid[2] + lever * (2 * (x * z - w * y));
}

/// Half the yaw to add at a place of the segment, and its cosine and sine. Never more than pi/2 (see `bend_segments`).
SWEEPMARK_HD inline double added_half_turn(const Segment& segment, SlopeWeights weights) {
  return weights.begin * segment.turn_begin + weights.end * segment.turn_end;
}
inline constexpr double quarter_turn = 1.5707963267948966;

/// Cubic Hermite curve, as what it adds to the chord. \param out  the linear values; becomes those on the curve
SWEEPMARK_HD inline void add_curve(const Segment& segment, double alpha, double* out) {
  const SlopeWeights weights = slope_weights(alpha);
  for (int k = 0; k < 3; ++k)
    out[k] = fma(segment.bend_begin[k], weights.begin, fma(segment.bend_end[k], weights.end, out[k]));
  const double half_turn = added_half_turn(segment, weights);
  const double size = half_turn < 0 ? -half_turn : half_turn;
  const double sine_of = sine(size);
  turn_and_move(sine(quarter_turn - size), half_turn < 0 ? -sine_of : sine_of, segment.lever, out);
}

SWEEPMARK_HD inline void evaluate_segment(const Segment& segment, double alpha, double* out) {
  double w1 = 1, w2 = alpha;
  for (int k = 0; k < linear_values; ++k) out[k] = fma(segment.second[k], alpha, segment.first[k]);
  if (segment.angle > 0) {
    w1 = sine((1 - alpha) * segment.angle) * segment.inverse_sine;
    w2 = sine(alpha * segment.angle) * segment.inverse_sine;
  }
  for (int k = linear_values; k < cuboid_values; ++k) out[k] = fma(segment.second[k], w2, segment.first[k] * w1);
  if (segment.is_curved) add_curve(segment, alpha, out);
}

/// Prepared tracks as plain arrays, on the host or on a device. Keyframes and spans of track i are those from
/// `begin[i]` to `begin[i + 1]`, ascending; spans do not overlap; segment k goes from keyframe k to keyframe k + 1.
struct TracksView {
  const std::uint32_t* key_begin;
  const std::uint32_t* span_begin;
  const TimestampNs* times;
  const Cuboid* keys;
  const Segment* segments;
  const AbsenceSpan* spans;
  bool extrapolate;
};

/// First position in [begin, end) whose time is not below `timestamp`.
SWEEPMARK_HD inline std::uint32_t lower_bound(const TimestampNs* times, std::uint32_t begin, std::uint32_t end,
                                              TimestampNs timestamp) {
  while (begin < end) {
    const std::uint32_t middle = begin + (end - begin) / 2;
    if (times[middle] < timestamp) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

SWEEPMARK_HD inline bool is_absent(const TracksView& tracks, std::size_t track, TimestampNs timestamp) {
  std::uint32_t begin = tracks.span_begin[track], end = tracks.span_begin[track + 1];
  while (begin < end) {  // the first span that ends at or after the time
    const std::uint32_t middle = begin + (end - begin) / 2;
    if (tracks.spans[middle].end < timestamp) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin < tracks.span_begin[track + 1] && tracks.spans[begin].begin <= timestamp;
}

/// Where `timestamp` falls in a track: what is there, and the keyframe that the answer starts from.
struct Place {
  Presence presence;
  std::uint32_t key;  ///< the keyframe itself, or the one whose segment holds the time
  bool held;          ///< outside the keyframes: the value of `key` is held
};

/// \param next  first keyframe of the track not before `timestamp`
SWEEPMARK_HD inline Place place_at(const TracksView& tracks, std::size_t track, std::uint32_t next,
                                   TimestampNs timestamp) {
  const std::uint32_t first = tracks.key_begin[track], end = tracks.key_begin[track + 1];
  if (next < end && tracks.times[next] == timestamp) return {Presence::keyframe, next, false};
  const bool outside = next == first || next == end;
  if ((outside && !tracks.extrapolate) || is_absent(tracks, track, timestamp)) return {Presence::absent, first, false};
  if (outside) return {Presence::interpolated, next == end ? end - 1 : first, true};
  return {Presence::interpolated, next - 1, false};
}

/// The whole rule for one track and one time. Leaves `out` alone where the object is absent.
SWEEPMARK_HD inline Presence evaluate(const TracksView& tracks, std::size_t track, TimestampNs timestamp, Cuboid& out) {
  const std::uint32_t next = lower_bound(tracks.times, tracks.key_begin[track], tracks.key_begin[track + 1], timestamp);
  const Place place = place_at(tracks, track, next, timestamp);
  if (place.presence == Presence::absent) return place.presence;
  if (place.presence == Presence::keyframe || place.held) {
    out = tracks.keys[place.key];
  } else {
    const double alpha = alpha_between(tracks.times[place.key], tracks.times[place.key + 1], timestamp);
    evaluate_segment(tracks.segments[place.key], alpha, &out.center.x);
  }
  return place.presence;
}

}  // namespace sweepmark::core
