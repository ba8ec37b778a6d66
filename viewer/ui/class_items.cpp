// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/class_items.h"

#include <fmt/format.h>
#include <imgui.h>

#include <array>

#include "viewer/ui/layout.h"

namespace sweepmark::ui {

void draw_class_items(Workspace& work, const std::string& current) {
  constexpr int with_keys = 9;
  int number = 0;
  for (const std::string& name : work.class_names()) {
    ++number;
    const std::string label = number <= with_keys ? fmt::format("{}   (Ctrl+{})###{}", name, number, name) : name;
    if (ImGui::Selectable(label.c_str(), name == current)) work.choose_class(name);
  }
  std::array<char, 128> typed{};
  ImGui::SetNextItemWidth(190);
  if (input_text("##new class", "another class, Enter", typed, ImGuiInputTextFlags_EnterReturnsTrue) &&
      work.choose_class(typed.data()))
    ImGui::CloseCurrentPopup();
  if (work.session.selected().empty()) return;
  ImGui::Checkbox("from this frame on", &work.class_from_here);
  tooltip("Off: the class that is chosen is the object's in all frames. On: in this frame and those after it");
}

}  // namespace sweepmark::ui
