// SPDX-License-Identifier: Apache-2.0
//
// Where panels are, and small things that all of them draw.
#pragma once

#include <imgui.h>

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
