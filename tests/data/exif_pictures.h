// SPDX-License-Identifier: Apache-2.0
//
// Pictures that EXIF turns, made from those that it does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sweepmark::testing_support {

/// TIFF with one entry, the orientation.
inline std::string tiff_of_orientation(char orientation, bool is_big = true) {
  if (is_big)
    return std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + orientation + std::string(6, '\0');
  return std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + orientation + std::string(7, '\0');
}

/// The JPEG with an EXIF segment of that orientation behind its first marker.
inline std::string with_orientation(const std::string& jpeg, char orientation, bool is_big = true) {
  const std::string exif = std::string("Exif\0\0", 6) + tiff_of_orientation(orientation, is_big);
  const std::size_t length = exif.size() + 2;
  return jpeg.substr(0, 2) + "\xFF\xE1" + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) + exif +
         jpeg.substr(2);
}

/// The PNG with a chunk eXIf in front of the first chunk of that type.
inline std::string with_exif_chunk(const std::string& png, char orientation, std::string_view before) {
  const std::string body = "eXIf" + tiff_of_orientation(orientation);
  std::uint32_t checksum = 0xFFFFFFFF;  // CRC-32 as PNG has it, bit by bit
  for (const char c : body) {
    checksum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) checksum = checksum >> 1U ^ (0xEDB88320U & (0U - (checksum & 1U)));
  }
  const auto four_bytes = [](std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
    return bytes;
  };
  const std::size_t at = png.find(before) - 4;  // behind the length of that chunk
  return png.substr(0, at) + four_bytes(static_cast<std::uint32_t>(body.size() - 4)) + body + four_bytes(~checksum) +
         png.substr(at);
}

}  // namespace sweepmark::testing_support
