// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/layout.h"

#include <algorithm>

#include "viewer/ui/text_fit.h"

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

bool input_text(const char* label, const char* hint, std::span<char> text, ImGuiInputTextFlags flags) {
  const bool done = ImGui::InputTextWithHint(label, hint, text.data(), text.size(), flags);
  if (text[0] != 0) text_scrolls_here();
  return done;
}

bool begin_list(const char* label, const std::string& chosen) {
  const float room = ImGui::CalcItemWidth() - ImGui::GetFrameHeight() - 2 * ImGui::GetStyle().FramePadding.x;
  const std::string shown = shortened(chosen, room);
  const bool is_open = ImGui::BeginCombo(label, shown.c_str(), ImGuiComboFlags_HeightLarge);
  if (!is_open && shown != chosen) tooltip(chosen.c_str());
  return is_open;
}

namespace {

constexpr const char* more = "\u2026";

bool starts_letter(const std::string& text, std::size_t i) {
  return (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
}

}  // namespace

std::string shortened_id(const std::string& id, float width) {
  if (ImGui::CalcTextSize(id.c_str()).x <= width) return id;
  const float half = (width - ImGui::CalcTextSize(more).x) / 2;
  std::size_t front = 0, back = id.size();
  for (std::size_t i = 1; i < id.size(); ++i)
    if (starts_letter(id, i) && ImGui::CalcTextSize(id.c_str(), id.c_str() + i).x <= half) front = i;
  for (std::size_t i = id.size() - 1; i > front; --i)
    if (starts_letter(id, i) && ImGui::CalcTextSize(id.c_str() + i).x <= half) back = i;
  return id.substr(0, front) + more + id.substr(back);
}

std::string shortened(const std::string& text, float width) {
  if (ImGui::CalcTextSize(text.c_str()).x <= width) return text;
  const float room = width - ImGui::CalcTextSize(more).x;
  std::size_t fits = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (!starts_letter(text, i)) continue;
    if (ImGui::CalcTextSize(text.c_str(), text.c_str() + i).x > room) break;
    fits = i;
  }
  return text.substr(0, fits) + more;
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
