// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "geometry/vec2.h"
#include "kernels/math/types.h"
#include "viewer/editor/input.h"

namespace sweepmark::editor {

/// One image as a view shows it right now: what tools and kinds of labels need to know of the view.
struct ImageCanvas {
  std::string camera;            ///< name of the sensor
  TimestampNs time = 0;          ///< of the image
  double width = 0, height = 0;  ///< of the image, pixels
  double pixels_per_point = 1;   ///< pixels of the image in one point of the view: what is near enough for the mouse

  double reach() const { return 7 * pixels_per_point; }
};

/// The mouse over an image.
struct MouseOnImage {
  Vec2d at;  ///< pixels of the image (geometry/image_box.h), with their fraction; may lie out of it
  Modifiers with;
};

}  // namespace sweepmark::editor
