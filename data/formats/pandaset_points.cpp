// SPDX-License-Identifier: Apache-2.0
#include "data/formats/pandaset_points.h"

#include <fmt/format.h>

#include "data/formats/text.h"

namespace sweepmark::pandaset {
namespace fs = std::filesystem;

fs::path file_of_lidars(const fs::path& sweep) { return fs::path(sweep).replace_extension(".sensor.u8"); }

Result<std::vector<std::uint8_t>> lidars_of_points(const fs::path& sweep, std::size_t points) {
  const fs::path file = file_of_lidars(sweep);
  std::error_code failure;
  if (!fs::exists(file, failure)) return std::vector<std::uint8_t>();
  const auto bytes = read_file(file);
  if (!bytes) return bytes.error();
  if (bytes->size() != points)
    return Error{
        fmt::format("expected a byte for each of {} points, got {}: {}", points, bytes->size(), file.string())};
  return std::vector<std::uint8_t>(bytes->begin(), bytes->end());
}

}  // namespace sweepmark::pandaset
