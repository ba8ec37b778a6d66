// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/create_cuboid.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>

#include "kernels/math/rigid.h"
#include "viewer/editor/cuboid_edit.h"

namespace sweepmark::editor {
namespace {

constexpr double ground_clearance_m = 0.2;

struct UsualSize {
  std::string_view word;
  Vec3d size;
};
/// The first word that a class name contains decides. Means of the public driving datasets, rounded.
constexpr UsualSize usual_sizes[] = {
    {"truck", {7.5, 2.6, 3.0}},      {"bus", {11.5, 2.9, 3.4}},         {"trailer", {10.0, 2.8, 3.6}},
    {"motorcycle", {2.1, 0.8, 1.5}}, {"bicycl", {1.75, 0.6, 1.6}},      {"cyclist", {1.75, 0.6, 1.75}},
    {"bike", {1.75, 0.6, 1.6}},      {"pedestrian", {0.75, 0.7, 1.75}}, {"person", {0.75, 0.7, 1.75}},
    {"human", {0.75, 0.7, 1.75}},    {"van", {5.1, 1.95, 2.2}},         {"cone", {0.4, 0.4, 0.8}},
    {"barrier", {0.5, 2.0, 1.0}},    {"bollard", {0.3, 0.3, 1.0}},      {"sign", {0.3, 0.7, 0.7}},
};
constexpr Vec3d usual_car{4.5, 1.85, 1.65};

Vec3d to_double(const Point& p) { return {p.x, p.y, p.z}; }

bool is_above_ground(const Point& p, const GroundGrid& ground) {
  return static_cast<double>(p.z) >
         ground.height_at(static_cast<double>(p.x), static_cast<double>(p.y)) + ground_clearance_m;
}

std::vector<Vec3d> above_ground(std::span<const Vec3d> points, const GroundGrid& ground) {
  std::vector<Vec3d> above;
  for (const Vec3d& p : points)
    if (p.z > ground.height_at(p.x, p.y) + ground_clearance_m / 2) above.push_back(p);
  return above;
}

/// With a height of its own: what is seen of an object seldom reaches its top and bottom.
Cuboid on_ground(Cuboid cuboid, const GroundGrid& ground, double top) {
  const double bottom = ground_beside(cuboid, ground);
  cuboid.size.z = std::max(top - bottom, 0.3);
  cuboid.center.z = bottom + cuboid.size.z / 2;
  return cuboid;
}

/// Where a rectangle is dragged, points behind the object are in it too: of what is above the ground, the point in the
/// middle of the nearest tenth leads to the object.
std::optional<std::uint32_t> seed_of(std::span<const Point> points, std::span<const std::uint32_t> inside,
                                     const GroundGrid& ground, const ViewTransform& view) {
  std::vector<std::pair<double, std::uint32_t>> by_depth;
  for (const std::uint32_t i : inside)
    if (is_above_ground(points[i], ground))
      by_depth.emplace_back(dot(view.forward, to_double(points[i]) - view.eye), i);
  if (by_depth.empty()) return std::nullopt;
  // From above, depth says nothing about what is in front: the middle of all.
  const std::size_t wanted = view.perspective ? by_depth.size() / 20 : by_depth.size() / 2;
  std::ranges::nth_element(by_depth, by_depth.begin() + static_cast<std::ptrdiff_t>(wanted));
  return by_depth[wanted].second;
}

/// Without what is much higher than the class is: branches and signs that hang over an object.
std::vector<std::uint32_t> up_to_usual_height(std::span<const Point> points, std::span<const std::uint32_t> object,
                                              const GroundGrid& ground, double usual_height) {
  constexpr double much_higher = 1.4;
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t i : object) {
    const Vec3d p = to_double(points[i]);
    if (p.z < ground.height_at(p.x, p.y) + much_higher * usual_height) kept.push_back(i);
  }
  return kept;
}

std::optional<Cuboid> fit_object_points(std::span<const Point> points, std::span<const std::uint32_t> object,
                                        const GroundGrid& ground, const NewCuboid& options) {
  const auto seen = fit_object(points, object, ground, options.heading_hint);
  if (!seen) return std::nullopt;
  Cuboid whole = complete_to_size(*seen, options.sensor, options.usual, options.heading_is_known);
  // Dark and polished roofs give no returns: much lower than usual means that the top was not seen.
  constexpr double hidden_top = 0.75;
  if (whole.size.z < hidden_top * options.usual.z)
    whole = on_ground(whole, ground, whole.center.z - whole.size.z / 2 + options.usual.z);
  if (options.heading_hint && std::abs(wrap_angle(yaw_of(whole.rotation) - *options.heading_hint)) > 1.5707963267948966)
    whole = flip_heading(whole);
  return whole;
}

/// A rectangle as it lies on the ground.
struct OnGround {
  Vec3d middle;
  double along_right = 0, along_up = 0;  ///< metres
  Vec3d long_side;                       ///< direction, towards the heading hint
};

/// \return nothing for a view that is not from straight above
std::optional<OnGround> on_ground_of(const ViewTransform& view, int width, int height, const Rectangle& r,
                                     std::optional<double> heading_hint) {
  if (view.perspective || view.forward.z > -0.99) return std::nullopt;
  const Vec3d a = ray_through(view, width, height, r.x0, r.y0).origin,
              b = ray_through(view, width, height, r.x1, r.y1).origin;
  OnGround seen{0.5 * (a + b), std::abs(dot(view.right, b - a)), std::abs(dot(view.up, b - a)), {}};
  seen.long_side = seen.along_up >= seen.along_right ? view.up : view.right;
  if (heading_hint && dot(seen.long_side, {std::cos(*heading_hint), std::sin(*heading_hint), 0}) < 0)
    seen.long_side = -1.0 * seen.long_side;
  return seen;
}

/// What a rectangle from above says of the object in it.
NewCuboid bounded_by(const OnGround& seen, NewCuboid options) {
  const double longer = std::max(seen.along_right, seen.along_up), shorter = std::min(seen.along_right, seen.along_up);
  options.usual.x = std::min(options.usual.x, std::hypot(longer, shorter));
  options.usual.y = std::min(options.usual.y, shorter);
  constexpr double clearly_longer = 1.5;
  if (longer > clearly_longer * shorter) {
    options.heading_hint = std::atan2(seen.long_side.y, seen.long_side.x);
    options.heading_is_known = true;
  }
  return options;
}

std::optional<Cuboid> rectangle_itself(const OnGround& seen, const GroundGrid& ground, double usual_height) {
  const double longer = std::max(seen.along_right, seen.along_up), shorter = std::min(seen.along_right, seen.along_up);
  if (shorter < 0.1) return std::nullopt;
  const Cuboid cuboid{seen.middle, {longer, shorter, 1}, quat_from_yaw(std::atan2(seen.long_side.y, seen.long_side.x))};
  return on_ground(cuboid, ground, ground.height_at(cuboid.center.x, cuboid.center.y) + usual_height);
}

}  // namespace

Vec3d usual_size(std::string_view class_name) {
  std::string lower(class_name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const UsualSize& usual : usual_sizes)
    if (lower.find(usual.word) != std::string::npos) return usual.size;
  return usual_car;
}

std::vector<std::uint32_t> points_in_rectangle(std::span<const Point> points, const ViewTransform& view, int width,
                                               int height, const Rectangle& r) {
  const auto [left, right] = std::minmax(r.x0, r.x1);
  const auto [top, bottom] = std::minmax(r.y0, r.y1);
  std::vector<std::uint32_t> inside;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    const auto seen = to_screen(view, width, height, to_double(points[i]));
    if (seen && seen->x >= left && seen->x <= right && seen->y >= top && seen->y <= bottom) inside.push_back(i);
  }
  return inside;
}

std::optional<Cuboid> cuboid_from_rectangle(std::span<const Point> points, const GroundGrid& ground,
                                            const ViewTransform& view, int width, int height,
                                            const Rectangle& rectangle, const NewCuboid& options) {
  const auto seen = on_ground_of(view, width, height, rectangle, options.heading_hint);
  if (options.fit) {
    const auto inside = points_in_rectangle(points, view, width, height, rectangle);
    if (const auto seed = seed_of(points, inside, ground, view)) {
      // The rectangle bounds the object: what hangs together with it outside belongs to a neighbour.
      const auto cluster = up_to_usual_height(points, object_points(points, ground, *seed), ground, options.usual.z);
      std::vector<std::uint32_t> object;
      std::ranges::set_intersection(cluster, inside, std::back_inserter(object));
      if (const auto fitted = fit_object_points(points, object, ground, seen ? bounded_by(*seen, options) : options))
        return fitted;
    }
  }
  return seen ? rectangle_itself(*seen, ground, options.usual.z) : std::nullopt;
}

std::optional<Cuboid> cuboid_from_click(std::span<const Point> points, const GroundGrid& ground, std::uint32_t seed,
                                        const NewCuboid& options) {
  auto object = up_to_usual_height(points, object_points(points, ground, seed), ground, options.usual.z);
  object = with_parts_on_same_rays(points, ground, std::move(object), options.sensor, options.usual);
  return fit_object_points(points, up_to_usual_height(points, object, ground, options.usual.z), ground, options);
}

std::optional<Cuboid> cuboid_from_three_clicks(std::span<const Point> points, const GroundGrid& ground,
                                               const std::array<Vec3d, 3>& clicks, const NewCuboid& options) {
  const Vec3d along{clicks[1].x - clicks[0].x, clicks[1].y - clicks[0].y, 0};
  const double length = norm(along);
  if (length < smallest_side_m) return std::nullopt;
  const Vec3d x = (1 / length) * along, left{-x.y, x.x, 0};
  const double aside = dot(left, clicks[2] - clicks[0]);
  if (std::abs(aside) < smallest_side_m) return std::nullopt;
  Cuboid cuboid{clicks[0] + 0.5 * along + (0.5 * aside) * left,
                {length, std::abs(aside), 1},
                quat_from_yaw(std::atan2(x.y, x.x))};
  cuboid = on_ground(cuboid, ground,
                     ground.height_at(cuboid.center.x, cuboid.center.y) + std::max(options.usual.z, 2.0) * 2);
  const double bottom = cuboid.center.z - cuboid.size.z / 2;
  double top = bottom + options.usual.z;
  const Mat3d own = transposed(matrix(cuboid.rotation));
  std::optional<double> highest;
  for (const Point& point : points) {
    const Vec3d p = own * (to_double(point) - cuboid.center);
    if (std::abs(p.x) <= length / 2 && std::abs(p.y) <= std::abs(aside) / 2 && std::abs(p.z) <= cuboid.size.z / 2 &&
        is_above_ground(point, ground))
      highest = std::max(highest.value_or(-1e30), static_cast<double>(point.z));
  }
  return on_ground(cuboid, ground, highest.value_or(top));
}

std::optional<Cuboid> fit_to_points(const Cuboid& cuboid, std::span<const Vec3d> inside, const GroundGrid& ground) {
  const auto above = above_ground(inside, ground);
  if (above.empty()) return std::nullopt;
  const Cuboid shrunk = shrink_to_points(cuboid, above);
  return on_ground(shrunk, ground, shrunk.center.z + shrunk.size.z / 2);
}

std::optional<Cuboid> move_to_points(const Cuboid& cuboid, std::span<const Vec3d> points, Vec3d sensor,
                                     const GroundGrid& ground) {
  Cuboid around = cuboid;
  around.size = cuboid.size + Vec3d{2 * move_reach_m, 2 * move_reach_m, 0};
  const auto seen = fit_to_points(around, points, ground);
  if (!seen) return std::nullopt;
  const Mat3d own = transposed(matrix(cuboid.rotation));
  const Vec3d from_sensor = own * (cuboid.center - sensor), offset = own * (seen->center - cuboid.center);
  const auto shift = [](double off, double full, double measured, double away) {
    const double slack = (full - measured) / 2;
    return away > 0 ? off + slack : off - slack;
  };
  Cuboid moved = move_along(cuboid, {shift(offset.x, cuboid.size.x, seen->size.x, from_sensor.x),
                                     shift(offset.y, cuboid.size.y, seen->size.y, from_sensor.y), 0});
  moved.center.z = seen->center.z - seen->size.z / 2 + cuboid.size.z / 2;
  return moved;
}

}  // namespace sweepmark::editor
