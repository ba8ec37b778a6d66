// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/text_fit.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace sweepmark::ui {
namespace {

/// Less is a letter's soft border, in points.
constexpr float visible = 1;
constexpr ImWchar missing_glyph = 0xFFFD;

/// Letters one after the other on a line, as they are drawn.
struct Line {
  std::string text;
  ImRect box, clip;
  bool is_trimmed = false;  ///< a letter was cut by ImGui itself
};

std::vector<ImRect>& scrolling_fields() {
  static std::vector<ImRect> fields;  // of the frame that is being made
  return fields;
}

/// Which letter a place in the font's picture is.
using Letters = std::map<std::pair<float, float>, const ImFontGlyph*>;

Letters letters_of_fonts() {
  Letters letters;
  for (const ImFont* font : ImGui::GetIO().Fonts->Fonts)
    for (const ImFontGlyph& glyph : font->Glyphs)
      if (glyph.Visible) letters[{glyph.U0, glyph.V0}] = &glyph;
  return letters;
}

std::string utf8_of(ImWchar letter) {
  char text[5] = {};
  ImTextCharToUtf8(text, letter);
  return text;
}

/// The four corners of a letter are given to the drawing one after the other, as two triangles.
bool is_rectangle(const ImDrawIdx* i) {
  return i[1] == i[0] + 1 && i[2] == i[0] + 2 && i[3] == i[0] && i[4] == i[0] + 2 && i[5] == i[0] + 3;
}

std::vector<Line> lines_of(const ImDrawList& list, const Letters& letters) {
  std::vector<Line> lines;
  for (const ImDrawCmd& command : list.CmdBuffer) {
    const ImRect clip(command.ClipRect.x, command.ClipRect.y, command.ClipRect.z, command.ClipRect.w);
    const ImDrawIdx* indices = list.IdxBuffer.Data + command.IdxOffset;
    for (unsigned i = 0; i + 6 <= command.ElemCount; i += 3) {
      if (!is_rectangle(indices + i)) continue;
      const ImDrawVert* corner = list.VtxBuffer.Data + command.VtxOffset + indices[i];
      const auto letter = letters.find({corner[0].uv.x, corner[0].uv.y});
      if (letter == letters.end()) continue;
      i += 3;
      const ImRect box(corner[0].pos, corner[2].pos);
      const bool goes_on = !lines.empty() && lines.back().clip.Min.x == clip.Min.x &&
                           lines.back().clip.Max.x == clip.Max.x && box.Min.x >= lines.back().box.Max.x - 2 &&
                           box.Min.x <= lines.back().box.Max.x + 9 && box.Min.y < lines.back().box.Max.y + 4 &&
                           box.Max.y > lines.back().box.Min.y - 4;
      if (!goes_on) lines.push_back({{}, box, clip, false});
      Line& line = lines.back();
      if (goes_on && box.Min.x > line.box.Max.x + 2.5F) line.text += ' ';
      const ImFontGlyph& glyph = *letter->second;
      const float wide = (glyph.X1 - glyph.X0) * ImGui::GetIO().FontGlobalScale;
      line.is_trimmed |= box.GetWidth() < wide - visible;
      line.text += utf8_of(static_cast<ImWchar>(glyph.Codepoint));
      line.box.Add(box);
    }
  }
  return lines;
}

bool can_scroll(const ImGuiWindow& window) {
  return window.ScrollMax.y > 0 && (window.Flags & ImGuiWindowFlags_NoScrollbar) == 0;
}

bool is_in_scrolling_field(const Line& line) {
  return std::ranges::any_of(scrolling_fields(), [&](ImRect field) {
    field.Expand(visible);
    return field.Contains(line.box);  // ImGui has cut the letters to the field
  });
}

void look_at_lines(const ImGuiWindow& window, const std::vector<Line>& lines, std::set<std::string>& found) {
  for (const Line& line : lines) {
    if (line.text.find(utf8_of(missing_glyph)) != std::string::npos)
      found.insert(fmt::format("{}: \"{}\" has a sign that the font lacks", window.Name, line.text));
    if (is_in_scrolling_field(line)) continue;
    const bool beside = line.box.Min.x < line.clip.Min.x - visible || line.box.Max.x > line.clip.Max.x + visible;
    const bool below = line.box.Min.y < line.clip.Min.y - visible || line.box.Max.y > line.clip.Max.y + visible;
    if (line.is_trimmed || beside || (below && !can_scroll(window)))
      found.insert(fmt::format("{}: \"{}\" is cut", window.Name, line.text));
  }
}

/// Not in the views of the scene, where names stand over what they name.
void look_for_overlaps(const ImGuiWindow& window, const std::vector<Line>& lines, std::set<std::string>& found) {
  if ((window.Flags & ImGuiWindowFlags_NoBackground) != 0) return;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t k = i + 1; k < lines.size(); ++k) {
      ImRect both = lines[i].box;
      if (!both.Overlaps(lines[k].box)) continue;
      both.ClipWith(lines[k].box);
      both.ClipWith(lines[i].clip);
      both.ClipWith(lines[k].clip);
      if (both.GetWidth() > 2 && both.GetHeight() > 2)
        found.insert(
            fmt::format("{}: \"{}\" and \"{}\" are over each other", window.Name, lines[i].text, lines[k].text));
    }
  }
}

void look_at_content(const ImGuiWindow& window, std::set<std::string>& found) {
  const ImVec2 content{window.DC.CursorMaxPos.x - window.DC.CursorStartPos.x,
                       window.DC.CursorMaxPos.y - window.DC.CursorStartPos.y};
  const ImVec2 room{window.InnerRect.Max.x - window.DC.CursorStartPos.x - window.Scroll.x,
                    window.InnerRect.Max.y - window.DC.CursorStartPos.y - window.Scroll.y};
  if (content.x > room.x + visible)
    found.insert(
        fmt::format("{}: its content is {:.0f} points wide, there is room for {:.0f}", window.Name, content.x, room.x));
  if (content.y > room.y + visible && !can_scroll(window))
    found.insert(
        fmt::format("{}: its content is {:.0f} points high, there is room for {:.0f}", window.Name, content.y, room.y));
}

}  // namespace

std::vector<std::string> unreadable_texts() {
  const Letters letters = letters_of_fonts();
  std::set<std::string> found;
  for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
    if (!window->Active || window->Hidden || window->DrawList == nullptr) continue;
    const auto lines = lines_of(*window->DrawList, letters);
    look_at_lines(*window, lines, found);
    look_for_overlaps(*window, lines, found);
    look_at_content(*window, found);
  }
  return {found.begin(), found.end()};
}

void text_scrolls_here() {
  static int frame = -1;
  if (frame != ImGui::GetFrameCount()) scrolling_fields().clear();
  frame = ImGui::GetFrameCount();
  scrolling_fields().emplace_back(ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
}

}  // namespace sweepmark::ui
