// SPDX-License-Identifier: Apache-2.0
#include "cli/image_size.h"

#include <fmt/format.h>

#include "data/formats/text.h"

namespace sweepmark::cli {

Result<ImageSize> parse_size(const std::string& text) {
  const auto x = text.find('x');
  std::int64_t width = 0, height = 0;
  if (x == std::string::npos || !parse_number(std::string_view(text).substr(0, x), width) ||
      !parse_number(std::string_view(text).substr(x + 1), height) || width < 16 || height < 16 || width > 8192 ||
      height > 8192)
    return Error{fmt::format("--size {}: expected WIDTHxHEIGHT, each from 16 to 8192", text)};
  return ImageSize{static_cast<int>(width), static_cast<int>(height)};
}

}  // namespace sweepmark::cli
