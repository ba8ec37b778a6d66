// SPDX-License-Identifier: Apache-2.0
//
// numpy's files of one array, alone or in an archive. Source: numpy.lib.format, "Format Version 1.0".
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/point_cloud.h"
#include "data/point_file_info.h"
#include "kernels/result.h"

namespace sweepmark {

struct NpyHeader {
  std::string_view type;  ///< "<f4", "|u1"
  std::vector<std::size_t> shape;
  bool is_column_major = false;
  std::string_view elements;  ///< the bytes behind the header

  std::size_t count() const;  ///< of elements, as the shape says
};

/// The views point into `bytes`. Errors: no header of numpy, a shape that is none or too large. \param place  put in
/// front, "array "a"" \param file  named
Result<NpyHeader> parse_npy(std::string_view bytes, const std::string& place, const std::filesystem::path& file);

/// \param shape  "(7,)" as numpy writes it. Equal values give equal bytes.
std::string npy_bytes(std::string_view type, std::string_view shape, std::string_view elements);

/// Points from an array of float32 or float64 rows: x, y, z, and where there is a fourth number the intensity.
/// Errors: another type or shape, fewer elements than the shape says.
Result<PointCloud> parse_npy_points(std::string_view bytes, const std::filesystem::path& file);
Result<PointCloud> read_npy(const std::filesystem::path& file);
Result<PointFileInfo> npy_info(const std::filesystem::path& file);

}  // namespace sweepmark
