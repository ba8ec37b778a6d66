// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/top_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

using editor::Action;

void draw_saving(Workspace& work) {
  const auto& document = work.session.document();
  ImU32 colour = IM_COL32(110, 215, 140, 255);
  std::string text = "Saved", more = document.file().string();
  if (const auto reason = document.read_only_reason()) {
    colour = IM_COL32(240, 140, 90, 255);
    text = "Read-only";
    more += "\n" + *reason;
  } else if (work.session.is_dragging()) {
    colour = IM_COL32(250, 210, 100, 255);
    text = "Changing ...";
  } else if (!document.exists_on_disk()) {
    colour = faint_text;
    text = "Nothing changed";
    more += "\nThe first edit makes this file.";
  } else {
    more +=
        fmt::format("\n{} edits since it was opened, each on disk before it is shown as saved", work.session.edits());
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddCircleFilled({at.x + 6, at.y + 13}, 4.5F, colour);
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 17);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(text.c_str());
  tooltip(more.c_str());
}

}  // namespace

void draw_top_bar(Workspace& work, const Area& area) {
  auto& session = work.session;
  begin_panel("top", area);
  const auto same_line = [](float gap = 4) { ImGui::SameLine(0, gap); };
  Fonts::push_bold();
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(session.scene().name.c_str());
  Fonts::pop();
  same_line(14);
  draw_saving(work);
  same_line(14);
  if (ImGui::Button("Undo")) work.run(Action::undo, false);
  tooltip(work.keymap.keys_text(Action::undo).c_str());
  same_line();
  if (ImGui::Button("Redo")) work.run(Action::redo, false);
  tooltip(work.keymap.keys_text(Action::redo).c_str());
  same_line();
  if (ImGui::Button("Export ...")) work.run(Action::export_labels, false);
  tooltip(
      fmt::format("{} ({})", editor::info_of(Action::export_labels).what, work.keymap.keys_text(Action::export_labels))
          .c_str());
  same_line(18);
  ImGui::SetNextItemWidth(118);
  const auto names = editor::colour_mode_names();
  const std::string current(editor::name_of(work.colour_mode));
  if (ImGui::BeginCombo("##colour", current.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (ImGui::Selectable(std::string(names[i]).c_str(), static_cast<std::size_t>(work.colour_mode) == i))
        work.colour_mode = static_cast<editor::ColourMode>(i);
    ImGui::EndCombo();
  }
  tooltip("What colours the points (C)");
  same_line();
  ImGui::SetNextItemWidth(78);
  ImGui::SliderFloat("##size", &work.point_size, 1, 8, "size %.1f");
  tooltip("Size of points (+ and -)");
  same_line();
  ImGui::SetNextItemWidth(104);
  int around = work.sweeps.frames_before;
  if (ImGui::SliderInt("##sweeps", &around, 0, 10, around == 0 ? "one sweep" : "+-%d frames"))
    work.sweeps.frames_before = work.sweeps.frames_after = around;
  tooltip("Sweeps of so many frames before and after, in the world frame ([ and ])");
  if (around > 0) {
    same_line();
    if (toggle_button("Align", work.sweeps.align_objects, "Points of moving objects where the objects are now"))
      work.sweeps.align_objects = !work.sweeps.align_objects;
  }
  same_line(18);
  const auto toggle = [&](const char* label, bool on, Action action) {
    if (toggle_button(label, on)) work.run(action, false);
    tooltip(fmt::format("{} ({})", editor::info_of(action).what, work.keymap.keys_text(action)).c_str());
    same_line();
  };
  toggle("Top", work.camera.birds_eye, Action::birds_eye);
  toggle("Follow", work.follow, Action::follow);
  toggle("Paths", work.trajectories, Action::trajectories);
  if (toggle_button("Names", work.show_labels, "Names beside the cuboids")) work.show_labels = !work.show_labels;
  same_line();
  toggle("Reset", false, Action::reset_view);
  if (ImGui::Button("Classes")) ImGui::OpenPopup("classes");
  tooltip("Show and hide classes");
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {10, 8});
  if (ImGui::BeginPopup("classes")) {
    for (const std::string& name : work.class_names()) {
      bool shown = !session.is_hidden(name);
      if (ImGui::Checkbox(name.c_str(), &shown)) session.hide_class(name, !shown);
    }
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  same_line();
  toggle("?", work.help, Action::help);
  ImGui::NewLine();
  ImGui::End();
}

void draw_message(Workspace& work, const Area& area) {
  const std::string& text = work.session.message();
  if (text.empty()) return;
  Fonts::push_bold();
  const float most = area.width - 80;
  const ImVec2 size = ImGui::CalcTextSize(text.c_str(), nullptr, false, most);
  Fonts::pop();
  ImGui::SetNextWindowPos({area.x + (area.width - size.x - 28) / 2, area.y + area.height - size.y - 40});
  ImGui::SetNextWindowSize({size.x + 28, size.y + 16});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, work.session.message_is_error() ? ImVec4(0.36F, 0.13F, 0.11F, 0.96F)
                                                                           : ImVec4(0.13F, 0.17F, 0.24F, 0.94F));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 6);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {14, 8});
  ImGui::Begin("message", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoInputs | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoSavedSettings);
  Fonts::push_bold();
  ImGui::PushTextWrapPos(most + 14);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  Fonts::pop();
  ImGui::End();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor();
}

void draw_help(Workspace& work, const Area& area) {
  if (!work.help) return;
  constexpr float wide = 1180, high = 480;
  const float w = std::min(wide, area.width - 20), h = std::min(high, area.height - 20);
  ImGui::SetNextWindowPos({area.x + (area.width - w) / 2, area.y + (area.height - h) / 2});
  ImGui::SetNextWindowSize({w, h});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {18, 14});
  ImGui::SetNextWindowFocus();
  ImGui::Begin("keys", &work.help,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  Fonts::push_bold();
  ImGui::Text("Keys and mouse");
  Fonts::pop();
  ImGui::SameLine();
  ImGui::TextDisabled(
      "  Main view: drag turns, right drag moves, wheel zooms to the mouse. Alt + drag moves the selected cuboid over "
      "the ground.");
  ImGui::Columns(3, "groups", false);
  Fonts::push_small();
  std::string_view group;
  int entries = 0;
  const int each = (static_cast<int>(editor::all_actions().size()) + 6 * 2) / 3 + 1;
  for (const auto& info : editor::all_actions()) {
    if (info.group != group) {
      if (entries > each - 4) {
        ImGui::NextColumn();
        entries = 0;
      }
      group = info.group;
      ImGui::Spacing();
      ImGui::TextColored({0.47F, 0.7F, 1, 1}, "%s", std::string(group).c_str());
      entries += 2;
    } else if (entries >= each) {
      ImGui::NextColumn();
      entries = 0;
    }
    ImGui::Text("%s", work.keymap.keys_text(info.action).c_str());
    ImGui::SameLine(120);
    ImGui::TextDisabled("%s", std::string(info.what).c_str());
    ++entries;
  }
  Fonts::pop();
  ImGui::Columns(1);
  ImGui::End();
  ImGui::PopStyleVar(2);
}

}  // namespace sweepmark::ui
