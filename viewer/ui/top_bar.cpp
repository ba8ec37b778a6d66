// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/top_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "viewer/editor/comments.h"
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
  } else if (const auto& failure = work.session.write_failure()) {
    colour = IM_COL32(240, 100, 90, 255);
    text = "Not saved";
    more +=
        "\nThe last edit could not be written, so it has not happened:\n" + *failure + "\nThe next one tries again.";
  } else if (work.session.is_dragging() || work.image_editor.labels.has_pending()) {
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

void toggle(Workspace& work, const char* label, bool on, Action action) {
  if (toggle_button(label, on)) work.run(action, false);
  tooltip(fmt::format("{} ({})", editor::info_of(action).what, work.keymap.keys_text(action)).c_str());
  ImGui::SameLine(0, 4);
}

/// How points are shown, and from where.
void draw_point_controls(Workspace& work) {
  const auto same_line = [](float gap = 4) { ImGui::SameLine(0, gap); };
  const bool is_narrow = ImGui::GetContentRegionMax().x < 1220;
  ImGui::SetNextItemWidth(is_narrow ? 98 : 118);
  const auto names = editor::colour_mode_names();
  const std::string current(editor::name_of(work.colour_mode));
  if (begin_list("##colour", current)) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (ImGui::Selectable(std::string(names[i]).c_str(), static_cast<std::size_t>(work.colour_mode) == i))
        work.colour_mode = static_cast<editor::ColourMode>(i);
    ImGui::EndCombo();
  }
  tooltip("What colours the points (C)");
  same_line();
  ImGui::SetNextItemWidth(is_narrow ? 58 : 78);
  ImGui::SliderFloat("##size", &work.point_size, 1, 8, "size %.1f");
  tooltip("Size of points (+ and -)");
  same_line();
  ImGui::SetNextItemWidth(is_narrow ? 84 : 104);
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
  toggle(work, "Top", work.camera.birds_eye, Action::birds_eye);
  toggle(work, "Follow", work.follow, Action::follow);
  toggle(work, "Paths", work.trajectories, Action::trajectories);
  toggle(work, "Reset", false, Action::reset_view);
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
  same_line();
  const std::size_t open = editor::open_comments(session.document().labels());
  if (toggle_button(open == 0 ? "Comments" : fmt::format("Comments {}", open).c_str(), work.commenting))
    work.run(Action::comments, false);
  tooltip(
      fmt::format("{} ({})", editor::info_of(Action::comments).what, work.keymap.keys_text(Action::comments)).c_str());
  same_line(18);
  if (!work.session.scene().sweeps.empty()) draw_point_controls(work);
  if (toggle_button("Names", work.show_labels, "Names beside the objects")) work.show_labels = !work.show_labels;
  same_line();
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
  toggle(work, "?", work.help, Action::help);
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

namespace {

/// Actions of one heading: they stay together in one column.
struct KeyGroup {
  std::string_view name;
  std::vector<const editor::ActionInfo*> actions;
  std::size_t lines() const { return actions.size() + 2; }
};

std::vector<KeyGroup> key_groups() {
  std::vector<KeyGroup> groups;
  for (const auto& info : editor::all_actions()) {
    if (groups.empty() || groups.back().name != info.group) groups.push_back({info.group, {}});
    groups.back().actions.push_back(&info);
  }
  return groups;
}

void draw_group(const Workspace& work, const KeyGroup& group, float keys_wide) {
  ImGui::Spacing();
  ImGui::TextColored({0.47F, 0.7F, 1, 1}, "%s", std::string(group.name).c_str());
  for (const auto* info : group.actions) {
    ImGui::Text("%s", work.keymap.keys_text(info->action).c_str());
    ImGui::SameLine(keys_wide);
    ImGui::TextWrapped("%s", std::string(info->what).c_str());
  }
}

}  // namespace

void draw_help(Workspace& work, const Area& area) {
  if (!work.help) return;
  const auto groups = key_groups();
  std::size_t lines = 0;
  for (const KeyGroup& group : groups) lines += group.lines();
  constexpr float column_wide = 400, keys_wide = 145, margin = 18;
  const int columns = std::clamp(static_cast<int>((area.width - 60) / column_wide), 1, 4);
  const float wide = std::min(static_cast<float>(columns) * column_wide + 2 * margin, area.width - 20);
  // One group more than an even share may stand in a column; the rest scrolls where a window is very low.
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const auto each = (lines + static_cast<std::size_t>(columns) - 1) / static_cast<std::size_t>(columns) + 4;
  const float high = std::min(static_cast<float>(each) * line + 90, area.height - 20);
  ImGui::SetNextWindowPos({area.x + (area.width - wide) / 2, area.y + (area.height - high) / 2});
  ImGui::SetNextWindowSize({wide, high});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {margin, 14});
  ImGui::SetNextWindowFocus();
  ImGui::Begin("keys", &work.help,
               ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoCollapse |
                   ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  Fonts::push_bold();
  ImGui::Text("Keys and mouse");
  Fonts::pop();
  ImGui::PushTextWrapPos(0);
  ImGui::TextDisabled(
      "Main view: drag turns, right drag moves, wheel zooms to the mouse. Alt + drag moves the selected cuboid over "
      "the "
      "ground.");
  ImGui::PopTextWrapPos();
  Fonts::push_small();
  if (ImGui::BeginTable("groups", columns)) {
    ImGui::TableNextColumn();
    std::size_t in_column = 0;
    int column = 0;
    for (const KeyGroup& group : groups) {
      if (in_column > 0 && in_column + group.lines() / 2 > each - 4 && column + 1 < columns) {
        ImGui::TableNextColumn();
        ++column;
        in_column = 0;
      }
      draw_group(work, group, keys_wide);
      in_column += group.lines();
    }
    ImGui::EndTable();
  }
  Fonts::pop();
  ImGui::End();
  ImGui::PopStyleVar(2);
}

}  // namespace sweepmark::ui
