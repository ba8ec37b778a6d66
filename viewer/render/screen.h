// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "viewer/render/renderer.h"

struct ImDrawData;

namespace sweepmark::render {

/// The picture of the whole program: views copied to their places, the user interface drawn on top. It is made
/// offscreen; a window only shows it, so every picture can be made without a display.
/// All members but the destructor \throws std::exception when the driver fails.
class Screen {
 public:
  /// \pre an ImGui context with its fonts exists, and lives as long as this
  explicit Screen(Renderer& renderer);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  struct Placed {
    const Renderer::View* view;
    int x, y;  ///< pixel of its top left corner; what does not fit is cut
  };
  void compose(int width, int height, std::span<const Placed> views, ImDrawData* user_interface);
  /// Shows the last composition in the renderer's window. \pre the renderer was made for one
  void present();
  Picture read();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::render
