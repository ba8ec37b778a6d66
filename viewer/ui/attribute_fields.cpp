// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/attribute_fields.h"

#include <imgui.h>

#include <array>

#include "viewer/ui/layout.h"

namespace sweepmark::ui {

std::optional<std::string> draw_defined_attribute(const AttributeDefinition& definition, const std::string& value) {
  std::optional<std::string> set;
  ImGui::PushID(definition.name.c_str());
  ImGui::AlignTextToFramePadding();
  ImGui::TextDisabled("%s", shortened(definition.name, 98).c_str());
  if (definition.changes_over_time) tooltip("From this frame on, until a keyframe says something else");
  ImGui::SameLine(110);
  ImGui::SetNextItemWidth(-1);
  if (definition.kind == AttributeKind::flag) {
    bool on = value == "true";
    if (ImGui::Checkbox("##flag", &on)) set = on ? "true" : "false";
  } else if (definition.kind == AttributeKind::choice) {
    if (begin_list("##choice", value)) {
      for (const std::string& choice : definition.choices)
        if (ImGui::Selectable(choice.c_str(), choice == value)) set = choice;
      ImGui::EndCombo();
    }
  } else {
    std::array<char, 128> text{};
    value.copy(text.data(), text.size() - 1);
    ImGuiInputTextFlags flags = ImGuiInputTextFlags_EnterReturnsTrue;
    if (definition.kind == AttributeKind::number) flags |= ImGuiInputTextFlags_CharsScientific;
    if (input_text("##text", "value", text, flags)) set = text.data();
  }
  ImGui::PopID();
  return set;
}

}  // namespace sweepmark::ui
