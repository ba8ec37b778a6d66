// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/bad_row_list.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "data/bad_row_text.h"
#include "viewer/ui/layout.h"

namespace sweepmark::ui {

namespace {}  // namespace

void draw_bad_rows(Workspace& work) {
  // Edits do not make them right: they are the dataset's.
  const Scene& scene = work.session.scene();
  const std::vector<BadRow>& rows = scene.labels.bad_rows;
  if (rows.empty()) return;
  ImGui::PushStyleColor(ImGuiCol_Text, IM_COL32(250, 184, 102, 255));
  const std::string title =
      fmt::format("{} wrong {} of the dataset###bad rows", rows.size(), rows.size() == 1 ? "row" : "rows");
  const bool is_open = ImGui::TreeNode(title.c_str());
  ImGui::PopStyleColor();
  tooltip("Rows that are wrong by themselves. They are kept in the dataset and are no labels here.");
  if (!is_open) return;
  constexpr std::size_t most_lines = 6;
  const float high = ImGui::GetTextLineHeightWithSpacing() * static_cast<float>(std::min(rows.size(), most_lines));
  ImGui::BeginChild("bad rows", {0, high + 4});
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(rows.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const BadRow& row = rows[static_cast<std::size_t>(i)];
      const std::string name = row.object.empty() ? "" : " of " + row.object;
      const std::string line = fmt::format("{}{}, {}##{}", kind_name(row.kind), name, row.place, i);
      if (ImGui::Selectable(line.c_str()))
        work.session.go_to(static_cast<std::int64_t>(editor::frame_nearest(scene, row.timestamp)));
      tooltip(in_words(row).c_str());
    }
  }
  ImGui::EndChild();
  ImGui::TreePop();
}

}  // namespace sweepmark::ui
