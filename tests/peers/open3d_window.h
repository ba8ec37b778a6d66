// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "kernels/math/types.h"

namespace sweepmark::peers {

/// Open3D's own visualizer in a hidden window, drawing the same cloud. Needs an X display and OpenGL.
class Open3dWindow {
 public:
  /// \return nothing where no window can be made
  static std::unique_ptr<Open3dWindow> make(std::span<const Point> points, int width, int height, double point_size_px);
  ~Open3dWindow();
  /// Turns the view a little, draws, and reads the picture back. \return the sum of its first pixels, so that nothing
  /// is left out
  double draw();

 private:
  struct State;
  explicit Open3dWindow(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::peers
