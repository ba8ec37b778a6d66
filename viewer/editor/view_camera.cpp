// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/view_camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"

namespace sweepmark::editor {
namespace {

constexpr double nearest_m = 0.5, farthest_m = 4000;
/// An orthographic eye stands this far behind its target: all of a scene lies before it.
constexpr double behind_m = 5000;

}  // namespace

std::optional<OnScreen> to_screen(const ViewTransform& view, int width, int height, Vec3d point) {
  const Vec3d p = point - view.eye;
  const double depth = dot(view.forward, p);
  if (depth < view.near_m) return std::nullopt;
  const double w = view.perspective ? depth : 1;
  return OnScreen{(1 + view.scale_x * dot(view.right, p) / w) * width / 2,
                  (1 - view.scale_y * dot(view.up, p) / w) * height / 2, depth};
}

Ray ray_through(const ViewTransform& view, int width, int height, double x, double y) {
  const double right = (2 * x / width - 1) / view.scale_x, up = (1 - 2 * y / height) / view.scale_y;
  const Vec3d aside = right * view.right + up * view.up;
  if (!view.perspective) return {view.eye + aside, view.forward};
  const Vec3d direction = view.forward + aside;
  return {view.eye, (1 / norm(direction)) * direction};
}

std::optional<Vec3d> at_height(const Ray& ray, double height) {
  if (std::abs(ray.direction.z) < 1e-9) return std::nullopt;
  const double along = (height - ray.origin.z) / ray.direction.z;
  if (along < 0) return std::nullopt;
  return ray.origin + along * ray.direction;
}

std::array<ViewTransform, 3> side_views(const Cuboid& cuboid, int width, int height) {
  constexpr double fill = 2.0 / 3, margin_m = 0.5;
  const Mat3d r = matrix(cuboid.rotation);
  const Vec3d x{r.m[0][0], r.m[1][0], r.m[2][0]}, y{r.m[0][1], r.m[1][1], r.m[2][1]},
      z{r.m[0][2], r.m[1][2], r.m[2][2]};
  const Vec3d s = cuboid.size;
  struct Axes {
    Vec3d right, up, forward;
    double wide, high, deep;
  };
  const std::array<Axes, 3> axes{
      {{-1.0 * y, x, -1.0 * z, s.y, s.x, s.z}, {x, z, y, s.x, s.z, s.y}, {-1.0 * y, z, x, s.y, s.z, s.x}}};
  double metres_per_pixel = 0;
  for (const Axes& a : axes)
    metres_per_pixel = std::max({metres_per_pixel, a.wide / (fill * width), a.high / (fill * height)});
  std::array<ViewTransform, 3> views;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Axes& a = axes[i];
    const double back = a.deep / 2 + margin_m + 1;
    views[i] = {cuboid.center - back * a.forward,
                a.right,
                a.up,
                a.forward,
                2 / (metres_per_pixel * width),
                2 / (metres_per_pixel * height),
                false,
                1,
                1 + a.deep + 2 * margin_m};
  }
  return views;
}

ViewTransform OrbitCamera::transform(int width, int height) const {
  const double c = std::cos(yaw), s = std::sin(yaw), aspect = static_cast<double>(width) / height;
  ViewTransform view;
  view.right = {s, -c, 0};
  if (birds_eye) {
    view.up = {c, s, 0};
    view.forward = {0, 0, -1};
    view.eye = target + Vec3d{0, 0, behind_m};
    view.perspective = false;
    view.scale_y = 1 / (distance * std::tan(field_of_view / 2));
  } else {
    view.up = {c * std::sin(pitch), s * std::sin(pitch), std::cos(pitch)};
    view.forward = {c * std::cos(pitch), s * std::cos(pitch), -std::sin(pitch)};
    view.eye = target - distance * view.forward;
    view.scale_y = 1 / std::tan(field_of_view / 2);
  }
  view.scale_x = view.scale_y / aspect;
  return view;
}

void OrbitCamera::orbit(double dx_px, double dy_px) {
  yaw = wrap_angle(yaw - dx_px * 0.006);
  if (!birds_eye) pitch = std::clamp(pitch + dy_px * 0.006, -0.3, std::numbers::pi / 2);
}

void OrbitCamera::pan(double dx_px, double dy_px, int height) {
  const double metres = 2 * distance * std::tan(field_of_view / 2) / height;
  const double c = std::cos(yaw), s = std::sin(yaw);
  // Towards the horizon a pixel covers more ground; held back so that a flat view does not leap.
  const double ahead = birds_eye ? 1 : 1 / std::max(std::sin(pitch), 0.2);
  target = target - (dx_px * metres) * Vec3d{s, -c, 0} + (dy_px * metres * ahead) * Vec3d{c, s, 0};
}

void OrbitCamera::fly(double ahead, double right, double up) {
  const double c = std::cos(yaw), s = std::sin(yaw);
  target = target + ahead * Vec3d{c, s, 0} + right * Vec3d{s, -c, 0} + Vec3d{0, 0, up};
}

void OrbitCamera::zoom(double steps, double x, double y, int width, int height) {
  const auto under = at_height(ray_through(transform(width, height), width, height, x, y), target.z);
  const double before = distance;
  distance = std::clamp(distance * std::pow(0.85, steps), nearest_m, farthest_m);
  if (under && norm(*under - target) < 4 * before) target = target + (1 - distance / before) * (*under - target);
}

namespace {

/// An image as a plane in front of the eye; the picture's middle shows its pixel (x, y).
ViewTransform plane_of_image(double x, double y, double scale_x, double scale_y) {
  ViewTransform view;
  view.eye = {x, y, -1};
  view.right = {1, 0, 0};
  view.up = {0, -1, 0};
  view.forward = {0, 0, 1};
  view.scale_x = scale_x;
  view.scale_y = scale_y;
  view.perspective = false;
  return view;
}

}  // namespace

ViewTransform stretched_image(int image_width, int image_height) {
  return plane_of_image(image_width / 2.0 - 0.5, image_height / 2.0 - 0.5, 2.0 / image_width, 2.0 / image_height);
}

ViewTransform ImageCamera::transform(int image_width, int image_height, int width, int height) const {
  const double fit = std::min(static_cast<double>(width) / image_width, static_cast<double>(height) / image_height);
  const double pixels = fit * zoom;  // of the view, for one of the image
  return plane_of_image(center_x * image_width - 0.5, center_y * image_height - 0.5, 2 * pixels / width,
                        2 * pixels / height);
}

Vec2d image_pixel(const ViewTransform& view, int width, int height, double x, double y) {
  return {view.eye.x + (2 * x / width - 1) / view.scale_x, view.eye.y + (2 * y / height - 1) / view.scale_y};
}

void ImageCamera::zoom_by(double steps, double x, double y, int image_width, int image_height, int width, int height) {
  const Vec2d before = image_pixel(transform(image_width, image_height, width, height), width, height, x, y);
  // Up to 64 pixels of the view for one of the image.
  const double fit = std::min(static_cast<double>(width) / image_width, static_cast<double>(height) / image_height);
  zoom = std::clamp(zoom * std::pow(1.18, steps), 1.0, std::max(64 / fit, 1.0));
  const Vec2d after = image_pixel(transform(image_width, image_height, width, height), width, height, x, y);
  center_x = std::clamp(center_x + (before.x - after.x) / image_width, 0.0, 1.0);
  center_y = std::clamp(center_y + (before.y - after.y) / image_height, 0.0, 1.0);
  if (zoom == 1.0) center_x = center_y = 0.5;
}

void ImageCamera::pan(double dx_px, double dy_px, int image_width, int image_height, int width, int height) {
  const ViewTransform view = transform(image_width, image_height, width, height);
  center_x = std::clamp(center_x - 2 * dx_px / (width * view.scale_x) / image_width, 0.0, 1.0);
  center_y = std::clamp(center_y - 2 * dy_px / (height * view.scale_y) / image_height, 0.0, 1.0);
}

}  // namespace sweepmark::editor
