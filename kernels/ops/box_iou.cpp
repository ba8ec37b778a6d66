// SPDX-License-Identifier: Apache-2.0
//
// The intersection of two boxes is bounded by pieces of their own twelve faces. Each face is clipped by the other box
// and the volume follows from the divergence theorem: a third of the sum of area times distance to the face's plane.
#include "kernels/box_iou.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

/// A convex polygon: four corners, and at most one more for each of the six clipping planes.
struct Polygon {
  std::array<Vec3d, 10> corner;
  int count = 0;
};

/// Points p with dot(normal, p) <= offset.
struct HalfSpace {
  Vec3d normal;
  double offset = 0;
};

using Box = std::array<HalfSpace, 6>;

/// Faces nearer than this fraction of the box count as one: rounding must not count a shared face twice, or not at all.
constexpr double same_plane = 1e-10;

bool same_face(const HalfSpace& a, const HalfSpace& b, double scale) {
  return dot(a.normal, b.normal) > 1 - same_plane && std::abs(a.offset - b.offset) <= same_plane * scale;
}

void clip(Polygon& polygon, const HalfSpace& keep) {
  Polygon out;
  for (int i = 0; i < polygon.count; ++i) {
    const Vec3d& p = polygon.corner[i];
    const Vec3d& q = polygon.corner[(i + 1) % polygon.count];
    const double dp = dot(keep.normal, p) - keep.offset, dq = dot(keep.normal, q) - keep.offset;
    if (dp <= 0) out.corner[out.count++] = p;
    if ((dp < 0 && dq > 0) || (dp > 0 && dq < 0)) out.corner[out.count++] = p + (dp / (dp - dq)) * (q - p);
    if (out.count + 2 > static_cast<int>(out.corner.size()))
      break;  // rounding only: a convex polygon cannot grow further
  }
  polygon = out;
}

double area(const Polygon& polygon) {
  Vec3d sum;
  for (int i = 2; i < polygon.count; ++i) {
    sum = sum + cross(polygon.corner[i - 1] - polygon.corner[0], polygon.corner[i] - polygon.corner[0]);
  }
  return norm(sum) / 2;
}

/// A cuboid in the frame of the first one: axes scaled to half sizes, faces in the order +x -x +y -y +z -z.
struct Solid {
  Vec3d center;
  std::array<Vec3d, 3> half;  ///< half the size along each axis, as a vector
  Box box;
};

Solid make_solid(const Pose& frame_from_box, Vec3d size) {
  Solid solid{frame_from_box.translation, {}, {}};
  const Mat3d r = matrix(frame_from_box.rotation);
  const std::array half_size{size.x / 2, size.y / 2, size.z / 2};
  for (int k = 0; k < 3; ++k) {
    const Vec3d axis{r.m[0][k], r.m[1][k], r.m[2][k]};
    const double at = dot(axis, solid.center);
    solid.half[k] = half_size[k] * axis;
    solid.box[2 * k] = {axis, half_size[k] + at};
    solid.box[2 * k + 1] = {{-axis.x, -axis.y, -axis.z}, half_size[k] - at};
  }
  return solid;
}

Polygon face_of(const Solid& solid, int face) {
  const int k = face / 2;
  const Vec3d out = (face % 2 == 0 ? 1.0 : -1.0) * solid.half[k];
  const Vec3d u = solid.half[(k + 1) % 3], v = solid.half[(k + 2) % 3], c = solid.center + out;
  return {{c + u + v, c - u + v, c - u - v, c + u - v}, 4};
}

/// The share of the volume that the faces of `of` inside `other` contribute.
/// \param owns_shared_faces  whether a face that both boxes share counts here
double volume_share(const Solid& of, const Solid& other, double scale, bool owns_shared_faces) {
  double volume = 0;
  for (int face = 0; face < 6; ++face) {
    const HalfSpace& plane = of.box[face];
    Polygon polygon = face_of(of, face);
    bool shared = false;
    for (const HalfSpace& keep : other.box) {
      if (same_face(plane, keep, scale)) {
        shared = true;
      } else {
        clip(polygon, keep);
      }
    }
    if (polygon.count >= 3 && (!shared || owns_shared_faces)) volume += area(polygon) * plane.offset / 3;
  }
  return volume;
}

bool has_volume(Vec3d size) { return size.x > 0 && size.y > 0 && size.z > 0; }

}  // namespace

double box_iou(const Cuboid& a, const Cuboid& b) {
  if (!has_volume(a.size) || !has_volume(b.size)) return 0;
  const double reach = (norm(a.size) + norm(b.size)) / 2;
  if (!(norm(b.center - a.center) < reach)) return 0;

  // In the frame of `a`: small numbers, whatever the coordinates of the world.
  const Quat a_from_world = conjugate(normalized(a.rotation));
  const Solid solid_a = make_solid({}, a.size);
  const Solid solid_b =
      make_solid({a_from_world * normalized(b.rotation), rotate(a_from_world, b.center - a.center)}, b.size);
  const double volume_a = a.size.x * a.size.y * a.size.z, volume_b = b.size.x * b.size.y * b.size.z;
  const double both = volume_share(solid_a, solid_b, reach, true) + volume_share(solid_b, solid_a, reach, false);
  const double intersection = std::clamp(both, 0.0, std::min(volume_a, volume_b));
  return intersection / (volume_a + volume_b - intersection);
}

}  // namespace sweepmark
