// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/keymap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/expects.h"

namespace sweepmark::editor {
namespace {

constexpr std::array actions = {
    ActionInfo{Action::previous_frame, "previous_frame", "Frames", "Previous frame", "3 PageUp Left", true},
    ActionInfo{Action::next_frame, "next_frame", "Frames", "Next frame", "4 PageDown Right", true},
    ActionInfo{Action::first_frame, "first_frame", "Frames", "First frame", "Ctrl+Home", false},
    ActionInfo{Action::last_frame, "last_frame", "Frames", "Last frame", "Ctrl+End", false},
    ActionInfo{Action::play, "play", "Frames", "Play and pause", "Space", false},
    ActionInfo{Action::previous_object, "previous_object", "Objects", "Select the previous object", "1", true},
    ActionInfo{Action::next_object, "next_object", "Objects", "Select the next object", "2 Tab", true},
    ActionInfo{Action::next_unreviewed, "next_unreviewed", "Objects", "Go to the next object not reviewed", "U", false},
    ActionInfo{Action::mark_reviewed, "mark_reviewed", "Objects", "Mark as reviewed, and go on", "Enter", false},
    ActionInfo{Action::clear_selection, "clear_selection", "Objects", "Select nothing; cancel", "Escape", false},
    ActionInfo{Action::new_by_click, "new_by_click", "Objects", "New cuboid: click on the object", "N", false},
    ActionInfo{Action::new_by_three_clicks, "new_by_three_clicks", "Objects",
               "New cuboid: click rear corner, front corner, other side", "Shift+N", false},
    ActionInfo{Action::remove, "remove", "Objects", "Delete the whole object", "Delete Ctrl+D", false},
    ActionInfo{Action::move_forward, "move_forward", "Cuboid", "Move forwards", "W", true},
    ActionInfo{Action::move_backward, "move_backward", "Cuboid", "Move backwards", "S", true},
    ActionInfo{Action::move_left, "move_left", "Cuboid", "Move to its left", "A", true},
    ActionInfo{Action::move_right, "move_right", "Cuboid", "Move to its right", "D", true},
    ActionInfo{Action::move_up, "move_up", "Cuboid", "Move up", "Up", true},
    ActionInfo{Action::move_down, "move_down", "Cuboid", "Move down", "Down", true},
    ActionInfo{Action::longer, "longer", "Cuboid", "Longer (at the front)", "Shift+W", true},
    ActionInfo{Action::shorter, "shorter", "Cuboid", "Shorter (at the front)", "Shift+S", true},
    ActionInfo{Action::wider, "wider", "Cuboid", "Wider", "Shift+D", true},
    ActionInfo{Action::narrower, "narrower", "Cuboid", "Narrower", "Shift+A", true},
    ActionInfo{Action::taller, "taller", "Cuboid", "Taller (at the top)", "Shift+Up", true},
    ActionInfo{Action::lower, "lower", "Cuboid", "Less tall (at the top)", "Shift+Down", true},
    ActionInfo{Action::turn_left, "turn_left", "Cuboid", "Turn left", "Q", true},
    ActionInfo{Action::turn_right, "turn_right", "Cuboid", "Turn right", "E", true},
    ActionInfo{Action::fit_turned_left, "fit_turned_left", "Cuboid", "Turn left and fit to the points", "R", true},
    ActionInfo{Action::fit_turned_right, "fit_turned_right", "Cuboid", "Turn right and fit to the points", "F", true},
    ActionInfo{Action::fit, "fit", "Cuboid", "Shrink to the points inside", "Ctrl+F", false},
    ActionInfo{Action::flip_heading, "flip_heading", "Cuboid", "Turn the heading around (180 degrees)", "G", false},
    ActionInfo{Action::copy, "copy", "Cuboid", "Copy", "Ctrl+C", false},
    ActionInfo{Action::paste, "paste", "Cuboid", "Paste: as a new object under the mouse", "Ctrl+V", false},
    ActionInfo{Action::keyframe, "keyframe", "Track", "Set a keyframe here, confirm a program's, or take it away", "K",
               false},
    ActionInfo{Action::previous_keyframe, "previous_keyframe", "Track", "Go to the previous keyframe", "Shift+R",
               false},
    ActionInfo{Action::next_keyframe, "next_keyframe", "Track", "Go to the next keyframe", "Shift+E", false},
    ActionInfo{Action::suggest_keyframe, "suggest_keyframe", "Track", "Go to where a keyframe helps most", "Shift+K",
               false},
    ActionInfo{Action::refine, "refine", "Track", "Move what lies between keyframes to the points", "H", false},
    ActionInfo{Action::propagate, "propagate", "Track", "Follow it through sweeps or images from this keyframe",
               "Ctrl+H", false},
    ActionInfo{Action::drop_computed, "drop_computed", "Track", "Back to the keyframes that a person set", "Shift+H",
               false},
    ActionInfo{Action::absence, "absence", "Track", "The object is not there from here on, or is there again", "O",
               false},
    ActionInfo{Action::copy_forwards, "copy_forwards", "Track", "Copy the cuboid to the next frame", "Alt+Right", true},
    ActionInfo{Action::copy_backwards, "copy_backwards", "Track", "Copy the cuboid to the previous frame", "Alt+Left",
               true},
    ActionInfo{Action::make_static, "make_static", "Track", "Does not move: one pose for all frames", "I", false},
    ActionInfo{Action::lock_size, "lock_size", "Track", "One size for the whole track", "L", false},
    ActionInfo{Action::merge, "merge", "Track", "Join with the object clicked next", "M", false},
    ActionInfo{Action::split, "split", "Track", "Divide into two objects at this frame", "Alt+M", false},
    ActionInfo{Action::class_1, "class_1", "Class", "The first class of the list", "Ctrl+1", false},
    ActionInfo{Action::class_2, "class_2", "Class", "The second class of the list", "Ctrl+2", false},
    ActionInfo{Action::class_3, "class_3", "Class", "The third class of the list", "Ctrl+3", false},
    ActionInfo{Action::class_4, "class_4", "Class", "The fourth class of the list", "Ctrl+4", false},
    ActionInfo{Action::class_5, "class_5", "Class", "The fifth class of the list", "Ctrl+5", false},
    ActionInfo{Action::class_6, "class_6", "Class", "The sixth class of the list", "Ctrl+6", false},
    ActionInfo{Action::class_7, "class_7", "Class", "The seventh class of the list", "Ctrl+7", false},
    ActionInfo{Action::class_8, "class_8", "Class", "The eighth class of the list", "Ctrl+8", false},
    ActionInfo{Action::class_9, "class_9", "Class", "The ninth class of the list", "Ctrl+9", false},
    ActionInfo{Action::undo, "undo", "Edit", "Undo", "Ctrl+Z", true},
    ActionInfo{Action::redo, "redo", "Edit", "Redo", "Ctrl+Shift+Z Ctrl+Y", true},
    ActionInfo{Action::export_labels, "export_labels", "Edit", "Export: write the labels in any format", "Ctrl+E",
               false},
    ActionInfo{Action::comments, "comments", "Edit", "Comments of reviewers, and new ones", "Ctrl+M", false},
    ActionInfo{Action::batch_view, "batch_view", "View", "The selected object in many frames side by side", "V", false},
    ActionInfo{Action::birds_eye, "birds_eye", "View", "From above, and back", "B", false},
    ActionInfo{Action::reset_view, "reset_view", "View", "Behind the ego vehicle", "Home", false},
    ActionInfo{Action::focus, "focus", "View", "Look at the selected object", "Y", false},
    ActionInfo{Action::follow, "follow", "View", "Keep looking at it from frame to frame", "J", false},
    ActionInfo{Action::trajectories, "trajectories", "View", "Show trajectories", "T", false},
    ActionInfo{Action::cycle_colours, "cycle_colours", "View", "Next colouring of the points", "C", false},
    ActionInfo{Action::larger_points, "larger_points", "View", "Larger points", "+ =", true},
    ActionInfo{Action::smaller_points, "smaller_points", "View", "Smaller points", "-", true},
    ActionInfo{Action::more_sweeps, "more_sweeps", "View", "Add the sweeps of one frame before and after", "]", false},
    ActionInfo{Action::fewer_sweeps, "fewer_sweeps", "View", "Fewer sweeps", "[", false},
    ActionInfo{Action::screenshot, "screenshot", "View", "Save a picture of the window", "P", false},
    ActionInfo{Action::help, "help", "View", "These keys", "F1 ?", false},
    ActionInfo{Action::quit, "quit", "View", "Close the window", "Ctrl+Q", false},
};

struct NamedKey {
  Key key;
  std::string_view name;
};
constexpr NamedKey named_keys[] = {
    {Key::space, "Space"},
    {Key::escape, "Escape"},
    {Key::enter, "Enter"},
    {Key::tab, "Tab"},
    {Key::backspace, "Backspace"},
    {Key::insert, "Insert"},
    {Key::del, "Delete"},
    {Key::left, "Left"},
    {Key::right, "Right"},
    {Key::up, "Up"},
    {Key::down, "Down"},
    {Key::page_up, "PageUp"},
    {Key::page_down, "PageDown"},
    {Key::home, "Home"},
    {Key::end, "End"},
    {Key::f1, "F1"},
    {Key::f2, "F2"},
    {Key::f3, "F3"},
    {Key::f4, "F4"},
    {Key::f5, "F5"},
    {Key::f6, "F6"},
    {Key::f7, "F7"},
    {Key::f8, "F8"},
    {Key::f9, "F9"},
    {Key::f10, "F10"},
    {Key::f11, "F11"},
    {Key::f12, "F12"},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto space = text.find(' ');
    if (space != 0) words.push_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return words;
}

}  // namespace

std::optional<Chord> chord_from_text(std::string_view text) {
  Chord chord;
  for (;;) {
    const auto plus = text.find('+');
    if (plus == std::string_view::npos || plus == 0 || plus + 1 == text.size()) break;
    const auto word = text.substr(0, plus);
    if (equal_ignoring_case(word, "Ctrl")) {
      chord.with.ctrl = true;
    } else if (equal_ignoring_case(word, "Shift")) {
      chord.with.shift = true;
    } else if (equal_ignoring_case(word, "Alt")) {
      chord.with.alt = true;
    } else {
      return std::nullopt;
    }
    text = text.substr(plus + 1);
  }
  if (text.size() == 1 && std::isgraph(static_cast<unsigned char>(text.front())) != 0) {
    chord.key = key_of(static_cast<char>(std::toupper(static_cast<unsigned char>(text.front()))));
    return chord;
  }
  for (const NamedKey& named : named_keys) {
    if (!equal_ignoring_case(named.name, text)) continue;
    chord.key = named.key;
    return chord;
  }
  return std::nullopt;
}

std::string text_of(const Chord& chord) {
  std::string text;
  if (chord.with.ctrl) text += "Ctrl+";
  if (chord.with.shift) text += "Shift+";
  if (chord.with.alt) text += "Alt+";
  for (const NamedKey& named : named_keys)
    if (named.key == chord.key) return text + std::string(named.name);
  return text + static_cast<char>(chord.key);
}

std::span<const ActionInfo> all_actions() { return actions; }

const ActionInfo& info_of(Action action) {
  const auto* found = std::ranges::find(actions, action, &ActionInfo::action);
  SWEEPMARK_EXPECTS(found != actions.end());
  return *found;
}

Keymap::Keymap() : chords_(actions.size()) {
  for (const ActionInfo& info : actions)
    for (const std::string_view word : words_of(info.keys)) {
      const auto chord = chord_from_text(word);
      SWEEPMARK_EXPECTS(chord.has_value());
      chords_[static_cast<std::size_t>(info.action)].push_back(*chord);
    }
}

Result<Keymap> Keymap::read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return Error{fmt::format("cannot be read: {}", file.string())};
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object())
    return Error{fmt::format("expected a JSON object of actions and their keys: {}", file.string())};
  Keymap keymap;
  for (const auto& [name, keys] : json.items()) {
    const auto* info = std::ranges::find(actions, std::string_view(name), &ActionInfo::name);
    if (info == actions.end()) return Error{fmt::format("{}: there is no such action: {}", name, file.string())};
    if (!keys.is_array()) return Error{fmt::format("{}: expected a list of keys: {}", name, file.string())};
    auto& chords = keymap.chords_[static_cast<std::size_t>(info->action)];
    chords.clear();
    for (const auto& key : keys) {
      const auto chord = key.is_string() ? chord_from_text(key.get_ref<const std::string&>()) : std::nullopt;
      if (!chord)
        return Error{fmt::format("{}: expected a key such as \"Ctrl+Z\", got {}: {}", name,
                                 key.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), file.string())};
      chords.push_back(*chord);
    }
  }
  for (const ActionInfo& a : actions)
    for (const ActionInfo& b : actions)
      for (const Chord& chord : keymap.chords_of(a.action))
        if (a.action < b.action &&
            std::ranges::find(keymap.chords_of(b.action), chord) != keymap.chords_of(b.action).end())
          return Error{
              fmt::format("{} is the key of both {} and {}: {}", text_of(chord), a.name, b.name, file.string())};
  return keymap;
}

std::optional<Action> Keymap::action_of(const Chord& chord) const {
  for (const ActionInfo& info : actions)
    if (std::ranges::find(chords_of(info.action), chord) != chords_of(info.action).end()) return info.action;
  return std::nullopt;
}

const std::vector<Chord>& Keymap::chords_of(Action action) const { return chords_[static_cast<std::size_t>(action)]; }

std::string Keymap::keys_text(Action action) const {
  std::string text;
  for (const Chord& chord : chords_of(action)) text += (text.empty() ? "" : ", ") + text_of(chord);
  return text;
}

}  // namespace sweepmark::editor
