// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "data/image_file.h"
#include "geometry/image_value.h"
#include "viewer/editor/canvas/painted_mask.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

/// What is inside of labels, as a picture that lies over the image: masks, and polygons a little paler.
/// Images of more than 16 million pixels get a coarser layer.
class LabelLayer {
 public:
  struct Area {
    const ImageValue* value = nullptr;
    Rgba colour = 0;
    bool is_selected = false;
  };

  /// Draws all anew. \param opacity  0 to 1
  void draw(int image_width, int image_height, std::span<const Area> areas, double opacity);
  /// The mask that is being painted, over the others, in a part of the image. \return the part of the picture that
  /// changed, in its own pixels
  PixelRect draw_painted(const PaintedMask& painted, const PixelRect& part, Rgba colour, double opacity);

  const Picture& picture() const { return picture_; }
  bool has_any() const { return has_any_; }

 private:
  int step_ = 1;  ///< pixels of the image, along each side, in one of the layer
  Picture base_, picture_;
  bool has_any_ = false;
};

}  // namespace sweepmark::editor
