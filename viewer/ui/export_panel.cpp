// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/export_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "data/bad_row_text.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

const ImVec4 lost_colour{0.98F, 0.72F, 0.4F, 1}, kept_colour{0.47F, 0.86F, 0.56F, 1};

std::string name_of(Format format, const Scene& scene) {
  return fmt::format("{}{}", format_name(format), format == scene.format ? "  (as the dataset)" : "");
}

void draw_bullet(const std::string& text) {
  ImGui::Bullet();
  ImGui::SameLine(0, 6);
  ImGui::TextWrapped("%s", text.c_str());
}

void draw_differences(const Conversion& conversion) {
  ImGui::Text("%zu labels of %zu objects", conversion.label_count(), conversion.track_count());
  if (conversion.is_exact()) {
    ImGui::TextColored(kept_colour, "Nothing is lost, nothing is made up.");
    return;
  }
  if (!conversion.losses.empty()) ImGui::TextColored(lost_colour, "The format cannot hold:");
  for (const Loss& loss : conversion.losses) draw_bullet(loss.what);
  if (!conversion.inventions.empty())
    ImGui::TextColored(lost_colour, "The format needs what is not known, so it is made up:");
  for (const Invention& made_up : conversion.inventions) draw_bullet(made_up.what);
  if (conversion.left_out_rows.empty()) return;
  ImGui::TextColored(lost_colour, "Left out: %s", count_in_words(conversion.left_out_rows).c_str());
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(most, conversion.left_out_rows.size()); ++i)
    draw_bullet(in_words(conversion.left_out_rows[i]));
  if (conversion.left_out_rows.size() > most) draw_bullet("...");
}

}  // namespace

void ExportPanel::choose(const Workspace& work, Format format) {
  format_ = format;
  path_.fill(0);
  editor::default_export_path(work.session, format).string().copy(path_.data(), path_.size() - 1);
}

void ExportPanel::draw_target(Workspace& work, float wide) {
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted("Format");
  ImGui::SameLine(70);
  ImGui::SetNextItemWidth(wide - 70);
  const Scene& scene = work.session.scene();
  if (begin_list("##format", name_of(*format_, scene))) {
    for (const Format format : formats_) {
      if (ImGui::Selectable(name_of(format, scene).c_str(), format == *format_)) choose(work, format);
    }
    ImGui::EndCombo();
  }
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(scene_extension(*format_).empty() ? "Folder" : "File");
  ImGui::SameLine(70);
  ImGui::SetNextItemWidth(wide - 70);
  input_text("##path", "where to write it", path_);
}

void ExportPanel::draw_buttons(Workspace& work, const Conversion* conversion) {
  const bool can_write = conversion != nullptr && conversion->to == *format_ && !work.exporter.is_writing();
  ImGui::BeginDisabled(!can_write);
  const char* label = conversion != nullptr && !conversion->is_exact() ? "Export all the same" : "Export";
  if (ImGui::Button(label)) work.exporter.write(path_.data());
  ImGui::EndDisabled();
  ImGui::SameLine();
  if (ImGui::Button("Close")) work.exporting = false;
  if (work.exporter.is_writing()) {
    ImGui::SameLine();
    ImGui::TextDisabled("Writing ...");
  }
}

void ExportPanel::draw(Workspace& work, const Area& area) {
  if (const auto outcome = work.exporter.take_outcome()) {
    if (*outcome) {
      work.session.say(**outcome);
      work.exporting = false;
    } else {
      work.session.say(outcome->error().message, true);
    }
  }
  if (!work.exporting) {
    format_.reset();
    return;
  }
  if (!format_) {
    formats_ = target_formats(work.session.edited_scene());
    if (formats_.empty()) formats_.push_back(Format::sweepmark_json);
    choose(work, formats_.front());
  }
  work.exporter.prepare(work.session, *format_);
  const auto conversion = work.exporter.prepared();

  const float wide = std::min(640.0F, area.width - 20), high = std::min(400.0F, area.height - 20);
  ImGui::SetNextWindowPos({area.x + (area.width - wide) / 2, area.y + (area.height - high) / 2});
  ImGui::SetNextWindowSize({wide, high});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {18, 14});
  ImGui::Begin("export", &work.exporting,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  Fonts::push_bold();
  ImGui::TextUnformatted("Export the labels");
  Fonts::pop();
  draw_target(work, wide - 36);
  ImGui::Spacing();
  ImGui::BeginChild("differences", {0, ImGui::GetContentRegionAvail().y - ImGui::GetFrameHeightWithSpacing() - 4},
                    true);
  if (conversion == nullptr || conversion->to != *format_) {
    ImGui::TextDisabled("Looking at the labels ...");
  } else {
    draw_differences(*conversion);
  }
  ImGui::EndChild();
  draw_buttons(work, conversion.get());
  ImGui::End();
  ImGui::PopStyleVar(2);
}

}  // namespace sweepmark::ui
