// SPDX-License-Identifier: Apache-2.0
//
// Arrays in and out. What comes in is read where it is when its layout is ours, else converted once
// (sweepmark/_arrays.py); what goes out is our own memory, which the array keeps alive.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/interpolate.h"
#include "kernels/math/types.h"
#include "python/bindings/errors.h"

namespace sweepmark::python {

template <class Scalar>
using Array1 = nb::ndarray<nb::numpy, Scalar, nb::ndim<1>>;
template <class Scalar>
using Array2 = nb::ndarray<nb::numpy, Scalar, nb::ndim<2>>;
template <class Scalar>
using Array3 = nb::ndarray<nb::numpy, Scalar, nb::ndim<3>>;

/// Keeps a vector alive for as long as an array shows it.
template <class T>
std::pair<T*, nb::capsule> on_heap(std::vector<T>&& values) {
  if (values.capacity() == 0) values.reserve(1);  // an array of nothing has an address too
  auto owner = std::make_unique<std::vector<T>>(std::move(values));
  T* data = owner->data();
  return {data, nb::capsule(owner.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); })};
}

template <class Scalar>
Array1<Scalar> array1(std::vector<Scalar>&& values) {
  const std::size_t size = values.size();
  auto [data, owner] = on_heap(std::move(values));
  return Array1<Scalar>(data, {size}, owner);
}

/// n x columns, of values that hold nothing but so many scalars.
template <class Scalar, class T>
Array2<Scalar> array2(std::vector<T>&& values) {
  static_assert(std::is_standard_layout_v<T> && sizeof(T) % sizeof(Scalar) == 0);
  const std::size_t size = values.size();
  auto [data, owner] = on_heap(std::move(values));
  return Array2<Scalar>(data, {size, sizeof(T) / sizeof(Scalar)}, owner);
}

/// A small matrix by value, row by row.
Array2<double> matrix_array(const double* rows, std::size_t row_count, std::size_t column_count);
Array1<double> vector_array(Vec3d v);

/// A structured array of plain values. \param dtype  the name of its type in sweepmark/_arrays.py
nb::object structured(Array2<std::uint8_t> bytes, const char* dtype);
template <class T>
nb::object records(std::vector<T>&& values, const char* dtype) {
  static_assert(std::is_trivially_copyable_v<T>);
  return structured(array2<std::uint8_t>(std::move(values)), dtype);
}

/// A view of another object's memory. To be made and destroyed with the interpreter's lock.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(is_held_, other.is_held_);
    return *this;
  }
  ~Buffer();

  /// \return false where the object shows no contiguous memory in C order
  bool take(nb::handle object);
  const Py_buffer& view() const { return view_; }
  bool is_aligned(std::size_t to) const { return reinterpret_cast<std::uintptr_t>(view_.buf) % to == 0; }
  std::string_view format() const { return view_.format == nullptr ? "B" : view_.format; }

 private:
  Py_buffer view_{};
  bool is_held_ = false;
};

/// Values that came in, where they are or as a copy of our own.
template <class T>
class Input {
 public:
  explicit Input(Buffer buffer) : buffer_(std::move(buffer)) {
    const auto* data = static_cast<const T*>(buffer_.view().buf);
    const std::size_t size = static_cast<std::size_t>(buffer_.view().len) / sizeof(T);
    if (buffer_.is_aligned(alignof(T))) {
      values_ = {data, size};
    } else {
      copy_.resize(size);
      std::memcpy(static_cast<void*>(copy_.data()), data, size * sizeof(T));
      values_ = copy_;
    }
  }
  explicit Input(std::vector<T> copy) : copy_(std::move(copy)), values_(copy_) {}

  std::span<const T> values() const { return values_; }

 private:
  Buffer buffer_;
  std::vector<T> copy_;
  std::span<const T> values_;
};

/// What the function of sweepmark/_arrays.py makes of the object: an array in C order of our own type.
Buffer converted(nb::handle object, const char* function);

Input<Point> points_of(nb::handle object);
Input<Cuboid> cuboids_of(nb::handle object);
Input<CuboidKeyframe> keyframes_of(nb::handle object);
Input<TimestampNs> times_of(nb::handle object);
Input<Vec3d> positions_of(nb::handle object);  ///< n x 3 float64
/// Single values: a Pose or a 4 x 4 matrix, or None for the identity; three numbers; a cuboid.
Pose pose_of(nb::handle object);
Vec3d vector_of(nb::handle object);
Cuboid cuboid_of(nb::handle object);

}  // namespace sweepmark::python
