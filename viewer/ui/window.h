// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "viewer/editor/input.h"

namespace sweepmark::render {
struct PresentTarget;
}

namespace sweepmark::ui {

/// A window of the desktop (GLFW). One thread: the one that made it, except `wake`.
class Window {
 public:
  /// \throws std::runtime_error without a display or without Vulkan
  Window(int width, int height, const std::string& title);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  const render::PresentTarget& present_target() const;
  void on_input(std::function<void(const editor::InputEvent&)> receive);
  /// Takes what has come in; waits for it at most so long.
  void wait(double seconds);
  /// Ends a `wait`, from any thread.
  static void wake();
  bool should_close() const;
  void set_title(const std::string& title);
  /// For copying text to other programs and back.
  std::string clipboard() const;
  void set_clipboard(const std::string& text);
  double pixels_per_point() const;  ///< of the display: 1, or 2 on dense ones
  int width() const;                ///< pixels
  int height() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::ui
