// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "geometry/segment/picture_view.h"
#include "geometry/vec2.h"

namespace sweepmark {

/// Paths along the edges of a picture, from a place to wherever the mouse is: intelligent scissors.
/// Looks at a square around the start only, a large one with coarser pixels; beyond it the path goes on straight.
/// Source: Mortensen and Barrett (1995), as in OpenCV's IntelligentScissorsMB.
class LiveWire {
 public:
  LiveWire();
  ~LiveWire();
  LiveWire(LiveWire&&) noexcept;
  LiveWire& operator=(LiveWire&&) noexcept;

  /// \param reach  pixels of the picture on each side of the start; above 160 they are seen coarser. \pre picture has
  /// pixels. It is not kept. Cost: about 40 ms.
  void start(const PictureView& picture, Vec2d from, double reach);
  bool has_start() const;
  void stop();
  /// The vertices of the path without the start, `to` the last: few of them, within 0.7 of the pixels that are looked
  /// at. \pre has_start
  std::vector<Vec2d> path_to(Vec2d to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
