// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/image_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "tracking/attributes_at.h"
#include "tracking/provenance.h"
#include "tracking/review.h"
#include "viewer/editor/region_edits.h"
#include "viewer/ui/class_items.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {

void ImagePanel::draw(Workspace& work, const Area& area) {
  begin_panel("selected in image", area, false, true);
  const ImageTrack* found = work.image_editor.labels.selected_track(work.shown_camera());
  if (found == nullptr) {
    draw_nothing_selected(work);
  } else {
    const ImageTrack track = *found;  // an edit may move it
    draw_header(work, track);
    draw_state(work, track);
    ImGui::Separator();
    draw_attributes(work, track);
    draw_keys_of_tool(work);
  }
  ImGui::End();
}

void ImagePanel::draw_keys_of_tool(const Workspace& work) {
  const auto& tool = editor::image_tools()[work.image_editor.tool()];
  ImGui::Spacing();
  ImGui::Separator();
  ImGui::PushTextWrapPos(0);
  ImGui::TextDisabled("%s: %s.", std::string(tool.name).c_str(), std::string(tool.keys).c_str());
  ImGui::PopTextWrapPos();
}

void ImagePanel::draw_nothing_selected(Workspace& work) {
  typed_for_.clear();
  Fonts::push_bold();
  ImGui::Text("Nothing is selected");
  Fonts::pop();
  ImGui::PushTextWrapPos(0);
  ImGui::TextDisabled("Click on an object, or make a new one:");
  ImGui::Spacing();
  ImGui::SetNextItemWidth(-1);
  if (begin_list("##class", "Class: " + work.new_class)) {
    draw_class_items(work, work.new_class);
    ImGui::EndCombo();
  }
  ImGui::Spacing();
  const auto tools = editor::image_tools();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    ImGui::Text("%s", std::string(tools[i].name).c_str());
    ImGui::TextDisabled("%s.", std::string(tools[i].what).c_str());
    // Its keys while it is on: all at once are more than anyone reads.
    if (i == work.image_editor.tool()) ImGui::TextDisabled("%s.", std::string(tools[i].keys).c_str());
    ImGui::Spacing();
  }
  ImGui::TextDisabled(
      "N draws again with the last tool. The right and the middle button move the image, the wheel "
      "zooms. F1 shows all keys.");
  ImGui::PopTextWrapPos();
}

void ImagePanel::draw_header(Workspace& work, const ImageTrack& track) {
  if (typed_for_ != track.id) {
    typed_for_ = track.id;
    id_.fill(0);
    track.id.copy(id_.data(), id_.size() - 1);
  }
  const float wide = ImGui::GetContentRegionAvail().x;
  ImGui::SetNextItemWidth(wide * 0.52F);
  const std::string class_here = work.session.class_of(track);
  if (begin_list("##class", class_here)) {
    draw_class_items(work, class_here);
    ImGui::EndCombo();
  }
  ImGui::SameLine(0, 4);
  const float done_wide = ImGui::CalcTextSize("Done").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SetNextItemWidth(wide * 0.48F - done_wide - 8);
  if (input_text("##id", "id", id_, ImGuiInputTextFlags_EnterReturnsTrue)) work.session.rename(id_.data());
  tooltip("Object id: type another and press Enter");
  ImGui::SameLine(0, 4);
  const std::string attribute(review::reviewed);
  const bool reviewed = track.attributes.contains(attribute);
  if (toggle_button("Done", reviewed, "Reviewed"))
    work.session.set_attribute(attribute, reviewed ? std::string() : work.session.author());
}

void ImagePanel::draw_state(Workspace& work, const ImageTrack& track) {
  auto& editor = work.image_editor;
  const auto& canvas = editor.canvas();
  if (!canvas) {
    ImGui::TextDisabled("The image is not there.");
    return;
  }
  const auto now = editor.labels.selected(canvas->camera, canvas->time);
  const auto here = std::ranges::find(track.keyframes, canvas->time, &ImageKeyframe::timestamp);
  const bool is_persons = here != track.keyframes.end() && are_set_by_person(here->attributes);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (now) draw_diamond(ImGui::GetWindowDrawList(), {at.x + 6, at.y + 12}, 5, bright_text, is_persons);
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 18);
  ImGui::AlignTextToFramePadding();
  if (!now) {
    ImGui::TextDisabled("Not seen in this image");
  } else if (here != track.keyframes.end() && !is_persons) {
    const Provenance by = provenance_of(here->attributes);
    ImGui::Text("%s", by.score ? fmt::format("{} ({:.2f})", by.what, *by.score).c_str() : by.what.c_str());
  } else {
    ImGui::Text("%s", editor.labels.has_pending() ? "being changed" : is_persons ? "keyframe" : "interpolated");
  }
  ImGui::SameLine();
  if (toggle_button("K", is_persons, "Keyframe here, or not; confirms what a program set (K)"))
    work.run(editor::Action::keyframe, false);
  ImGui::SameLine(0, 3);
  if (ImGui::Button("O")) work.run(editor::Action::absence, false);
  tooltip("Not seen from here to its next keyframe, or seen again (O)");
  ImGui::SameLine(0, 3);
  if (ImGui::Button("Copy >")) work.run(editor::Action::copy_forwards, false);
  tooltip("As it is here, in the next image (Alt+Right)");
  if (now) {
    draw_facts(*now->value);
    draw_region_actions(work, *now->value);
    draw_joints(work, track, *now->value);
  }
}

void ImagePanel::draw_facts(const ImageValue& value) {
  constexpr double degrees = 180 / std::numbers::pi;
  if (const auto& box = value.box) {
    std::string text =
        fmt::format("Box {:.1f} x {:.1f} at {:.1f}, {:.1f}", box->width(), box->height(), box->left, box->top);
    if (box->rotation != 0) text += fmt::format(", turned by {:.1f} deg", box->rotation * degrees);
    ImGui::TextDisabled("%s", shortened(text, ImGui::GetContentRegionAvail().x).c_str());
  }
  if (const auto& polygon = value.polygon) {
    std::size_t vertices = 0;
    for (const Ring& ring : polygon->rings) vertices += ring.vertices.size();
    ImGui::TextDisabled("%s", fmt::format("Outline: {} rings, {} vertices, {:.0f} px", polygon->rings.size(), vertices,
                                          std::abs(area(*polygon)))
                                  .c_str());
  }
  if (value.mask) ImGui::TextDisabled("%s", fmt::format("Mask: {} px", area(*value.mask)).c_str());
}

namespace {

/// On the line of the one before where there is room.
bool wrapped_button(std::string_view name, std::string_view help) {
  const std::string label(name);
  const float wide = ImGui::CalcTextSize(label.c_str()).x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SameLine(0, 3);
  if (ImGui::GetContentRegionAvail().x < wide) ImGui::NewLine();
  const bool is_pressed = ImGui::SmallButton(label.c_str());
  tooltip(std::string(help).c_str());
  return is_pressed;
}

}  // namespace

void ImagePanel::draw_region_actions(Workspace& work, const ImageValue& value) {
  if (!editor::has_region(value)) return;
  auto& labels = work.image_editor.labels;
  const editor::ImageCanvas canvas = *work.image_editor.canvas();
  ImGui::Dummy({0, 0});
  for (const editor::RegionAction& action : editor::region_actions()) {
    if ((value.mask ? action.of_mask : action.of_outline) == nullptr) continue;
    if (wrapped_button(action.name, action.what)) labels.change_region(canvas, action);
  }
  if (wrapped_button("No overlap", "What other masks and outlines of this image cover is cut away"))
    labels.cut_away_overlaps(canvas);
  if (value.mask) {
    if (wrapped_button("To outline", "All keyframes: masks become outlines, within a pixel of their edges"))
      labels.turn_into_outlines(canvas);
  } else if (wrapped_button("To mask", "All keyframes: outlines become the masks of their pixels")) {
    labels.turn_into_masks(canvas);
  }
  if (wrapped_button("Join ...", "Click on the object that becomes a part of this one (M)"))
    work.run(editor::Action::merge, false);
}

void ImagePanel::draw_joints(Workspace& work, const ImageTrack& track, const ImageValue& value) {
  if (!value.skeleton) return;
  const ClassDefinition* known = find_class(work.ontology, work.session.class_of(track));
  const SkeletonDefinition* skeleton = known != nullptr ? find_skeleton(work.ontology, known->skeleton) : nullptr;
  constexpr const char* states[] = {"not there", "hidden", "seen"};
  ImGui::BeginChild(
      "joints",
      {0,
       std::min(220.0F, ImGui::GetFrameHeightWithSpacing() * static_cast<float>(value.skeleton->points.size()) + 4)});
  for (std::size_t i = 0; i < value.skeleton->points.size(); ++i) {
    ImGui::PushID(static_cast<int>(i));
    const std::string name =
        skeleton != nullptr && i < skeleton->points.size() ? skeleton->points[i] : fmt::format("joint {}", i + 1);
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("%s", shortened(name, 116).c_str());
    ImGui::SameLine(124);
    ImGui::SetNextItemWidth(-1);
    const auto state = static_cast<std::size_t>(value.skeleton->points[i].visibility);
    if (begin_list("##state", states[state])) {
      for (std::size_t s = 0; s < 3; ++s)
        if (ImGui::Selectable(states[s], s == state) && work.image_editor.canvas()) {
          Skeleton joints = *value.skeleton;
          joints.points[i].visibility = static_cast<Visibility>(s);
          ImageValue changed = value;
          changed.skeleton = std::move(joints);
          work.image_editor.labels.set_value(*work.image_editor.canvas(), track.id, changed, "visibility");
        }
      ImGui::EndCombo();
    }
    ImGui::PopID();
  }
  ImGui::EndChild();
}

void ImagePanel::draw_attributes(Workspace& work, const ImageTrack& track) {
  auto& labels = work.image_editor.labels;
  const auto& canvas = work.image_editor.canvas();
  const TimestampNs time = canvas ? canvas->time : work.session.time();
  const ClassDefinition* known = find_class(work.ontology, class_at(track, time));
  Attributes others = other_attributes(known, track.attributes);
  others.erase(std::string(review::reviewed));
  const SetAttribute set = [&](const std::string& name, const std::string& value) {
    return work.session.set_attribute(name, value);
  };
  const SetAttribute set_from_here = [&](const std::string& name, const std::string& value) {
    return canvas ? labels.set_attribute_here(*canvas, name, value) : work.session.set_attribute(name, value);
  };
  draw_defined_attributes(known, track.attributes, attributes_at(track, time), set, set_from_here);
  ImGui::TextDisabled("Other attributes");
  other_attributes_.draw(others, set);
}

}  // namespace sweepmark::ui
