// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {

/// The radius of what paints, in pixels of the image: [ and ] change it.
class BrushSize {
 public:
  /// \param usual  until a key has changed it
  double radius(double usual) const { return radius_.value_or(usual); }
  /// \return taken
  bool key(const KeyPress& key, const ImageCanvas& canvas, double usual) {
    constexpr double least = 0.5, step = 1.2;
    if (key.with.ctrl || key.with.alt) return false;
    if (key.key == key_of('[')) {
      radius_ = std::max(radius(usual) / step, least);
    } else if (key.key == key_of(']')) {
      radius_ = std::min(radius(usual) * step, std::max(canvas.width, canvas.height));
    } else {
      return false;
    }
    return true;
  }

 private:
  std::optional<double> radius_;
};

}  // namespace sweepmark::editor
