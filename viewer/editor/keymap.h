// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"
#include "viewer/editor/input.h"

namespace sweepmark::editor {

/// Everything that a key can do.
enum class Action : std::uint8_t {
  previous_frame,
  next_frame,
  first_frame,
  last_frame,
  play,
  previous_object,
  next_object,
  next_unreviewed,
  mark_reviewed,
  clear_selection,
  new_by_click,
  new_by_three_clicks,
  move_forward,
  move_backward,
  move_left,
  move_right,
  move_up,
  move_down,
  longer,
  shorter,
  wider,
  narrower,
  taller,
  lower,
  turn_left,
  turn_right,
  fit_turned_left,
  fit_turned_right,
  fit,
  flip_heading,
  keyframe,
  previous_keyframe,
  next_keyframe,
  suggest_keyframe,
  refine,
  propagate,
  drop_computed,
  absence,
  copy_forwards,
  copy_backwards,
  copy,
  paste,
  make_static,
  lock_size,
  merge,
  split,
  remove,
  undo,
  redo,
  export_labels,
  comments,
  batch_view,
  birds_eye,
  reset_view,
  focus,
  follow,
  trajectories,
  cycle_colours,
  larger_points,
  smaller_points,
  more_sweeps,
  fewer_sweeps,
  class_1,
  class_2,
  class_3,
  class_4,
  class_5,
  class_6,
  class_7,
  class_8,
  class_9,
  screenshot,
  help,
  quit,
};

struct Chord {
  Key key = Key::none;
  Modifiers with;
  friend bool operator==(const Chord&, const Chord&) = default;
};

/// "Ctrl+Shift+Z", "PageDown", "3". \return nothing for text that names no key
std::optional<Chord> chord_from_text(std::string_view text);
std::string text_of(const Chord& chord);

struct ActionInfo {
  Action action;
  std::string_view name;   ///< as the key file has it: "next_frame"
  std::string_view group;  ///< heading in the help
  std::string_view what;   ///< one line for the help
  std::string_view keys;   ///< defaults, separated by spaces
  bool repeats;            ///< goes on while the key is held
};
std::span<const ActionInfo> all_actions();
const ActionInfo& info_of(Action action);

class Keymap {
 public:
  Keymap();  ///< the defaults
  /// Defaults with the changes of a JSON file: `{"next_frame": ["N", "PageDown"], "merge": []}`.
  /// Errors: unreadable, not such an object, an unknown action or key, one chord for two actions.
  static Result<Keymap> read(const std::filesystem::path& file);

  std::optional<Action> action_of(const Chord& chord) const;
  const std::vector<Chord>& chords_of(Action action) const;
  /// "3, PageUp" for help and buttons.
  std::string keys_text(Action action) const;

 private:
  std::vector<std::vector<Chord>> chords_;  ///< by action
};

}  // namespace sweepmark::editor
