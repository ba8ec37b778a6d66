// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/script.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "data/formats/text.h"
#include "viewer/editor/keymap.h"

namespace sweepmark::editor {
namespace {

constexpr std::array<std::string_view, 3> button_names{"left", "right", "middle"};

/// The words of one line, taken one after the other.
class Words {
 public:
  explicit Words(const std::string& line) {
    std::istringstream stream(line);
    words_.assign(std::istream_iterator<std::string>(stream), {});
  }
  bool empty() const { return next_ == words_.size(); }
  std::string take() { return empty() ? std::string() : words_[next_++]; }
  std::optional<double> number() {
    double value = 0;
    if (empty() || !parse_number(words_[next_], value)) return std::nullopt;
    ++next_;
    return value;
  }
  std::optional<Button> button() {
    for (std::size_t i = 0; i < button_names.size(); ++i)
      if (!empty() && words_[next_] == button_names[i]) {
        ++next_;
        return static_cast<Button>(i);
      }
    return std::nullopt;
  }
  Modifiers modifiers() {
    Modifiers with;
    for (; !empty(); ++next_) {
      if (words_[next_] == "ctrl") {
        with.ctrl = true;
      } else if (words_[next_] == "shift") {
        with.shift = true;
      } else if (words_[next_] == "alt") {
        with.alt = true;
      } else {
        break;
      }
    }
    return with;
  }

 private:
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

void add_click(std::vector<ScriptStep>& steps, double x, double y, Button button, Modifiers with) {
  steps.emplace_back(MouseMove{x, y});
  steps.emplace_back(MouseButton{button, true, with});
  steps.emplace_back(MouseButton{button, false, with});
}

void add_drag(std::vector<ScriptStep>& steps, const std::array<double, 4>& at, Button button, Modifiers with) {
  constexpr int parts = 8;
  steps.emplace_back(MouseMove{at[0], at[1]});
  steps.emplace_back(MouseButton{button, true, with});
  for (int i = 1; i <= parts; ++i)
    steps.emplace_back(MouseMove{at[0] + (at[2] - at[0]) * i / parts, at[1] + (at[3] - at[1]) * i / parts});
  steps.emplace_back(MouseButton{button, false, with});
}

/// \return false where the line is not a step
bool add_line(const std::string& line, std::vector<ScriptStep>& steps) {
  Words words(line);
  const std::string verb = words.take();
  if (verb == "text" || verb == "screenshot" || verb == "class" || verb == "class-here") {
    const auto start = line.find(verb) + verb.size();
    const auto first = line.find_first_not_of(" \t", start);
    if (first == std::string::npos) return false;
    const std::string rest = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
    if (verb == "text") {
      steps.emplace_back(TextInput{rest});
    } else if (verb != "screenshot") {
      steps.emplace_back(ChooseClass{rest, verb == "class-here"});
    } else {
      steps.emplace_back(Screenshot{rest});
    }
    return true;
  }
  if (verb == "press" || verb == "release") {
    const auto button = words.button();
    if (!button) return false;
    steps.emplace_back(MouseButton{*button, verb == "press", words.modifiers()});
    return words.empty();
  }
  if (verb == "key" || verb == "hold" || verb == "let") {
    const auto chord = chord_from_text(words.take());
    if (!chord) return false;
    if (verb != "let") steps.emplace_back(KeyPress{chord->key, true, chord->with});
    if (verb != "hold") steps.emplace_back(KeyPress{chord->key, false, chord->with});
    return words.empty();
  }
  if (verb == "export") {
    Export step{words.take(), words.take(), false};
    if (step.out.empty()) return false;
    step.lossy = !words.empty() && words.take() == "lossy";
    steps.emplace_back(step);
    return words.empty();
  }
  if (verb == "settle") {
    steps.emplace_back(Settle{});
    return words.empty();
  }
  if (verb == "texts") {
    steps.emplace_back(CheckTexts{});
    return words.empty();
  }
  std::array<double, 4> n{};
  const std::size_t wanted = verb == "drag" ? 4 : verb == "wheel" || verb == "wait" ? 1 : 2;
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto number = words.number();
    if (!number) return false;
    n[i] = *number;
  }
  if (verb == "size") {
    if (!(n[0] >= 200 && n[1] >= 200 && n[0] <= 8192 && n[1] <= 8192)) return false;
    steps.emplace_back(WindowSize{static_cast<int>(n[0]), static_cast<int>(n[1])});
  } else if (verb == "move") {
    steps.emplace_back(MouseMove{n[0], n[1]});
  } else if (verb == "wheel") {
    steps.emplace_back(MouseWheel{n[0], words.modifiers()});
  } else if (verb == "wait") {
    if (!(n[0] >= 0 && n[0] <= 3600)) return false;
    steps.emplace_back(Wait{n[0]});
  } else if (verb == "click" || verb == "double") {
    const Button button = words.button().value_or(Button::left);
    const Modifiers with = words.modifiers();
    add_click(steps, n[0], n[1], button, with);
    if (verb == "double") add_click(steps, n[0], n[1], button, with);
  } else if (verb == "drag") {
    const Button button = words.button().value_or(Button::left);
    add_drag(steps, n, button, words.modifiers());
  } else {
    return false;
  }
  return words.empty();
}

std::string text_of(Modifiers with) {
  return fmt::format("{}{}{}", with.ctrl ? " ctrl" : "", with.shift ? " shift" : "", with.alt ? " alt" : "");
}

struct LineOf {
  std::string operator()(const MouseMove& e) const { return fmt::format("move {:.6g} {:.6g}", e.x, e.y); }
  std::string operator()(const MouseButton& e) const {
    return fmt::format("{} {}{}", e.pressed ? "press" : "release", button_names[static_cast<std::size_t>(e.button)],
                       text_of(e.with));
  }
  std::string operator()(const MouseWheel& e) const { return fmt::format("wheel {:.6g}{}", e.steps, text_of(e.with)); }
  std::string operator()(const KeyPress& e) const {
    return fmt::format("{} {}", e.pressed ? "hold" : "let", editor::text_of(Chord{e.key, e.with}));
  }
  std::string operator()(const TextInput& e) const { return fmt::format("text {}", e.utf8); }
  std::string operator()(const WindowSize& e) const { return fmt::format("size {} {}", e.width, e.height); }
  std::string operator()(const InputEvent& e) const { return std::visit(*this, e); }
  std::string operator()(const Wait& e) const { return fmt::format("wait {:.3f}", e.seconds); }
  std::string operator()(const Settle&) const { return "settle"; }
  std::string operator()(const CheckTexts&) const { return "texts"; }
  std::string operator()(const Screenshot& e) const { return fmt::format("screenshot {}", e.file); }
  std::string operator()(const ChooseClass& e) const {
    return fmt::format("class{} {}", e.from_here ? "-here" : "", e.name);
  }
  std::string operator()(const Export& e) const {
    return fmt::format("export {} {}{}", e.format, e.out, e.lossy ? " lossy" : "");
  }
};

}  // namespace

Result<std::vector<ScriptStep>> parse_script(const std::string& text, const std::string& name) {
  std::vector<ScriptStep> steps;
  std::istringstream stream(text);
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    if (!add_line(line, steps))
      return Error{fmt::format("line {}: expected a step such as \"click 800 450\", got \"{}\": {}", number,
                               line.substr(0, 80), name)};
  }
  return steps;
}

Result<std::vector<ScriptStep>> read_script(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{fmt::format("cannot be read: {}", file.string())};
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_script(text, file.string());
}

std::string line_of(const ScriptStep& step) { return std::visit(LineOf{}, step); }

}  // namespace sweepmark::editor
