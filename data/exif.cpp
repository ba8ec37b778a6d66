// SPDX-License-Identifier: Apache-2.0
#include "data/exif.h"

#include <cstddef>
#include <cstring>

namespace sweepmark {
namespace {

/// Numbers of a TIFF header in either byte order; 0 beyond its end.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), is_big_(bytes.starts_with("MM")) {}
  bool is_valid() const { return (is_big_ || bytes_.starts_with("II")) && number(2, 2) == 42; }

  std::uint32_t number(std::size_t at, std::size_t length) const {
    if (at > bytes_.size() || length > bytes_.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[at + (is_big_ ? i : length - 1 - i)]);
      value = value << 8 | byte;
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool is_big_;
};

}  // namespace

Orientation orientation_of_exif(std::string_view segment) {
  constexpr std::string_view head("Exif\0\0", 6);
  return segment.starts_with(head) ? orientation_of_tiff(segment.substr(head.size())) : Orientation{1};
}

Orientation orientation_of_tiff(std::string_view bytes) {
  const Tiff tiff(bytes);
  if (!tiff.is_valid()) return 1;
  constexpr std::uint32_t orientation_tag = 0x0112, short_type = 3;
  constexpr std::size_t entry_size = 12;
  const std::size_t directory = tiff.number(4, 4), count = tiff.number(directory, 2);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * entry_size;
    if (tiff.number(entry, 2) != orientation_tag || tiff.number(entry + 2, 2) != short_type) continue;
    const std::uint32_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : Orientation{1};
  }
  return 1;
}

Vec2d shown_place(Vec2d stored, double width, double height, Orientation orientation) {
  const double right = width - stored.x, bottom = height - stored.y;
  switch (orientation) {
    case 2:
      return {right, stored.y};
    case 3:
      return {right, bottom};
    case 4:
      return {stored.x, bottom};
    case 5:
      return {stored.y, stored.x};
    case 6:
      return {bottom, stored.x};
    case 7:
      return {bottom, right};
    case 8:
      return {stored.y, right};
    default:
      return stored;
  }
}

std::vector<std::uint8_t> turned(const std::vector<std::uint8_t>& pixels, std::size_t width, std::size_t height,
                                 Orientation orientation) {
  std::vector<std::uint8_t> out(pixels.size());
  const std::size_t wide = swaps_sides(orientation) ? height : width, high = swaps_sides(orientation) ? width : height;
  const std::size_t right = width - 1, bottom = height - 1;
  for (std::size_t y = 0; y < high; ++y) {
    for (std::size_t x = 0; x < wide; ++x) {
      // The stored column and row of what is shown there.
      std::size_t column = x, row = y;
      switch (orientation) {
        case 2:
          column = right - x;
          break;
        case 3:
          column = right - x, row = bottom - y;
          break;
        case 4:
          row = bottom - y;
          break;
        case 5:
          column = y, row = x;
          break;
        case 6:
          column = y, row = bottom - x;
          break;
        case 7:
          column = right - y, row = bottom - x;
          break;
        case 8:
          column = right - y, row = x;
          break;
        default:
          break;
      }
      std::memcpy(&out[4 * (y * wide + x)], &pixels[4 * (row * width + column)], 4);
    }
  }
  return out;
}

}  // namespace sweepmark
