// SPDX-License-Identifier: Apache-2.0
//
// Points in files without a header: numbers one after the other, and nothing that says how many make a point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

struct PointCloud;
enum class PointFileKind : std::uint8_t;
enum class FieldType : std::uint8_t;

/// The fields of a point as they follow each other in a raw file, little-endian, packed.
class RawLayout {
 public:
  struct Field {
    std::string name;  ///< "_": not used
    FieldType type;
    friend bool operator==(const Field&, const Field&) = default;
  };

  /// From "x,y,z,intensity,ring", "x:f8,y:f8,z:f8,_,t:f8". Types: f4 (when none is given), f8, i1, u1, i2, u2, i4, u4.
  /// Errors: no x, y or z, a name twice, an unknown type.
  static Result<RawLayout> parse(std::string_view text);
  /// So many numbers a point: x, y, z, then intensity and ring, then such as are not used.
  static RawLayout of_floats(std::size_t count);

  const std::vector<Field>& fields() const { return fields_; }
  std::size_t bytes_of_point() const;
  /// What `parse` takes.
  std::string text() const;
  friend bool operator==(const RawLayout&, const RawLayout&) = default;

 private:
  std::vector<Field> fields_;
};

/// Errors: bytes that are no whole number of points; the message names the file.
Result<void> expect_whole_points(std::size_t bytes, const RawLayout& layout, const std::filesystem::path& file);

/// What the name of a file without a header says of its points. \pre kitti_bin or nuscenes_bin
RawLayout layout_by_name(PointFileKind kind);

/// Points of a raw file. Errors: a size that is not a whole number of points.
Result<PointCloud> parse_raw(std::span<const char> bytes, const RawLayout& layout, const std::filesystem::path& file);

/// Looks at the numbers: whether `layout` is one that they fit, and which other one they fit where it is not. Columns
/// of a point differ from each other (metres, a reflectance below 1 or up to 255, the number of a laser); read with the
/// wrong number of columns they are mixed and look alike.
/// \return a layout that fits better by far; nothing where `layout` may well be right. Cost: 2,000 points are
/// looked at, 0.1 ms; ten times that where they do not fit.
std::optional<RawLayout> better_layout(std::span<const char> bytes, const RawLayout& layout);

}  // namespace sweepmark
