// SPDX-License-Identifier: Apache-2.0
//
// Rotations and rigid transforms in double, for host and device.
#pragma once

#include <cmath>

#include "kernels/math/types.h"

namespace sweepmark {

SWEEPMARK_HD inline Vec3d operator+(Vec3d a, Vec3d b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
SWEEPMARK_HD inline Vec3d operator-(Vec3d a, Vec3d b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
SWEEPMARK_HD inline Vec3d operator*(double s, Vec3d v) { return {s * v.x, s * v.y, s * v.z}; }
SWEEPMARK_HD inline double dot(Vec3d a, Vec3d b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
SWEEPMARK_HD inline Vec3d cross(Vec3d a, Vec3d b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double norm(Vec3d v) { return std::sqrt(dot(v, v)); }

SWEEPMARK_HD inline double dot(Quat a, Quat b) { return a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z; }
SWEEPMARK_HD inline Quat conjugate(Quat q) { return {q.w, -q.x, -q.y, -q.z}; }
SWEEPMARK_HD inline Quat operator*(Quat a, Quat b) {
  return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
          a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}
/// \pre `q` is not zero.
inline Quat normalized(Quat q) {
  const double n = std::sqrt(dot(q, q));
  return {q.w / n, q.x / n, q.y / n, q.z / n};
}

/// Row-major 3x3 rotation matrix.
struct Mat3d {
  double m[3][3];
};

SWEEPMARK_HD inline Mat3d matrix(Quat q) {
  return {{{1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.w * q.z), 2 * (q.x * q.z + q.w * q.y)},
           {2 * (q.x * q.y + q.w * q.z), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.w * q.x)},
           {2 * (q.x * q.z - q.w * q.y), 2 * (q.y * q.z + q.w * q.x), 1 - 2 * (q.x * q.x + q.y * q.y)}}};
}
SWEEPMARK_HD inline Vec3d operator*(const Mat3d& r, Vec3d v) {
  return {r.m[0][0] * v.x + r.m[0][1] * v.y + r.m[0][2] * v.z, r.m[1][0] * v.x + r.m[1][1] * v.y + r.m[1][2] * v.z,
          r.m[2][0] * v.x + r.m[2][1] * v.y + r.m[2][2] * v.z};
}
SWEEPMARK_HD inline Mat3d transposed(const Mat3d& r) {
  return {{{r.m[0][0], r.m[1][0], r.m[2][0]}, {r.m[0][1], r.m[1][1], r.m[2][1]}, {r.m[0][2], r.m[1][2], r.m[2][2]}}};
}
SWEEPMARK_HD inline Vec3d rotate(Quat q, Vec3d v) { return matrix(q) * v; }

/// The unit quaternion of a rotation matrix (Shepperd's method: no cancellation at any angle).
inline Quat quat_from_matrix(const Mat3d& r) {
  const auto& m = r.m;
  const double trace = m[0][0] + m[1][1] + m[2][2];
  Quat q;
  if (trace >= m[0][0] && trace >= m[1][1] && trace >= m[2][2]) {
    q = {1 + trace, m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]};
  } else if (m[0][0] >= m[1][1] && m[0][0] >= m[2][2]) {
    q = {m[2][1] - m[1][2], 1 + m[0][0] - m[1][1] - m[2][2], m[0][1] + m[1][0], m[0][2] + m[2][0]};
  } else if (m[1][1] >= m[2][2]) {
    q = {m[0][2] - m[2][0], m[0][1] + m[1][0], 1 - m[0][0] + m[1][1] - m[2][2], m[1][2] + m[2][1]};
  } else {
    q = {m[1][0] - m[0][1], m[0][2] + m[2][0], m[1][2] + m[2][1], 1 - m[0][0] - m[1][1] + m[2][2]};
  }
  return normalized(q);
}

inline Quat quat_from_yaw(double yaw) { return {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)}; }
/// Rotation about z, then y, then x of the moving frame (intrinsic ZYX).
inline Quat quat_from_euler(double yaw, double pitch, double roll) {
  return quat_from_yaw(yaw) * Quat{std::cos(pitch / 2), 0, std::sin(pitch / 2), 0} *
         Quat{std::cos(roll / 2), std::sin(roll / 2), 0, 0};
}
/// Heading of the rotated +x axis in the xy plane, in [-pi, pi].
inline double yaw_of(Quat q) {
  return std::atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z));
}
/// The angle wrapped to [-pi, pi].
inline double wrap_angle(double angle) { return std::remainder(angle, 6.283185307179586476925286766559); }

SWEEPMARK_HD inline Vec3d operator*(const Pose& a_from_b, Vec3d p) {
  return rotate(a_from_b.rotation, p) + a_from_b.translation;
}
SWEEPMARK_HD inline Pose operator*(const Pose& a_from_b, const Pose& b_from_c) {
  return {a_from_b.rotation * b_from_c.rotation, a_from_b * b_from_c.translation};
}
SWEEPMARK_HD inline Pose inverse(const Pose& a_from_b) {
  const Quat r = conjugate(a_from_b.rotation);
  const Vec3d t = rotate(r, a_from_b.translation);
  return {r, {-t.x, -t.y, -t.z}};
}
/// The same cuboid in another frame.
SWEEPMARK_HD inline Cuboid operator*(const Pose& a_from_b, const Cuboid& in_b) {
  return {a_from_b * in_b.center, in_b.size, a_from_b.rotation * in_b.rotation};
}

inline bool is_finite(Vec3d v) { return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z); }
inline bool is_finite(Quat q) {
  return std::isfinite(q.w) && std::isfinite(q.x) && std::isfinite(q.y) && std::isfinite(q.z);
}

}  // namespace sweepmark
