// SPDX-License-Identifier: Apache-2.0
#include "data/formats/point_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace sweepmark {
namespace {

/// Beyond this the steps of float32 come near a millimetre: coordinates get a local origin.
constexpr double farthest_local_m = 8192, origin_step_m = 1024;

/// Plain names (see `plain_name`), the most telling first.
constexpr std::array<std::string_view, 6> intensity_names = {"intensity",    "intensities", "i",
                                                             "reflectivity", "reflectance", "remission"};
constexpr std::array<std::string_view, 3> ring_names = {"ring", "channel", "laser_number"};

/// A field's name as other tools may have written it: PDAL and ROS drivers begin it with a capital letter, CloudCompare
/// puts "scalar_" before it.
std::string plain_name(std::string_view name) {
  std::string plain(name);
  std::ranges::transform(plain, plain.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view prefix = "scalar_";
  return plain.starts_with(prefix) ? plain.substr(prefix.size()) : plain;
}

template <class T>
double value_at(const char* at, bool big_endian) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, at, sizeof(T));
  if (big_endian) std::reverse(bytes, bytes + sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return static_cast<double>(value);
}

/// Which of the names is used for something; none where no name fits.
template <std::size_t count>
std::optional<std::size_t> find(const std::vector<std::string>& names,
                                const std::array<std::string_view, count>& wanted) {
  for (const std::string_view name : wanted) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (plain_name(names[i]) == name) return i;
    }
  }
  return std::nullopt;
}

template <std::size_t count>
const std::vector<double>* find(const PointColumns& columns, const std::array<std::string_view, count>& wanted) {
  const auto found = find(columns.names, wanted);
  return found ? &columns.values[*found] : nullptr;
}

constexpr std::array<std::pair<std::string_view, FieldType>, 8> type_names = {{{"f4", FieldType::f32},
                                                                               {"f8", FieldType::f64},
                                                                               {"i1", FieldType::i8},
                                                                               {"u1", FieldType::u8},
                                                                               {"i2", FieldType::i16},
                                                                               {"u2", FieldType::u16},
                                                                               {"i4", FieldType::i32},
                                                                               {"u4", FieldType::u32}}};

double origin_of(double first) {
  return std::abs(first) > farthest_local_m ? std::round(first / origin_step_m) * origin_step_m : 0;
}

/// A double beyond float's range becomes infinite, which kernels drop and count.
float to_float(double value) {
  constexpr double largest = 3.4e38;
  if (value > largest) return HUGE_VALF;
  if (value < -largest) return -HUGE_VALF;
  return static_cast<float>(value);
}

}  // namespace

std::string_view name_of(FieldType type) {
  return std::ranges::find(type_names, type, [](const auto& t) { return t.second; })->first;
}

std::optional<FieldType> type_from_name(std::string_view name) {
  const auto found = std::ranges::find(type_names, name, [](const auto& t) { return t.first; });
  return found == type_names.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> uses_of(const std::vector<std::string>& names) {
  std::vector<std::string> uses(names.size());
  const auto put = [&](std::optional<std::size_t> at, const char* use) {
    if (at) uses[*at] = use;
  };
  put(find(names, std::array<std::string_view, 1>{"x"}), "x");
  put(find(names, std::array<std::string_view, 1>{"y"}), "y");
  put(find(names, std::array<std::string_view, 1>{"z"}), "z");
  put(find(names, intensity_names), "intensity");
  put(find(names, ring_names), "ring");
  return uses;
}

std::size_t size_of(FieldType type) {
  switch (type) {
    case FieldType::i8:
    case FieldType::u8:
      return 1;
    case FieldType::i16:
    case FieldType::u16:
      return 2;
    case FieldType::i32:
    case FieldType::u32:
    case FieldType::f32:
      return 4;
    case FieldType::f64:
      return 8;
  }
  return 0;
}

double number_at(const char* at, FieldType type, bool big_endian) {
  switch (type) {
    case FieldType::i8:
      return value_at<std::int8_t>(at, big_endian);
    case FieldType::u8:
      return value_at<std::uint8_t>(at, big_endian);
    case FieldType::i16:
      return value_at<std::int16_t>(at, big_endian);
    case FieldType::u16:
      return value_at<std::uint16_t>(at, big_endian);
    case FieldType::i32:
      return value_at<std::int32_t>(at, big_endian);
    case FieldType::u32:
      return value_at<std::uint32_t>(at, big_endian);
    case FieldType::f32:
      return value_at<float>(at, big_endian);
    case FieldType::f64:
      return value_at<double>(at, big_endian);
  }
  return 0;
}

bool is_point_field(std::string_view field) {
  const std::string name = plain_name(field);
  return name == "x" || name == "y" || name == "z" ||
         std::ranges::find(intensity_names, name) != intensity_names.end() ||
         std::ranges::find(ring_names, name) != ring_names.end();
}

Result<PointCloud> to_cloud(const PointColumns& columns, const std::filesystem::path& file) {
  const auto* x = find(columns, std::array<std::string_view, 1>{"x"});
  const auto* y = find(columns, std::array<std::string_view, 1>{"y"});
  const auto* z = find(columns, std::array<std::string_view, 1>{"z"});
  if (x == nullptr || y == nullptr || z == nullptr) {
    std::vector<std::string> fields = columns.names;
    fields.insert(fields.end(), columns.not_read.begin(), columns.not_read.end());
    return Error{fmt::format("expected numeric fields x, y and z, got {}: {}", fmt::join(fields, ", "), file.string())};
  }
  const auto* intensity = find(columns, intensity_names);
  const auto* ring = find(columns, ring_names);
  PointCloud cloud;
  const std::size_t count = x->size();
  cloud.points.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double first[3] = {(*x)[i], (*y)[i], (*z)[i]};
    if (!std::isfinite(first[0]) || !std::isfinite(first[1]) || !std::isfinite(first[2])) continue;
    cloud.origin = {origin_of(first[0]), origin_of(first[1]), origin_of(first[2])};
    break;
  }
  for (std::size_t i = 0; i < count; ++i) {
    cloud.points[i] = {to_float((*x)[i] - cloud.origin.x), to_float((*y)[i] - cloud.origin.y),
                       to_float((*z)[i] - cloud.origin.z), intensity == nullptr ? 0.0F : to_float((*intensity)[i])};
  }
  if (ring != nullptr) {
    for (const double number : *ring)
      cloud.ring.push_back(number >= 0 && number < 65536 ? static_cast<std::uint16_t>(number) : 0);
  }
  return cloud;
}

}  // namespace sweepmark
