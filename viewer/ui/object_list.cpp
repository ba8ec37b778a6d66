// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/object_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "kernels/math/rigid.h"
#include "tracking/provenance.h"
#include "tracking/review.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/track_order.h"
#include "viewer/ui/bad_row_list.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

bool contains_ignoring_case(std::string_view text, std::string_view wanted) {
  return std::ranges::search(
             text, wanted,
             [](unsigned char a, unsigned char b) {
               return std::tolower(a) == std::tolower(b);
             }).begin() != text.end() ||
         wanted.empty();
}

}  // namespace

void ObjectList::gather(Workspace& work) {
  auto& session = work.session;
  const void* points = work.loaded() && work.loaded()->number() == session.frame() ? work.loaded().get() : nullptr;
  const auto& canvas = work.image_editor.canvas();
  const std::string camera = work.shown_camera();
  const auto time = canvas ? std::optional(canvas->time) : std::nullopt;
  if (revision_ == session.document().revision() && frame_ == session.frame() && points_ == points &&
      camera_ == camera && time_ == time)
    return;
  revision_ = session.document().revision();
  frame_ = session.frame();
  points_ = points;
  camera_ = camera;
  time_ = time;
  rows_.clear();
  if (!camera.empty()) gather_image_objects(work);
  gather_objects(work);
}

void ObjectList::gather_objects(Workspace& work) {
  auto& session = work.session;
  const auto& document = session.document();
  const auto in_image = static_cast<std::ptrdiff_t>(rows_.size());
  const Vec3d ego = session.scene().frames[session.frame()].world_from_ego.translation;
  for (std::size_t i = 0; i < document.labels().tracks.size(); ++i) {
    const Track& track = document.labels().tracks[i];
    // An object that the image has labels of is one row.
    if (std::ranges::find(rows_.begin(), rows_.begin() + in_image, track.id, &Row::id) != rows_.begin() + in_image)
      continue;
    Row row{track.id, session.class_of(track)};
    row.distance_m = 1e9;
    row.is_set_by_person = document.is_set_by_person_at(i, session.time());
    row.is_reviewed = session.is_reviewed(track);
    if (!track.keyframes.empty()) row.first = track.keyframes.front().timestamp;
    if (const auto now = document.at(i, session.time())) {
      row.presence = now->presence;
      row.distance_m = norm(now->cuboid.center - ego);
      if (const auto counts = work.count(now->cuboid, track)) row.measure = counts->inside;
    }
    rows_.push_back(std::move(row));
  }
}

/// Those of the image that is large; the cuboids come after them.
void ObjectList::gather_image_objects(Workspace& work) {
  auto& session = work.session;
  auto& labels = work.image_editor.labels;
  const auto& canvas = work.image_editor.canvas();
  std::map<std::string, const editor::ShownImageLabel*> shown;
  if (canvas)
    for (const auto& label : labels.shown(camera_, canvas->time)) shown[labels.track(label).id] = &label;
  for (const ImageTrack& track : session.document().labels().image_tracks) {
    if (track.camera != camera_) continue;
    Row row{track.id, class_at(track, canvas ? canvas->time : session.time())};
    row.is_reviewed = track.attributes.contains(std::string(review::reviewed));
    if (!track.keyframes.empty()) row.first = track.keyframes.front().timestamp;
    if (const auto found = shown.find(track.id); found != shown.end()) {
      row.presence = found->second->is_keyframe ? Presence::keyframe : Presence::interpolated;
      row.measure = static_cast<std::size_t>(editor::size_of(*found->second->value));
      const auto here = std::ranges::find(track.keyframes, canvas->time, &ImageKeyframe::timestamp);
      row.is_set_by_person = here != track.keyframes.end() && are_set_by_person(here->attributes);
    }
    rows_.push_back(std::move(row));
  }
}

void ObjectList::draw(Workspace& work, const Area& area) {
  begin_panel("objects", area);
  gather(work);
  auto& session = work.session;
  std::vector<const Row*> visible;
  for (const Row& row : rows_) {
    if (!whole_scene_ && row.presence == Presence::absent && row.id != session.selected()) continue;
    if (unreviewed_only_ && row.is_reviewed) continue;
    if (!contains_ignoring_case(row.id, filter_.data()) && !contains_ignoring_case(row.class_name, filter_.data()))
      continue;
    visible.push_back(&row);
  }
  std::ranges::stable_sort(visible, [&](const Row* a, const Row* b) {
    if (order_ == Order::class_name && a->class_name != b->class_name) return a->class_name < b->class_name;
    if (order_ == Order::distance && a->distance_m != b->distance_m) return a->distance_m < b->distance_m;
    if (order_ == Order::measure) return a->measure > b->measure;
    return editor::id_before(a->id, b->id);
  });

  Fonts::push_bold();
  ImGui::Text("Objects");
  Fonts::pop();
  ImGui::SameLine();
  ImGui::TextDisabled("%zu", visible.size());
  ImGui::SameLine(ImGui::GetWindowWidth() - 118);
  if (toggle_button("Frame", !whole_scene_, "Objects of this frame")) whole_scene_ = false;
  ImGui::SameLine(0, 3);
  if (toggle_button("Scene", whole_scene_, "All objects of the scene")) whole_scene_ = true;
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - 96);
  input_text("##filter", "Id or class", filter_);
  ImGui::SameLine(0, 4);
  ImGui::SetNextItemWidth(92);
  int order = static_cast<int>(order_);
  const char* orders =
      camera_.empty() ? "by id\0by class\0nearest\0most points\0" : "by id\0by class\0by id\0largest\0";
  if (ImGui::Combo("##order", &order, orders)) order_ = static_cast<Order>(order);
  ImGui::Checkbox("Not reviewed", &unreviewed_only_);
  const auto reviewed = std::ranges::count_if(rows_, &Row::is_reviewed);
  ImGui::SameLine();
  ImGui::TextDisabled("%d of %zu", static_cast<int>(reviewed), rows_.size());

  draw_bad_rows(work);
  ImGui::BeginChild("rows", {0, ImGui::GetContentRegionAvail().y - 4});
  if (visible.empty()) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextDisabled(rows_.empty()                         ? camera_.empty()
                                                                    ? "No objects yet. Drag a rectangle around one with Ctrl held, or "
                                                                      "press N and click on it."
                                                                    : "No objects yet. Choose a tool above the image."
                        : filter_[0] != 0 || unreviewed_only_ ? "No object fits."
                                                              : "No object in this frame.");
    ImGui::PopTextWrapPos();
  }
  for (const Row* row : visible) {
    draw_row(work, *row);
    if (session.document().revision() != revision_) break;  // joining took a track away: the rows are made anew
  }
  ImGui::EndChild();
  ImGui::End();
}

void ObjectList::draw_row(Workspace& work, const Row& row) {
  auto& session = work.session;
  const bool selected = row.id == session.selected();
  ImGui::PushID(row.id.c_str());
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float wide = ImGui::GetContentRegionAvail().x;
  if (ImGui::Selectable("##row", selected, 0, {0, 21})) {
    const bool joins = work.tool == Tool::merge;
    work.choose(row.id);
    if (session.document().revision() != revision_) {
      ImGui::PopID();
      return;
    }
    if (row.presence == Presence::absent && !joins)
      work.run(row.first > session.time() ? editor::Action::next_keyframe : editor::Action::previous_keyframe, false);
  }
  if (ImGui::IsItemHovered()) {
    work.hovered = row.id;
    if (ImGui::IsMouseDoubleClicked(0)) work.run(editor::Action::focus, false);
  }
  if (selected && scrolled_to_ != row.id) {
    ImGui::SetScrollHereY(0.4F);
    scrolled_to_ = row.id;
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImU32 colour = packed(work.colour_of(row.id, row.class_name));
  list->PushClipRect(at, {at.x + wide, at.y + 22}, true);
  const float y = at.y + 2;
  if (row.presence == Presence::absent) {
    list->AddCircle({at.x + 9, at.y + 10.5F}, 3, faint_text);
  } else {
    draw_diamond(list, {at.x + 9, at.y + 10.5F}, 5, colour, row.is_set_by_person);
  }
  const std::string shown_id = shortened_id(row.id, 82);
  list->AddText({at.x + 22, y}, bright_text, shown_id.c_str());
  const std::string measure = row.presence == Presence::absent ? "" : fmt::format("{}", row.measure);
  const float measure_at = at.x + wide - ImGui::CalcTextSize(measure.c_str()).x - 22;
  if (!measure.empty())
    list->AddText({measure_at, y}, row.measure == 0 ? IM_COL32(235, 140, 90, 255) : faint_text, measure.c_str());
  const float class_x = at.x + 22 + std::max(46.0F, ImGui::CalcTextSize(shown_id.c_str()).x + 8);
  list->AddText({class_x, y}, faint_text, shortened(row.class_name, measure_at - 6 - class_x).c_str());
  if (row.is_reviewed) {
    const ImVec2 tick[] = {{at.x + wide - 15, at.y + 11}, {at.x + wide - 11, at.y + 15}, {at.x + wide - 4, at.y + 6}};
    list->AddPolyline(tick, 3, IM_COL32(110, 215, 140, 255), 0, 2);
  }
  list->PopClipRect();
  ImGui::PopID();
}

}  // namespace sweepmark::ui
