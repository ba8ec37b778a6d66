// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace sweepmark {

/// A colour picture, rows from the top, 4 bytes a pixel (red, green, blue, alpha). A view: the pixels belong to
/// somebody else.
struct PictureView {
  int width = 0, height = 0;
  std::span<const std::uint8_t> rgba;
};

}  // namespace sweepmark
