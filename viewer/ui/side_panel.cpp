// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/side_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"
#include "tracking/attributes_at.h"
#include "tracking/interpolation_mode.h"
#include "tracking/provenance.h"
#include "viewer/editor/near_points.h"
#include "viewer/ui/class_items.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

using editor::Action;
using editor::Handle;
using editor::Side;

constexpr double degrees = 180 / std::numbers::pi;
constexpr const char* side_names[] = {"top", "right", "rear"};

/// Edges that belong to a handle: 0 left, 1 right, 2 top, 3 bottom.
std::array<bool, 4> edges_of(const Handle& handle, Side side) {
  const auto axes = editor::axes_of(side);
  std::array<bool, 4> lit{};
  const auto light = [&](editor::Face face) {
    if (face.axis == axes.right.axis) lit[face.sign == axes.right.sign ? 1 : 0] = true;
    if (face.axis == axes.up.axis) lit[face.sign == axes.up.sign ? 2 : 3] = true;
  };
  if (handle.kind == Handle::Kind::edge || handle.kind == Handle::Kind::corner) light(handle.first);
  if (handle.kind == Handle::Kind::corner) light(handle.second);
  return lit;
}

void bullet(const char* text) {
  ImGui::Bullet();
  ImGui::SameLine(0, 4);
  ImGui::TextWrapped("%s", text);
}

}  // namespace

std::optional<SideEditor::Change> SideEditor::take_mouse(const editor::SideView& view, const Cuboid& local, double x,
                                                         double y, bool hovered) {
  const ImGuiIO& io = ImGui::GetIO();
  if (!dragging_) {
    hovered_ = hovered ? view.handle_at(local, x, y) : std::nullopt;
    if (hovered_ && ImGui::IsMouseClicked(0)) {
      if (ImGui::IsMouseDoubleClicked(0)) return Change{local, true, false, hovered_};
      dragging_ = Dragging{*hovered_, local, x, y, false};
    }
    return std::nullopt;
  }
  if (std::hypot(x - dragging_->x, y - dragging_->y) > 1.5) dragging_->moved = true;
  Change change{dragging_->before, false, io.KeyCtrl, std::nullopt};
  if (dragging_->moved)
    change.cuboid = view.drag(dragging_->before, dragging_->handle, dragging_->x, dragging_->y, x, y, io.KeyShift);
  if (!ImGui::IsMouseDown(0)) {
    change.ended = true;
    const bool moved = dragging_->moved;
    dragging_.reset();
    if (!moved) return std::nullopt;
  }
  if (dragging_ && !dragging_->moved) return std::nullopt;
  return change;
}

void SideEditor::draw_handles(ImDrawList* list, const Area& area, const editor::SideView& view,
                              const Cuboid& local) const {
  const auto o = view.outline(local);
  const auto handle = dragging_ ? std::optional(dragging_->handle) : hovered_;
  const auto at = [&](double x, double y) {
    return ImVec2{area.x + static_cast<float>(x), area.y + static_cast<float>(y)};
  };
  const auto lit = handle ? edges_of(*handle, view.side) : std::array<bool, 4>{};
  constexpr ImU32 glow = IM_COL32(120, 180, 255, 255);
  if (lit[0]) list->AddLine(at(o.left, o.top), at(o.left, o.bottom), glow, 3);
  if (lit[1]) list->AddLine(at(o.right, o.top), at(o.right, o.bottom), glow, 3);
  if (lit[2]) list->AddLine(at(o.left, o.top), at(o.right, o.top), glow, 3);
  if (lit[3]) list->AddLine(at(o.left, o.bottom), at(o.right, o.bottom), glow, 3);
  if (handle && handle->kind == Handle::Kind::inside)
    list->AddRectFilled(at(o.left, o.top), at(o.right, o.bottom), IM_COL32(120, 180, 255, 28));
  for (const double x : {o.left, o.right})
    for (const double y : {o.top, o.bottom})
      list->AddRectFilled(at(x - 3, y - 3), at(x + 3, y + 3), IM_COL32(255, 255, 255, 220), 1);
  const bool turning = handle && handle->kind == Handle::Kind::turn;
  list->AddLine(at((o.left + o.right) / 2, o.top), at(o.knob_x, o.knob_y), IM_COL32(255, 255, 255, 120), 1);
  list->AddCircleFilled(at(o.knob_x, o.knob_y), turning ? 6.5F : 5, turning ? glow : IM_COL32(255, 255, 255, 220));
}

void SidePanel::draw(Workspace& work, const Area& area, Placements& views) {
  auto& session = work.session;
  if (!session.selected_track()) {
    begin_panel("selected", area);
    Fonts::push_bold();
    ImGui::Text("Nothing is selected");
    Fonts::pop();
    ImGui::PushTextWrapPos(0);
    ImGui::TextDisabled("Click on a cuboid, or make a new one:");
    ImGui::Spacing();
    ImGui::SetNextItemWidth(-1);
    if (begin_list("##class", "Class: " + work.new_class)) {
      draw_class_items(work, work.new_class);
      ImGui::EndCombo();
    }
    ImGui::Spacing();
    bullet("Ctrl + drag: a rectangle around it, fitted");
    bullet("Shift + drag: a rectangle as it is (from above)");
    bullet("Double click on its points");
    bullet("N, then one click");
    bullet("Shift + N, then three corners");
    ImGui::Spacing();
    ImGui::TextDisabled("F1 shows all keys.");
    ImGui::PopTextWrapPos();
    basis_.reset();
    ImGui::End();
    return;
  }
  // As high as it was last time: the views take the rest, in a panel without background, so that they are seen.
  begin_panel("selected", {area.x, area.y, area.width, details_height_});
  draw_details(work);
  const float details = ImGui::GetCursorPosY() + 2;
  ImGui::End();
  const float top = area.y + details_height_, gap = 3;
  const float high = area.y + area.height - top - 2 * gap;
  details_height_ = details;
  begin_panel("sides", {area.x, top, area.width, area.y + area.height - top}, true);
  const auto now = session.selected_or_nearest();
  const bool dragging = std::ranges::any_of(editors_, [](const SideEditor& e) { return e.is_dragging(); });
  if (now && high > 120) {
    if (!dragging || !basis_ || basis_track_ != session.selected()) {
      basis_ = *now;
      basis_track_ = session.selected();
    }
    // Cars are long: the view from above, with the heading upwards, needs the most.
    float y = top;
    for (std::size_t i = 0; i < 3; ++i) {
      const float part = std::floor(high * (i == 0 ? 0.44F : 0.28F));
      draw_view(work, static_cast<Side>(i), {area.x, y, area.width, part}, views);
      y += part + gap;
    }
  }
  ImGui::End();
}

void SidePanel::draw_details(Workspace& work) {
  auto& session = work.session;
  const Track track = session.document().labels().tracks[*session.selected_track()];
  if (typed_for_ != track.id) {
    typed_for_ = track.id;
    id_.fill(0);
    track.id.copy(id_.data(), id_.size() - 1);
  }
  const float wide = ImGui::GetContentRegionAvail().x;
  ImGui::SetNextItemWidth(wide * 0.52F);
  const std::string class_here = session.class_of(track);
  if (begin_list("##class", class_here)) {
    draw_class_items(work, class_here);
    ImGui::EndCombo();
  }
  tooltip(track.later_classes.empty() ? "Class" : "Class in this frame: it changes within the track");
  ImGui::SameLine(0, 4);
  const float done_wide = ImGui::CalcTextSize("Done").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SetNextItemWidth(wide * 0.48F - done_wide - 8);
  if (input_text("##id", "id", id_, ImGuiInputTextFlags_EnterReturnsTrue)) session.rename(id_.data());
  tooltip("Track id: type another and press Enter");
  ImGui::SameLine(0, 4);
  const bool reviewed = session.is_reviewed(track);
  if (toggle_button("Done", reviewed, "Reviewed (Enter marks it and goes on)")) session.set_reviewed(!reviewed);
  draw_class_changes(work, track);
  draw_figures(work);
  draw_attributes(work);
}

void SidePanel::draw_class_changes(Workspace& work, const Track& track) {
  if (track.later_classes.empty()) return;
  auto& session = work.session;
  const auto& frames = session.scene().frames;
  ImGui::TextDisabled("Class: %s", track.class_name.c_str());
  for (const LaterClass& later : track.later_classes) {
    const auto frame = std::ranges::lower_bound(frames, later.from, {}, &Frame::timestamp) - frames.begin();
    const std::string text = fmt::format("{} from {}", later.class_name, frame);
    // On the same line where it fits.
    const float right = ImGui::GetItemRectMax().x - ImGui::GetWindowPos().x;
    if (right + ImGui::CalcTextSize(text.c_str()).x + 24 < ImGui::GetWindowWidth()) ImGui::SameLine(0, 6);
    if (ImGui::SmallButton(fmt::format("{}###class from {}", text, later.from).c_str())) session.go_to(frame);
    tooltip(
        "Go to the frame where the class changes. The list above gives one class to all frames, or from a frame on");
  }
}

void SidePanel::draw_figures(Workspace& work) {
  auto& session = work.session;
  const auto now = session.selected_now();
  if (!now) {
    ImGui::TextDisabled("Not in this frame.");
    ImGui::SameLine();
    if (ImGui::SmallButton("Keyframe here")) session.toggle_keyframe();
    tooltip("K");
    return;
  }
  const auto counts = work.count(now->cuboid, session.document().labels().tracks[now->track]);
  const auto& document = session.document();
  const Keyframe* here = document.keyframe_at(now->track, session.time());
  const bool keyframe = document.is_set_by_person_at(now->track, session.time());
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_diamond(ImGui::GetWindowDrawList(), {at.x + 6, at.y + 9}, 5, bright_text, keyframe && !session.is_dragging());
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 18);
  if (here != nullptr && !keyframe && !session.is_dragging()) {
    const Provenance by = provenance_of(here->attributes);
    ImGui::Text("%s", by.score ? fmt::format("{} ({:.2f})", by.what, *by.score).c_str() : by.what.c_str());
    tooltip("Set by a program; in brackets how sure it is (refined: the overlap to expect). K confirms it.");
  } else {
    ImGui::Text("%s", session.is_dragging() ? "being changed" : keyframe ? "keyframe" : "interpolated");
  }
  if (counts) {
    const std::string text = fmt::format("{} inside, {} just outside", counts->inside, counts->just_outside);
    ImGui::SameLine(ImGui::GetWindowWidth() - ImGui::CalcTextSize(text.c_str()).x - 10);
    ImGui::TextDisabled("%s", text.c_str());
    tooltip("Points in the cuboid, and in a shell of 0.3 m around it");
  }
  const Cuboid before = now->cuboid;
  Cuboid c = before;
  double yaw = yaw_of(c.rotation) * degrees;
  float width = (ImGui::GetContentRegionAvail().x - 8) / 3;
  bool ended = false, changed = false;
  const auto field = [&](const char* label, double& value, const char* format, double step, bool same_line) {
    if (same_line) ImGui::SameLine(0, 4);
    ImGui::SetNextItemWidth(width);
    const float speed = static_cast<float>(step);
    changed |= ImGui::DragScalar(label, ImGuiDataType_Double, &value, speed, nullptr, nullptr, format);
    ended |= ImGui::IsItemDeactivatedAfterEdit();
  };
  field("##x", c.center.x, "x %.2f", 0.01, false);
  tooltip("Centre in the world, metres: drag, or double click to type");
  field("##y", c.center.y, "y %.2f", 0.01, true);
  field("##z", c.center.z, "z %.2f", 0.01, true);
  Vec3d size = c.size;
  field("##l", size.x, "l %.2f", 0.01, false);
  tooltip("Length, width and height, metres");
  field("##w", size.y, "w %.2f", 0.01, true);
  field("##h", size.z, "h %.2f", 0.01, true);
  size = {std::max(size.x, editor::smallest_side_m), std::max(size.y, editor::smallest_side_m),
          std::max(size.z, editor::smallest_side_m)};
  if (!(size == c.size)) c = editor::resize_on_ground(c, size);
  const double yaw_before = yaw;
  // What the buttons beside it leave.
  float buttons = 4;
  for (const char* label : {"K", "Size", "Fit", "Flip"})
    buttons += ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x + 3;
  width = ImGui::GetContentRegionAvail().x - buttons;
  field("##yaw", yaw, "yaw %.1f\u00B0", 0.2, false);
  tooltip("Heading, degrees counter-clockwise from east");
  if (yaw != yaw_before) c = editor::turn(c, (yaw - yaw_before) / degrees);
  if (changed && is_finite(c.center) && is_finite(c.size) && is_finite(c.rotation)) session.drag(c);
  if (ended) session.end_drag("figures");
  ImGui::SameLine(0, 4);
  if (toggle_button("K", keyframe, "Keyframe here, or not; confirms what a program set (K)"))
    work.run(Action::keyframe, false);
  ImGui::SameLine(0, 3);
  if (toggle_button("Size", session.has_size_lock(), "One size for the whole track (L)"))
    work.run(Action::lock_size, false);
  ImGui::SameLine(0, 3);
  if (ImGui::Button("Fit")) work.run(Action::fit, false);
  tooltip("Shrink to the points inside (Ctrl+F)");
  ImGui::SameLine(0, 3);
  if (ImGui::Button("Flip")) work.run(Action::flip_heading, false);
  tooltip("Turn the heading around (G)");
}

/// How the object moves between its keyframes.
void SidePanel::draw_interpolation(Workspace& work) {
  auto& session = work.session;
  const Track& track = session.document().labels().tracks[*session.selected_track()];
  const std::string attribute(interpolation_attribute);
  const auto chosen = track.attributes.find(attribute);
  const bool by_class = chosen == track.attributes.end();
  const std::string of_class(mode_name(mode_of_class(track.class_name)));
  const std::string current = by_class ? of_class + " (by class)" : chosen->second;
  ImGui::AlignTextToFramePadding();
  ImGui::TextDisabled("between");
  tooltip("How the object moves between its keyframes");
  ImGui::SameLine(0, 6);
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  std::optional<std::string> picked;
  if (begin_list("##between", current)) {
    if (ImGui::Selectable(("by class: " + of_class).c_str(), by_class)) picked = "";
    for (const auto mode :
         {InterpolationMode::linear, InterpolationMode::smooth, InterpolationMode::motion, InterpolationMode::still}) {
      const std::string name(mode_name(mode));
      if (ImGui::Selectable(name.c_str(), !by_class && name == current)) picked = name;
    }
    ImGui::EndCombo();
  }
  if (picked) session.set_attribute(attribute, *picked);
}

void SidePanel::draw_attributes(Workspace& work) {
  auto& session = work.session;
  const auto index = session.selected_track();
  if (!index) return;
  draw_interpolation(work);
  const Track& track = session.document().labels().tracks[*index];
  const ClassDefinition* known = find_class(work.ontology, session.class_of(track));
  const Attributes others = other_attributes(known, track.attributes);
  const SetAttribute set = [&](const std::string& name, const std::string& value) {
    return session.set_attribute(name, value);
  };
  const SetAttribute set_from_here = [&](const std::string& name, const std::string& value) {
    return session.set_attribute_here(name, value);
  };
  draw_defined_attributes(known, track.attributes, attributes_at(track, session.time()), set, set_from_here);
  const std::string title = fmt::format("Other attributes ({})###attributes", others.size());
  if (!ImGui::TreeNodeEx(title.c_str(), ImGuiTreeNodeFlags_SpanAvailWidth)) return;
  ImGui::BeginChild("attributes", {0, 96});
  other_attributes_.draw(others, set);
  ImGui::EndChild();
  ImGui::TreePop();
}

void SidePanel::draw_view(Workspace& work, Side side, const Area& area, Placements& views) {
  const auto i = static_cast<std::size_t>(side);
  auto& session = work.session;
  const int width = std::max(static_cast<int>(area.width), 16), height = std::max(static_cast<int>(area.height), 16);
  const Pose local = work.local_from_world();
  const Cuboid basis = local * *basis_;
  const auto transforms = editor::zoomed_side_views(basis, width, height, work.side_zoom);
  const editor::SideView view{side, transforms[i], width, height};

  // The points near the cuboid; fetched anew when the view would show others.
  const double reach = view.metres_per_pixel() * std::max(width, height) / 2 + 0.6;
  if (cloud_of_content_ != work.content() || !cloud_of_ || !(*cloud_of_ == *basis_) || cloud_reach_m_ < reach) {
    const auto near = work.near(*basis_, reach);
    cloud_ = work.renderer.make_cloud(near.points, near.colours);
    cloud_of_content_ = work.content();
    cloud_of_ = basis_;
    cloud_reach_m_ = reach;
    ++content_;
  }

  ImGui::SetCursorScreenPos({area.x, area.y});
  ImGui::PushID(side_names[i]);
  ImGui::InvisibleButton("side", {area.width, area.height});
  ImGui::PopID();
  const ImGuiIO& io = ImGui::GetIO();
  const bool hovered = ImGui::IsItemHovered();
  if (hovered && io.MouseWheel != 0)
    work.side_zoom = std::clamp(work.side_zoom * std::pow(1.15, static_cast<double>(io.MouseWheel)), 0.15, 8.0);
  const auto now = session.selected_now();
  const auto shown = now ? std::optional(local * now->cuboid) : std::nullopt;
  const double x = static_cast<double>(io.MousePos.x - area.x), y = static_cast<double>(io.MousePos.y - area.y);
  // Escape, or going to another frame, has ended it.
  if (editors_[i].has_moved() && !session.is_dragging()) editors_[i].cancel();
  if (shown)
    if (const auto change = editors_[i].take_mouse(view, *shown, x, y, hovered)) apply(work, *change);

  std::vector<editor::LineSegment> lines;
  for (const auto& object : session.shown()) {
    const Track& track = session.track(object);
    const bool selected = track.id == session.selected();
    if (selected || norm(object.cuboid.center - basis_->center) < reach + 6)
      editor::add_cuboid(lines, local * object.cuboid, editor::class_colour(session.class_of(track)), object.presence,
                         selected);
  }
  pictures_[i].draw(work.renderer, cloud_, content_, view.transform, width, height, std::move(lines),
                    {.point_size_px = std::max(work.point_size, 2.0F), .eye_dome = 0, .pale_behind = false});
  views.push_back(pictures_[i].at(area.x, area.y));
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, true);
  if (shown) editors_[i].draw_handles(list, area, view, *shown);
  list->AddRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, IM_COL32(44, 52, 65, 255));
  Fonts::push_small();
  list->AddText({area.x + 7, area.y + 5}, faint_text, side_names[i]);
  // A bar that says how large things are.
  const double per_pixel = view.metres_per_pixel();
  double bar_m = 0.1;
  for (const double candidate : {0.2, 0.5, 1.0, 2.0, 5.0, 10.0})
    if (candidate / per_pixel < 90) bar_m = candidate;
  const float bar = static_cast<float>(bar_m / per_pixel), right = area.x + area.width - 10,
              base = area.y + area.height - 9;
  list->AddLine({right - bar, base}, {right, base}, faint_text, 2);
  const std::string text = fmt::format("{:g} m", bar_m);
  list->AddText({right - ImGui::CalcTextSize(text.c_str()).x, base - 16}, faint_text, text.c_str());
  Fonts::pop();
  list->PopClipRect();
}

void SidePanel::apply(Workspace& work, const SideEditor::Change& change) {
  auto& session = work.session;
  const Pose local = work.local_from_world(), world = inverse(local);
  if (change.double_clicked) {
    if (!work.loaded()) return;
    // The nearest inner points: each face that belongs to the handle goes to the outermost point inside.
    const Handle& handle = *change.double_clicked;
    const auto inside = editor::places_near(*work.loaded(), change.cuboid, 0, work.selected_lidar());
    std::optional<Cuboid> snapped;
    if (handle.kind == Handle::Kind::inside) {
      work.fit_selected(0);
      return;
    }
    if (handle.kind == Handle::Kind::turn) {
      session.flip_heading(false);
      return;
    }
    snapped = editor::snap_face(change.cuboid, handle.first, inside);
    if (snapped && handle.kind == Handle::Kind::corner) snapped = editor::snap_face(*snapped, handle.second, inside);
    if (snapped) {
      session.set_cuboid(world * *snapped, "snap");
    } else {
      session.say("There are no points inside to snap to");
    }
    return;
  }
  session.drag(world * change.cuboid);
  if (!change.ended) return;
  session.end_drag("side view");
  if (change.fit_after) work.fit_selected(0);
}

}  // namespace sweepmark::ui
