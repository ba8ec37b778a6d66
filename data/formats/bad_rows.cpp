// SPDX-License-Identifier: Apache-2.0
#include "data/formats/bad_rows.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sweepmark {
namespace {

constexpr double largest = std::numeric_limits<float>::max();

bool is_in_range(double value) { return std::abs(value) <= largest; }

}  // namespace

std::optional<RowFault> size_fault(Vec3d size) {
  if (size.x > 0 && size.y > 0 && size.z > 0) return std::nullopt;
  return RowFault{BadRow::Kind::size, fmt::format("length {}, width {}, height {}", size.x, size.y, size.z),
                  "a length, width and height above 0"};
}

std::optional<RowFault> rotation_fault(Quat q) {
  constexpr double tolerance = 1e-3;
  const double length = std::sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  if (std::abs(length - 1) <= tolerance) return std::nullopt;
  return RowFault{BadRow::Kind::rotation,
                  fmt::format("w {}, x {}, y {}, z {} of length {}", q.w, q.x, q.y, q.z, length), "a unit quaternion"};
}

std::optional<RowFault> range_fault(std::span<const double> numbers) {
  for (const double number : numbers) {
    if (!is_in_range(number)) return not_finite_fault(fmt::format("{}", number));
  }
  return std::nullopt;
}

std::optional<RowFault> cuboid_fault(const Cuboid& c) {
  const std::array<double, 10> numbers = {c.center.x, c.center.y,   c.center.z,   c.size.x,     c.size.y,
                                          c.size.z,   c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z};
  if (auto fault = range_fault(numbers)) return fault;
  if (auto fault = size_fault(c.size)) return fault;
  return rotation_fault(c.rotation);
}

std::optional<RowFault> box_fault(const ImageBox& box) {
  const std::array<double, 5> numbers = {box.left, box.top, box.right, box.bottom, box.rotation};
  if (auto fault = range_fault(numbers)) return fault;
  if (box.width() >= 0 && box.height() >= 0) return std::nullopt;
  return RowFault{BadRow::Kind::box_without_area, fmt::format("width {}, height {}", box.width(), box.height()),
                  "a width and a height not below 0"};
}

bool is_no_finite_number(std::string_view word) {
  const std::string text(word);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size() && !std::isfinite(value);
}

RowFault not_finite_fault(std::string_view word) {
  return {BadRow::Kind::not_finite, std::string(word), "a finite number that float32 holds"};
}

RowFault second_row_fault(std::string_view object) {
  return {BadRow::Kind::second_row, fmt::format("another row of {} in the same frame", object),
          "one row for each object in a frame"};
}

RowFault missing_image_fault(std::string_view image) {
  return {BadRow::Kind::missing_image, std::string(image), "an image that is in the file"};
}

void expect_no_fault(std::optional<RowFault> fault, std::string_view where) {
  if (!fault) return;
  fault->where = where;
  throw *std::move(fault);
}

BadRow bad_row_at(std::filesystem::path file, std::string place, std::string object, TimestampNs time) {
  BadRow row;
  row.file = std::move(file);
  row.place = std::move(place);
  row.object = std::move(object);
  row.timestamp = time;
  return row;
}

std::string fault_text(const RowFault& fault) {
  return fmt::format("expected {}, got {}", fault.expected, fault.found);
}

void add_bad_row(std::vector<BadRow>& bad_rows, BadRow row, RowFault fault) {
  row.kind = fault.kind;
  row.found = std::move(fault.found);
  row.expected = std::move(fault.expected);
  if (!fault.where.empty()) row.place = std::move(fault.where);
  bad_rows.push_back(std::move(row));
}

}  // namespace sweepmark
