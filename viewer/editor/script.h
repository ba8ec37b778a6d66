// SPDX-License-Identifier: Apache-2.0
//
// Recorded input: what a person did in the window, as text that can be read, written by hand and played again.
//
//   size 1600 900              the window
//   move 800 450               the mouse
//   press left [ctrl] [shift] [alt]     release left ...     right, middle likewise
//   wheel 3 [ctrl] ...         steps, away from the user above 0
//   key Ctrl+Z                 pressed and released
//   hold Shift+W / let Shift+W          pressed, released
//   text car
//   click 800 450 [right] [ctrl] ...    move, press, release
//   double 800 450             two clicks
//   drag 100 100 300 200 [ctrl] ...     move, press, move in steps, release
//   wait 0.5                   seconds, for what needs time (a double click, playing)
//   settle                     until everything that is being loaded is there
//   screenshot file.png
//   export FORMAT OUT [lossy]  writes the labels as they are then; what differs ends the script unless it says lossy
//   texts                      looks whether all texts on the screen can be read; what is cut or covered, or has
//                              letters that the font lacks, is an error at the end
//   class NAME                 the selected object's class in all frames
//   class-here NAME            from this frame on
//   # a comment
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "kernels/result.h"
#include "viewer/editor/input.h"

namespace sweepmark::editor {

struct Wait {
  double seconds = 0;
  friend bool operator==(const Wait&, const Wait&) = default;
};
struct Settle {
  friend bool operator==(const Settle&, const Settle&) = default;
};
struct Screenshot {
  std::string file;
  friend bool operator==(const Screenshot&, const Screenshot&) = default;
};
struct Export {
  std::string format, out;
  bool lossy = false;
  friend bool operator==(const Export&, const Export&) = default;
};
/// Every text on the screen can be read.
struct CheckTexts {
  friend bool operator==(const CheckTexts&, const CheckTexts&) = default;
};
struct ChooseClass {
  std::string name;
  bool from_here = false;
  friend bool operator==(const ChooseClass&, const ChooseClass&) = default;
};
using ScriptStep = std::variant<InputEvent, Wait, Settle, Screenshot, Export, CheckTexts, ChooseClass>;

/// Errors: unreadable, a line that is none of the above (with its number).
Result<std::vector<ScriptStep>> read_script(const std::filesystem::path& file);
Result<std::vector<ScriptStep>> parse_script(const std::string& text, const std::string& name);
/// The line that is read as this step alone.
std::string line_of(const ScriptStep& step);

}  // namespace sweepmark::editor
