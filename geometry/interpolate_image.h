// SPDX-License-Identifier: Apache-2.0
//
// Shapes in an image between two others. `t` runs from 0 (a) to 1 (b); callers give keyframes back themselves, so these
// are for what lies between, and tend to `a` and `b` at the ends.
#pragma once

#include <memory>

#include "geometry/image_value.h"

namespace sweepmark {

/// Edges linear, rotation on the shorter way.
ImageBox interpolate(const ImageBox& a, const ImageBox& b, double t);

/// Vertices linear, each with its match. Rings are matched in their order; of rings with as many vertices the start
/// (and the sense of rotation) that moves them least is taken, so a polygon that was drawn anew from another corner
/// does not turn inside out. Between rings with different numbers of vertices each vertex gets a partner at the same
/// part of the outline's length. A ring without partner is there until half way (of `a`) or from then on (of `b`).
Polygon interpolate(const Polygon& a, const Polygon& b, double t);

/// Positions linear; a point is there when it is at both ends, and as visible as at `a`.
/// Skeletons of different numbers of points have nothing between them: `a` is held.
Skeleton interpolate(const Skeleton& a, const Skeleton& b, double t);

/// Masks between two: the signed distances to both outlines are blended and cut at 0, after the bounds of both are laid
/// over each other, so that moving and growing objects neither vanish nor tear. Prepared once for any number of times.
/// Where one of both is empty, the other is there up to (from) half way.
/// Source: Raya and Udupa, Shape-based interpolation of multidimensional objects (1990); distances by Felzenszwalb and
/// Huttenlocher, Distance transforms of sampled functions (2012), exact. \pre both are of one image size
/// Cost: O(area of the bounds), for the preparation and for each time.
class MaskBetween {
 public:
  MaskBetween(const Mask& a, const Mask& b);
  ~MaskBetween();
  MaskBetween(MaskBetween&&) noexcept;
  MaskBetween& operator=(MaskBetween&&) noexcept;
  Mask at(double t) const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace sweepmark
