// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/point_cloud.h"

namespace sweepmark {

/// A numeric type of a field in a point file.
enum class FieldType : std::uint8_t { i8, u8, i16, u16, i32, u32, f32, f64 };

std::size_t size_of(FieldType type);

/// The number at `at`, whatever its alignment. \param big_endian  the file's byte order
double number_at(const char* at, FieldType type, bool big_endian);

/// Named columns of numbers, as many rows as there are points, filled by a reader.
struct PointColumns {
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
  std::vector<std::string> not_read = {};  ///< fields of the file that have no column: for messages
};

/// Picks x, y, z, intensity and ring out of the columns, whatever the case of their names and with or without
/// CloudCompare's "scalar_" before them; the cloud gets an origin where float32 cannot hold its
/// coordinates. Errors: a missing coordinate; the message lists the fields of the file.
Result<PointCloud> to_cloud(const PointColumns& columns, const std::filesystem::path& file);

/// "f4", "u2".
std::string_view name_of(FieldType type);
std::optional<FieldType> type_from_name(std::string_view name);

/// What columns of these names are used for, by `to_cloud`: "x", "y", "z", "intensity", "ring", or empty.
std::vector<std::string> uses_of(const std::vector<std::string>& names);

/// Whether a column of this name is wanted at all: the others need not be decoded.
bool is_point_field(std::string_view name);

}  // namespace sweepmark
