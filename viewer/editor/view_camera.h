// SPDX-License-Identifier: Apache-2.0
//
// Where a view looks from. Everything is in the local frame of the points that are drawn: world axes, metres, an origin
// near the ego vehicle, so that float32 is exact to a tenth of a millimetre.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "geometry/camera_model.h"
#include "kernels/math/types.h"

namespace sweepmark::editor {

/// What a picture needs of a camera: the projection of a point p is x = scale_x * (right . (p - eye)) / w, y likewise
/// with `up` (both -1 to 1 over the picture, y upwards), where w is the depth `forward . (p - eye)` in perspective and
/// 1 else. There is no far plane.
struct ViewTransform {
  Vec3d eye, right, up, forward;
  double scale_x = 1, scale_y = 1;
  bool perspective = true;
  double near_m = 0.1, far_m = 1e9;  ///< depths outside are not drawn; `far_m` cuts slabs of orthographic views only
};

/// Pixel (0, 0 at the top left corner) and depth. \return nothing in front of the near plane
struct OnScreen {
  double x = 0, y = 0, depth = 0;
};
std::optional<OnScreen> to_screen(const ViewTransform& view, int width, int height, Vec3d point);

struct Ray {
  Vec3d origin, direction;  ///< direction of unit length
};
Ray ray_through(const ViewTransform& view, int width, int height, double x, double y);
/// Where a ray meets the plane z = height, ahead of its origin.
std::optional<Vec3d> at_height(const Ray& ray, double height);

/// Orthographic views of one cuboid along its own axes, from above, from its right and from behind: forward is up,
/// right, and away from the eye. The cuboid fills two thirds of each picture, all at one scale; only points within the
/// cuboid's extent and half a metre are in them. \param cuboid  local frame
enum class Side : std::uint8_t { top, right, rear };
std::array<ViewTransform, 3> side_views(const Cuboid& cuboid, int width, int height);

/// Turns around a target; z stays up. Bird's-eye is orthographic and has x upwards at yaw 0.
struct OrbitCamera {
  Vec3d target{};
  double yaw = 0;        ///< direction of view, radians about +z
  double pitch = 0.6;    ///< downwards, radians, to pi/2
  double distance = 40;  ///< metres
  bool birds_eye = false;
  double field_of_view = 0.9;  ///< vertical, radians

  ViewTransform transform(int width, int height) const;
  void orbit(double dx_px, double dy_px);
  /// Moves the target so that the ground under the mouse follows it.
  void pan(double dx_px, double dy_px, int height);
  /// Moves eye and target together: ahead as seen from above, to the right, and up, metres.
  void fly(double ahead_m, double right_m, double up_m);
  /// Closer (steps above 0) or farther, keeping what is under the cursor where it is.
  void zoom(double steps, double x, double y, int width, int height);
};

/// A camera image in a view: whole and centred at zoom 1, closer above. Lines on it are in its own pixels, z = 0.
struct ImageCamera {
  double zoom = 1;
  double center_x = 0.5, center_y = 0.5;  ///< what is in the middle of the view, as a part of the image

  ViewTransform transform(int image_width, int image_height, int width, int height) const;
  /// Closer (steps above 0) or farther, keeping what is under the cursor where it is.
  void zoom_by(double steps, double x, double y, int image_width, int image_height, int width, int height);
  void pan(double dx_px, double dy_px, int image_width, int image_height, int width, int height);
};
/// The pixel of the image at a place of the view.
Vec2d image_pixel(const ViewTransform& image_view, int width, int height, double x, double y);
/// An image stretched to the whole view.
ViewTransform stretched_image(int image_width, int image_height);

}  // namespace sweepmark::editor
