// SPDX-License-Identifier: Apache-2.0
//
// Poses and cameras.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "geometry/camera_model.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

Array2<double> matrix_of(const Pose& pose) {
  const Mat3d r = matrix(pose.rotation);
  const Vec3d t = pose.translation;
  const double rows[16] = {r.m[0][0], r.m[0][1], r.m[0][2], t.x, r.m[1][0], r.m[1][1], r.m[1][2], t.y,
                           r.m[2][0], r.m[2][1], r.m[2][2], t.z, 0,         0,         0,         1};
  return matrix_array(rows, 4, 4);
}

Pose make_pose(const std::array<double, 4>& rotation, const std::array<double, 3>& translation) {
  const Quat q{rotation[0], rotation[1], rotation[2], rotation[3]};
  const Vec3d t{translation[0], translation[1], translation[2]};
  if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3) || !is_finite(t))
    throw ArgumentError{
        fmt::format("Pose: expected a quaternion (w, x, y, z) of length 1 and a finite translation, got ({}, {}, {}, "
                    "{}) and ({}, {}, {})",
                    q.w, q.x, q.y, q.z, t.x, t.y, t.z)};
  return {q, t};
}

Array2<double> transform(const Pose& pose, nb::handle points) {
  const auto in = positions_of(points);
  std::vector<Vec3d> out;
  out.reserve(in.values().size());
  for (const Vec3d& p : in.values()) out.push_back(pose * p);
  return array2<double>(std::move(out));
}

std::string text_of(const Pose& p) {
  return fmt::format("Pose(rotation=({:.6g}, {:.6g}, {:.6g}, {:.6g}), translation=({:.6g}, {:.6g}, {:.6g}))",
                     p.rotation.w, p.rotation.x, p.rotation.y, p.rotation.z, p.translation.x, p.translation.y,
                     p.translation.z);
}

void bind_pose(nb::module_& m) {
  nb::class_<Pose>(
      m, "Pose",
      "A rigid transform, named `a_from_b`: it takes coordinates in frame b to frame a (metres). Kept as a unit "
      "quaternion (w, x, y, z) and a translation, float64. Wherever a pose is asked for, a 4 x 4 matrix does too.")
      .def(
          "__init__",
          [](Pose* self, const std::array<double, 4>& rotation, const std::array<double, 3>& translation) {
            new (self) Pose(make_pose(rotation, translation));
          },
          "rotation"_a = std::array<double, 4>{1, 0, 0, 0}, "translation"_a = std::array<double, 3>{0, 0, 0})
      .def_static(
          "from_matrix", [](nb::handle matrix) { return pose_of(matrix); },
          nb::sig("def from_matrix(matrix: numpy.typing.ArrayLike) -> Pose"),
          "From a 4 x 4 matrix. ValueError: it is not rigid (within 1e-3).")
      .def_static(
          "from_yaw",
          [](double yaw, const std::array<double, 3>& translation) {
            return Pose{quat_from_yaw(yaw), {translation[0], translation[1], translation[2]}};
          },
          "yaw"_a, "translation"_a = std::array<double, 3>{0, 0, 0},
          "A turn about +z by `yaw` radians, then a translation.")
      .def_prop_ro(
          "rotation", [](const Pose& p) { return std::tuple(p.rotation.w, p.rotation.x, p.rotation.y, p.rotation.z); },
          "Unit quaternion (w, x, y, z).")
      .def_prop_ro(
          "translation", [](const Pose& p) { return std::tuple(p.translation.x, p.translation.y, p.translation.z); },
          "Metres.")
      .def_prop_ro("matrix", &matrix_of, nb::rv_policy::move, "4 x 4 float64.")
      .def_prop_ro(
          "yaw", [](const Pose& p) { return yaw_of(p.rotation); },
          "Heading of the turned +x axis in the xy plane, radians.")
      .def(
          "inverse", [](const Pose& p) { return inverse(p); }, "The way back.")
      .def("transform", &transform,
           nb::sig("def transform(self, points: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
           "Points (n x 3, taken as float64) in the other frame. Cost: O(n).")
      .def(
          "__matmul__", [](const Pose& a, const Pose& b) { return a * b; }, nb::is_operator(),
          "`a_from_b @ b_from_c` is `a_from_c`.")
      .def(
          "__eq__", [](const Pose& a, const Pose& b) { return a == b; }, nb::is_operator(),
          nb::sig("def __eq__(self, arg: object, /) -> bool"))
      .def("__hash__",
           [](const Pose& p) {
             return nb::hash(nb::make_tuple(p.rotation.w, p.rotation.x, p.rotation.y, p.rotation.z, p.translation.x,
                                            p.translation.y, p.translation.z));
           })
      .def(
          "__array__", [](const Pose& p, nb::handle, nb::handle) { return matrix_of(p); }, "dtype"_a = nb::none(),
          "copy"_a = nb::none(),
          nb::sig(
              "def __array__(self, dtype: object = None, copy: object = None) -> numpy.typing.NDArray[numpy.float64]"))
      .def(
          "__reduce__",
          [](nb::handle self) {
            return nb::make_tuple(self.type(), nb::make_tuple(self.attr("rotation"), self.attr("translation")));
          },
          nb::sig("def __reduce__(self) -> tuple[object, ...]"))
      .def("__repr__", &text_of);
}

CameraIntrinsics make_camera(double fx, double fy, double cx, double cy, int width, int height, std::string model,
                             std::vector<double> distortion) {
  const std::size_t n = distortion.size();
  const bool known = model == "pinhole"   ? n == 0 || n == 4 || n == 5 || n == 8
                     : model == "fisheye" ? n == 4
                                          : model == "radial" && n == 3;
  if (!known)
    throw ArgumentError{
        fmt::format("Camera: expected model 'pinhole' with 0, 4, 5 or 8 distortion numbers, 'fisheye' with 4 or "
                    "'radial' with 3; got '{}' with {}",
                    model, n)};
  if (!(fx != 0 && fy != 0) || !std::isfinite(fx + fy + cx + cy))
    throw ArgumentError{"Camera: expected finite fx, fy, cx, cy with focal lengths other than 0"};
  return {fx, fy, cx, cy, width, height, std::move(model), std::move(distortion)};
}

/// NaN where the camera does not see a point.
Array2<double> project_all(const CameraIntrinsics& camera, nb::handle points, nb::handle camera_from_points) {
  const auto in = positions_of(points);
  const Pose pose = pose_of(camera_from_points);
  std::vector<Vec2d> pixels(in.values().size());
  {
    const nb::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = project(camera, pose * in.values()[i]).value_or(Vec2d{std::nan(""), std::nan("")});
  }
  return array2<double>(std::move(pixels));
}

void bind_camera(nb::module_& m) {
  nb::class_<CameraIntrinsics>(
      m, "Camera",
      "Intrinsics of a camera, whose frame is x right, y down, z forwards. `distortion` of 'pinhole': "
      "none or OpenCV's k1 k2 p1 p2 [k3 [k4 k5 k6]]; of 'fisheye': k1 k2 k3 k4; of 'radial': k1 k2 k3.")
      .def(
          "__init__",
          [](CameraIntrinsics* self, double fx, double fy, double cx, double cy, int width, int height,
             std::string model, std::vector<double> distortion) {
            new (self)
                CameraIntrinsics(make_camera(fx, fy, cx, cy, width, height, std::move(model), std::move(distortion)));
          },
          "fx"_a, "fy"_a, "cx"_a, "cy"_a, "width"_a = 0, "height"_a = 0, "model"_a = "pinhole",
          "distortion"_a = std::vector<double>{})
      .def_ro("fx", &CameraIntrinsics::fx)
      .def_ro("fy", &CameraIntrinsics::fy)
      .def_ro("cx", &CameraIntrinsics::cx)
      .def_ro("cy", &CameraIntrinsics::cy)
      .def_ro("width", &CameraIntrinsics::width, "Pixels; 0 where the dataset does not say.")
      .def_ro("height", &CameraIntrinsics::height)
      .def_ro("model", &CameraIntrinsics::model)
      .def_ro("distortion", &CameraIntrinsics::distortion)
      .def_prop_ro(
          "matrix",
          [](const CameraIntrinsics& c) {
            const double rows[9] = {c.fx, 0, c.cx, 0, c.fy, c.cy, 0, 0, 1};
            return matrix_array(rows, 3, 3);
          },
          nb::rv_policy::move, "3 x 3, without distortion.")
      .def("project", &project_all, "points"_a, "camera_from_points"_a = nb::none(),
           nb::sig("def project(self, points: numpy.typing.ArrayLike, camera_from_points: Pose | "
                   "numpy.typing.ArrayLike | None = None) -> numpy.typing.NDArray[numpy.float64]"),
           "Pixels (n x 2) of points (n x 3, metres; in the camera's frame unless a pose takes them there). The centre "
           "of the top "
           "left pixel is (0, 0). NaN where a point is behind the camera or so far aside that the lens model ends.")
      .def("__repr__", [](const CameraIntrinsics& c) {
        return fmt::format("Camera({} x {}, {}, fx={:.6g}, fy={:.6g}, cx={:.6g}, cy={:.6g}, {} distortion numbers)",
                           c.width, c.height, c.model, c.fx, c.fy, c.cx, c.cy, c.distortion.size());
      });
}

}  // namespace

void bind_geometry(nb::module_& m) {
  bind_pose(m);
  bind_camera(m);
}

}  // namespace sweepmark::python
