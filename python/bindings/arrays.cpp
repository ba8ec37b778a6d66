// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"

namespace sweepmark::python {
namespace {

nb::object our_arrays(const char* name) { return nb::module_::import_("sweepmark._arrays").attr(name); }

bool is(const Buffer& buffer, std::string_view format, int dimensions, Py_ssize_t columns) {
  const Py_buffer& view = buffer.view();
  return buffer.format() == format && view.ndim == dimensions && (dimensions == 1 || view.shape[1] == columns);
}

/// float32 rows of three or more numbers, of which the first four count.
std::vector<Point> padded(const Buffer& buffer) {
  const auto rows = static_cast<std::size_t>(buffer.view().shape[0]),
             columns = static_cast<std::size_t>(buffer.view().shape[1]);
  const auto* data = static_cast<const float*>(buffer.view().buf);
  std::vector<Point> points(rows);
  for (std::size_t i = 0; i < rows; ++i, data += columns)
    points[i] = {data[0], data[1], data[2], columns > 3 ? data[3] : 0.0F};
  return points;
}

// The memory layouts that sweepmark/_arrays.py gives to numpy.
static_assert(sizeof(Cuboid) == 10 * sizeof(double) && sizeof(CuboidKeyframe) == sizeof(Cuboid) + sizeof(TimestampNs));
static_assert(sizeof(Vec3d) == 3 * sizeof(double));
constexpr std::string_view cuboid_format = "T{(3)d:center:(3)d:size:(4)d:rotation:}";
constexpr std::string_view keyframe_format = "T{l:timestamp:(3)d:center:(3)d:size:(4)d:rotation:}";

}  // namespace

Array2<double> matrix_array(const double* rows, std::size_t row_count, std::size_t column_count) {
  std::vector<double> values(rows, rows + row_count * column_count);
  auto [data, owner] = on_heap(std::move(values));
  return Array2<double>(data, {row_count, column_count}, owner);
}

Array1<double> vector_array(Vec3d v) { return array1(std::vector<double>{v.x, v.y, v.z}); }

nb::object structured(Array2<std::uint8_t> bytes, const char* dtype) {
  const std::size_t size = bytes.shape(0);
  return nb::cast(std::move(bytes)).attr("view")(our_arrays(dtype)).attr("reshape")(size);
}

Buffer::~Buffer() {
  if (is_held_) PyBuffer_Release(&view_);
}

bool Buffer::take(nb::handle object) {
  if (PyObject_CheckBuffer(object.ptr()) == 0) return false;
  if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0) {
    PyErr_Clear();
    return false;
  }
  is_held_ = true;
  return true;
}

Buffer converted(nb::handle object, const char* function) {
  const nb::object array = our_arrays(function)(object);
  Buffer buffer;
  if (!buffer.take(array)) throw ArgumentError{"an array whose memory cannot be read"};
  return buffer;
}

Input<Point> points_of(nb::handle object) {
  Buffer buffer;
  if (!buffer.take(object) || buffer.format() != "f" || buffer.view().ndim != 2 || buffer.view().shape[1] < 3)
    buffer = converted(object, "as_points");
  if (buffer.view().shape[1] == 4 && buffer.is_aligned(alignof(Point))) return Input<Point>(std::move(buffer));
  return Input<Point>(padded(buffer));
}

Input<Cuboid> cuboids_of(nb::handle object) {
  Buffer buffer;
  if (!buffer.take(object) || (!is(buffer, cuboid_format, 1, 0) && !is(buffer, "d", 2, 10)))
    buffer = converted(object, "as_cuboids");
  return Input<Cuboid>(std::move(buffer));
}

Input<CuboidKeyframe> keyframes_of(nb::handle object) {
  Buffer buffer;
  if (!buffer.take(object) || !is(buffer, keyframe_format, 1, 0)) buffer = converted(object, "as_keyframes");
  return Input<CuboidKeyframe>(std::move(buffer));
}

Input<TimestampNs> times_of(nb::handle object) {
  Buffer buffer;
  if (!buffer.take(object) || !is(buffer, "l", 1, 0)) buffer = converted(object, "as_times");
  return Input<TimestampNs>(std::move(buffer));
}

Input<Vec3d> positions_of(nb::handle object) {
  Buffer buffer;
  if (!buffer.take(object) || !is(buffer, "d", 2, 3)) buffer = converted(object, "as_positions");
  return Input<Vec3d>(std::move(buffer));
}

Pose pose_of(nb::handle object) {
  if (object.is_none()) return {};
  if (Pose pose; nb::try_cast(object, pose, false)) return pose;
  const Buffer buffer = converted(object, "as_matrix");
  const auto* m = static_cast<const double*>(buffer.view().buf);
  const Mat3d r{{{m[0], m[1], m[2]}, {m[4], m[5], m[6]}, {m[8], m[9], m[10]}}};
  const Vec3d x{m[0], m[4], m[8]}, y{m[1], m[5], m[9]}, z{m[2], m[6], m[10]};
  const double off = std::max({std::abs(dot(x, x) - 1), std::abs(dot(y, y) - 1), std::abs(dot(z, z) - 1),
                               std::abs(dot(x, y)), std::abs(dot(y, z)), std::abs(dot(x, z)), norm(cross(x, y) - z)});
  if (!(off <= 1e-3) || std::abs(m[12]) + std::abs(m[13]) + std::abs(m[14]) + std::abs(m[15] - 1) > 1e-6)
    throw ArgumentError{
        "a pose: expected a rigid transform as a 4 x 4 matrix, rotation and translation above 0 0 0 1; this one "
        "scales, shears or mirrors"};
  return {quat_from_matrix(r), {m[3], m[7], m[11]}};
}

Vec3d vector_of(nb::handle object) {
  const Buffer buffer = converted(object, "as_vector");
  const auto* v = static_cast<const double*>(buffer.view().buf);
  return {v[0], v[1], v[2]};
}

Cuboid cuboid_of(nb::handle object) {
  const auto cuboids = cuboids_of(object);
  if (cuboids.values().size() != 1)
    throw ArgumentError{fmt::format("expected one cuboid, got {}", cuboids.values().size())};
  return cuboids.values().front();
}

}  // namespace sweepmark::python
