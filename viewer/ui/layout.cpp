// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/layout.h"

namespace sweepmark::ui {

void begin_panel(const char* name, const Area& area, bool see_through, bool scrolls, bool on_top) {
  ImGui::SetNextWindowPos({area.x, area.y});
  ImGui::SetNextWindowSize({area.width, area.height});
  ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                           ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav;
  if (see_through) flags |= ImGuiWindowFlags_NoBackground;
  // ImGui puts windows with that flag behind those that are there already.
  if (on_top) flags &= ~ImGuiWindowFlags_NoBringToFrontOnFocus;
  if (scrolls) {
    flags &= ~ImGuiWindowFlags_NoScrollbar;
  } else {
    flags |= ImGuiWindowFlags_NoScrollWithMouse;
  }
  if (see_through) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin(name, nullptr, flags);
  if (see_through) ImGui::PopStyleVar();
}

bool toggle_button(const char* label, bool on, const char* text) {
  if (on) {
    ImGui::PushStyleColor(ImGuiCol_Button, ImVec4(0.19F, 0.38F, 0.72F, 1));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImVec4(0.24F, 0.45F, 0.82F, 1));
  }
  const bool pressed = ImGui::Button(label);
  if (on) ImGui::PopStyleColor(2);
  if (text != nullptr) tooltip(text);
  return pressed;
}

void tooltip(const char* text) {
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", text);
}

void draw_diamond(ImDrawList* list, ImVec2 c, float r, ImU32 colour, bool filled) {
  const ImVec2 corners[] = {{c.x, c.y - r}, {c.x + r, c.y}, {c.x, c.y + r}, {c.x - r, c.y}};
  if (filled) {
    list->AddConvexPolyFilled(corners, 4, colour);
  } else {
    list->AddPolyline(corners, 4, colour, ImDrawFlags_Closed, 1.3F);
  }
}

void draw_plate(ImDrawList* list, ImVec2 at, const std::string& text, ImU32 colour) {
  const ImVec2 size = ImGui::CalcTextSize(text.c_str());
  list->AddRectFilled({at.x - 5, at.y - 2}, {at.x + size.x + 5, at.y + size.y + 3}, IM_COL32(15, 18, 24, 205), 4);
  list->AddText(at, colour, text.c_str());
}

}  // namespace sweepmark::ui
