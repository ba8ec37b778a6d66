// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/attribute_fields.h"

#include <imgui.h>

#include <array>
#include <optional>

#include "viewer/ui/layout.h"

namespace sweepmark::ui {
namespace {

constexpr float name_width = 98, field_left = 110;

void draw_name(const std::string& name) {
  ImGui::AlignTextToFramePadding();
  ImGui::TextDisabled("%s", shortened(name, name_width).c_str());
}

/// \return what it was set to
std::optional<std::string> draw_text(const char* label, const std::string& value, ImGuiInputTextFlags flags) {
  std::array<char, 128> text{};
  value.copy(text.data(), text.size() - 1);
  if (!input_text(label, "value", text, flags | ImGuiInputTextFlags_EnterReturnsTrue)) return std::nullopt;
  return text.data();
}

std::optional<std::string> draw_defined_attribute(const AttributeDefinition& definition, const std::string& value) {
  std::optional<std::string> set;
  ImGui::PushID(definition.name.c_str());
  draw_name(definition.name);
  if (definition.changes_over_time) tooltip("From this frame on, until a keyframe says something else");
  ImGui::SameLine(field_left);
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
    set =
        draw_text("##text", value, definition.kind == AttributeKind::number ? ImGuiInputTextFlags_CharsScientific : 0);
  }
  ImGui::PopID();
  return set;
}

}  // namespace

void draw_defined_attributes(const ClassDefinition* known, const Attributes& of_object, const Attributes& here,
                             const SetAttribute& set, const SetAttribute& set_from_here) {
  if (known == nullptr) return;
  struct Edited {
    std::string name, value;
    bool from_here;
  };
  std::optional<Edited> edited;  // set after the loop: setting one changes what the loop reads
  for (const AttributeDefinition& definition : known->attributes) {
    const bool changes = definition.changes_over_time;
    // Older labels have it of the whole object.
    const Attributes& from = changes && here.contains(definition.name) ? here : of_object;
    const auto now = from.find(definition.name);
    const std::string& value = now != from.end() ? now->second : definition.default_value;
    if (auto changed = draw_defined_attribute(definition, value))
      edited = Edited{definition.name, *std::move(changed), changes};
  }
  if (edited) (edited->from_here ? set_from_here : set)(edited->name, edited->value);
}

Attributes other_attributes(const ClassDefinition* known, Attributes of_object) {
  if (known != nullptr)
    for (const AttributeDefinition& definition : known->attributes) of_object.erase(definition.name);
  return of_object;
}

void OtherAttributeFields::draw(const Attributes& others, const SetAttribute& set) {
  for (const auto& [name, value] : others) {
    ImGui::PushID(name.c_str());
    draw_name(name);
    ImGui::SameLine(field_left);
    ImGui::SetNextItemWidth(-1);
    if (const auto changed = draw_text("##value", value, 0)) set(name, *changed);
    ImGui::PopID();
  }
  ImGui::SetNextItemWidth(name_width);
  input_text("##name", "name", name_);
  ImGui::SameLine(field_left);
  ImGui::SetNextItemWidth(-1);
  if (input_text("##new", "value, Enter", value_, ImGuiInputTextFlags_EnterReturnsTrue) &&
      set(name_.data(), value_.data())) {
    name_.fill(0);
    value_.fill(0);
  }
}

}  // namespace sweepmark::ui
