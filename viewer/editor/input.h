// SPDX-License-Identifier: Apache-2.0
//
// What a person does with mouse and keyboard, as plain values: from a window, a recorded script, or a test.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace sweepmark::editor {

/// Keys that print are their upper case character; the others are named.
enum class Key : std::uint16_t {
  none = 0,
  space = ' ',
  // 'A' to 'Z', '0' to '9', '+', '-', '/', ... stand for themselves
  escape = 256,
  enter,
  tab,
  backspace,
  insert,
  del,
  left,
  right,
  up,
  down,
  page_up,
  page_down,
  home,
  end,
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  f8,
  f9,
  f10,
  f11,
  f12,
};
constexpr Key key_of(char printed) { return static_cast<Key>(printed); }

enum class Button : std::uint8_t { left, right, middle };

struct Modifiers {
  bool ctrl = false, shift = false, alt = false;
  friend bool operator==(const Modifiers&, const Modifiers&) = default;
};

/// Pixels from the top left corner of the window.
struct MouseMove {
  double x = 0, y = 0;
  friend bool operator==(const MouseMove&, const MouseMove&) = default;
};
struct MouseButton {
  Button button = Button::left;
  bool pressed = false;
  Modifiers with;
  friend bool operator==(const MouseButton&, const MouseButton&) = default;
};
struct MouseWheel {
  double steps = 0;  ///< away from the user is above 0
  Modifiers with;
  friend bool operator==(const MouseWheel&, const MouseWheel&) = default;
};
struct KeyPress {
  Key key = Key::none;
  bool pressed = false;
  Modifiers with;
  friend bool operator==(const KeyPress&, const KeyPress&) = default;
};
struct TextInput {
  std::string utf8;
  friend bool operator==(const TextInput&, const TextInput&) = default;
};
struct WindowSize {
  int width = 0, height = 0;
  friend bool operator==(const WindowSize&, const WindowSize&) = default;
};
using InputEvent = std::variant<MouseMove, MouseButton, MouseWheel, KeyPress, TextInput, WindowSize>;

}  // namespace sweepmark::editor
