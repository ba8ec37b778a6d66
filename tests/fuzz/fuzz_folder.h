// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace sweepmark::fuzz {

/// A folder of this process for readers that want files; in memory where the system has such a place.
inline std::filesystem::path folder() {
  const std::filesystem::path base =
      std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  const std::filesystem::path path = base / ("sweepmark-fuzz-" + std::to_string(::getpid()));
  std::filesystem::create_directories(path);
  return path;
}

inline std::filesystem::path write(const std::string& name, std::string_view content) {
  const std::filesystem::path path = folder() / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  return path;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace sweepmark::fuzz
