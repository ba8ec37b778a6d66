// SPDX-License-Identifier: Apache-2.0
#include "geometry/camera_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr double nearest_m = 0.05;

/// Coefficients beyond those given are 0.
double coefficient(const CameraIntrinsics& camera, std::size_t i) {
  return i < camera.distortion.size() ? camera.distortion[i] : 0;
}

std::optional<Vec2d> fisheye(const CameraIntrinsics& camera, double x, double y) {
  const double r = std::hypot(x, y);
  if (r == 0) return Vec2d{0, 0};
  const double theta = std::atan(r), t2 = theta * theta;
  const double bent =
      theta * (1 + t2 * (coefficient(camera, 0) +
                         t2 * (coefficient(camera, 1) + t2 * (coefficient(camera, 2) + t2 * coefficient(camera, 3)))));
  return Vec2d{x * bent / r, y * bent / r};
}

/// k1 k2 p1 p2 k3 k4 k5 k6 in OpenCV's order; "radial" has k1 k2 k3 alone.
std::optional<Vec2d> brown_conrady(const CameraIntrinsics& camera, double x, double y) {
  std::array<double, 8> k{};
  for (std::size_t i = 0; i < k.size(); ++i) k[i] = coefficient(camera, i);
  if (camera.model == "radial") k = {k[0], k[1], 0, 0, k[2], 0, 0, 0};
  const double r2 = x * x + y * y, r4 = r2 * r2, r6 = r4 * r2;
  const double above = 1 + k[0] * r2 + k[1] * r4 + k[4] * r6, below = 1 + k[5] * r2 + k[6] * r4 + k[7] * r6;
  // r * f(r) has to grow, or a point far aside would come back into the image.
  const double slope = below * (1 + 3 * k[0] * r2 + 5 * k[1] * r4 + 7 * k[4] * r6) -
                       above * (2 * k[5] * r2 + 4 * k[6] * r4 + 6 * k[7] * r6);
  if (below <= 0 || slope <= 0) return std::nullopt;
  const double radial = above / below;
  return Vec2d{x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x),
               y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y};
}

}  // namespace

std::optional<Vec2d> project(const CameraIntrinsics& camera, Vec3d p) {
  if (!(p.z >= nearest_m)) return std::nullopt;
  std::optional<Vec2d> bent = Vec2d{p.x / p.z, p.y / p.z};
  // A fisheye without coefficients is one still: its radius grows with the angle.
  if (camera.model == "fisheye") {
    bent = fisheye(camera, bent->x, bent->y);
  } else if (!camera.distortion.empty()) {
    bent = brown_conrady(camera, bent->x, bent->y);
  }
  if (!bent) return std::nullopt;
  return Vec2d{camera.fx * bent->x + camera.cx, camera.fy * bent->y + camera.cy};
}

std::vector<std::vector<Vec2d>> project_segment(const CameraIntrinsics& camera, Vec3d a, Vec3d b, int pieces) {
  std::vector<std::vector<Vec2d>> lines;
  if (a.z < nearest_m && b.z < nearest_m) return lines;
  if (a.z < nearest_m) a = b + ((b.z - nearest_m) / (b.z - a.z)) * (a - b);
  if (b.z < nearest_m) b = a + ((a.z - nearest_m) / (a.z - b.z)) * (b - a);
  a.z = std::max(a.z, nearest_m);
  b.z = std::max(b.z, nearest_m);
  bool joined = false;
  for (int i = 0; i <= pieces; ++i) {
    const auto pixel = project(camera, a + (static_cast<double>(i) / pieces) * (b - a));
    if (pixel && !joined) lines.emplace_back();
    if (pixel) lines.back().push_back(*pixel);
    joined = pixel.has_value();
  }
  return lines;
}

}  // namespace sweepmark
