// SPDX-License-Identifier: Apache-2.0
//
// The value types that every layer shares. Right-handed frames, z up, metres, radians.
#pragma once

#include <cstdint>

#include "kernels/config.h"

namespace sweepmark {

struct Vec3f {
  float x = 0, y = 0, z = 0;
  friend bool operator==(const Vec3f&, const Vec3f&) = default;
};

struct Vec3d {
  double x = 0, y = 0, z = 0;
  friend bool operator==(const Vec3d&, const Vec3d&) = default;
};

struct Vec3i {
  std::int32_t x = 0, y = 0, z = 0;
  friend bool operator==(const Vec3i&, const Vec3i&) = default;
};

/// Unit quaternion, scalar first; `{}` is the identity.
struct Quat {
  double w = 1, x = 0, y = 0, z = 0;
  friend bool operator==(const Quat&, const Quat&) = default;
};

/// Rigid transform. Named `a_from_b`: it takes coordinates in frame b to frame a.
struct Pose {
  Quat rotation;
  Vec3d translation;
  friend bool operator==(const Pose&, const Pose&) = default;
};

/// Oriented box: centre, full size (length on x, width on y, height on z, metres) and rotation
/// from the box's own axes to the frame that holds it. The heading is the +x face.
/// Closed: points on a face are inside.
struct Cuboid {
  Vec3d center;
  Vec3d size;
  Quat rotation;
  friend bool operator==(const Cuboid&, const Cuboid&) = default;
};

/// One LiDAR return as kernels read it: 16 bytes, a `float4` on a GPU.
/// Metres, relative to the local origin of its cloud; the unit of intensity is the sensor's own.
struct alignas(16) Point {
  float x = 0, y = 0, z = 0, intensity = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
static_assert(sizeof(Point) == 16);

/// Nanoseconds since the dataset's epoch.
using TimestampNs = std::int64_t;

}  // namespace sweepmark
