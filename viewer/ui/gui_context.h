// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "viewer/editor/input.h"

namespace sweepmark::ui {

struct PressedKey {
  editor::KeyPress press;
  bool is_repeat = false;  ///< it is held down
};

/// ImGui's one context with our fonts and colours, fed with plain input events. One at a time in a program.
class GuiContext {
 public:
  /// \param scale  pixels per point that the display asks for: 1, or 2 on dense ones
  explicit GuiContext(float scale = 1);
  ~GuiContext();
  GuiContext(const GuiContext&) = delete;
  GuiContext& operator=(const GuiContext&) = delete;

  void add(const editor::InputEvent& event) { waiting_.push_back(event); }
  bool has_input() const { return !waiting_.empty(); }
  /// Begins a frame with what has come in: all movement, but one change of a button or key, so that a quick click is
  /// never lost. \param seconds  since the last frame \return the keys that were pressed
  std::deque<PressedKey> begin_frame(double seconds);

  /// Of the window, in points: the unit of all positions, also of the mouse.
  float width() const { return static_cast<float>(width_px_) / scale(); }
  float height() const { return static_cast<float>(height_px_) / scale(); }
  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  /// Pixels per point. Less than the display asks for where the window would be too small for its panels.
  float scale() const;

 private:
  bool take(const editor::InputEvent& event, std::deque<PressedKey>& keys);

  std::deque<editor::InputEvent> waiting_;
  float wanted_scale_;
  int width_px_ = 1600, height_px_ = 900;
};

/// Text sizes: headings and figures that are read most.
struct Fonts {
  static void push_bold();
  static void push_small();
  static void pop();
};

}  // namespace sweepmark::ui
