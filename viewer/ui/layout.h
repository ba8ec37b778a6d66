// SPDX-License-Identifier: Apache-2.0
//
// Where panels are, and small things that all of them draw.
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <vector>

#include "viewer/editor/scene_lines.h"
#include "viewer/render/screen.h"

namespace sweepmark::ui {

struct Area {
  float x = 0, y = 0, width = 0, height = 0;
};

/// The views that a frame shows, with their places.
using Placements = std::vector<render::Screen::Placed>;

/// Begins a panel that fills its area; always end it with ImGui::End(). \param on_top  it lies over another panel, and
/// has the mouse there
void begin_panel(const char* name, const Area& area, bool see_through = false, bool scrolls = false,
                 bool on_top = false);

/// A button that is lit while `on`. \return pressed
bool toggle_button(const char* label, bool on, const char* tooltip = nullptr);
/// A field that is typed in. \param hint  stands in it while it is empty \return Enter was pressed, or the text
/// changed: as the flags say
bool input_text(const char* label, const char* hint, std::span<char> text, ImGuiInputTextFlags flags = 0);
/// A list to open, with what is chosen in it; too long a text is shortened. Always end it with ImGui::EndCombo() when
/// it is open. \return it is open
bool begin_list(const char* label, const std::string& chosen);
/// As much of a text as fits, with "..." where it was cut.
std::string shortened(const std::string& text, float width);
/// The same of ids, cut in the middle: those of a dataset often differ at their ends only.
std::string shortened_id(const std::string& id, float width);
/// Help for the item before it.
void tooltip(const char* text);

inline ImU32 packed(editor::Rgba colour) { return colour; }  // both have red in the lowest byte
constexpr ImU32 faint_text = IM_COL32(133, 144, 162, 255);
constexpr ImU32 bright_text = IM_COL32(221, 227, 236, 255);

/// A filled or hollow diamond: a keyframe, or what lies between.
void draw_diamond(ImDrawList* list, ImVec2 center, float radius, ImU32 colour, bool filled);
/// Text on a dark plate, so that it reads on any picture.
void draw_plate(ImDrawList* list, ImVec2 at, const std::string& text, ImU32 colour = bright_text);

}  // namespace sweepmark::ui
