// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "geometry/image_box.h"
#include "geometry/mask.h"
#include "geometry/segment/picture_view.h"
#include "kernels/result.h"

namespace sweepmark {

/// What a person says of some pixels: all whose centres are within `radius` of the segment.
struct CutoutStroke {
  Vec2d from, to;
  double radius = 1;
  bool is_object = true;
};

struct CutoutOptions {
  int iterations = 4;
  /// That are looked at: a larger part is looked at with coarser pixels, and its edge is as coarse.
  int most_pixels = 100'000;
};

/// The object in a box: its pixels and those around it are told apart by their colours and by edges between them.
/// Nothing out of the box belongs to it but what strokes say, a little beyond them. Strokes hold in their order. Where
/// little of the box (35 %) looks unlike what is around and no stroke says what the object is, its middle is taken to
/// be it.
///
/// \param box  upright; pixels as in geometry/image_box.h
///
/// Errors: a box that has no pixel of the picture; nothing in it looks unlike what is around.
///
/// Cost: 0.1 to 0.3 s usually, whatever the size of the box; seconds where the colours of the object and of what is
/// around hardly differ. Deterministic. Source: Rother, Kolmogorov and Blake, GrabCut (2004), as in OpenCV.
Result<Mask> cut_out(const PictureView& picture, const ImageBox& box, std::span<const CutoutStroke> strokes = {},
                     const CutoutOptions& options = {});

}  // namespace sweepmark
