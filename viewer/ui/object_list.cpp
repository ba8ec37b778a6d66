// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/object_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "kernels/math/rigid.h"
#include "viewer/editor/track_order.h"
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
  const auto& document = session.document();
  const void* points = work.loaded() && work.loaded()->number() == session.frame() ? work.loaded().get() : nullptr;
  if (revision_ == document.revision() && frame_ == session.frame() && points_ == points) return;
  revision_ = document.revision();
  frame_ = session.frame();
  points_ = points;
  rows_.clear();
  const Vec3d ego = session.scene().frames[session.frame()].world_from_ego.translation;
  for (std::size_t i = 0; i < document.labels().tracks.size(); ++i) {
    Row row{i, Presence::absent, 1e9, 0};
    if (const auto now = document.at(i, session.time())) {
      row.presence = now->presence;
      row.distance_m = norm(now->cuboid.center - ego);
      if (const auto counts = work.count(now->cuboid)) row.points = counts->inside;
    }
    rows_.push_back(row);
  }
}

void ObjectList::draw(Workspace& work, const Area& area) {
  begin_panel("objects", area);
  gather(work);
  auto& session = work.session;
  const auto& tracks = session.document().labels().tracks;
  std::vector<const Row*> visible;
  for (const Row& row : rows_) {
    if (row.track >= tracks.size()) continue;
    const Track& track = tracks[row.track];
    if (!whole_scene_ && row.presence == Presence::absent && track.id != session.selected()) continue;
    if (unreviewed_only_ && session.is_reviewed(track)) continue;
    if (!contains_ignoring_case(track.id, filter_.data()) &&
        !contains_ignoring_case(session.class_of(track), filter_.data()))
      continue;
    visible.push_back(&row);
  }
  std::ranges::stable_sort(visible, [&](const Row* a, const Row* b) {
    const Track &x = tracks[a->track], &y = tracks[b->track];
    const std::string &class_of_x = session.class_of(x), &class_of_y = session.class_of(y);
    if (order_ == Order::class_name && class_of_x != class_of_y) return class_of_x < class_of_y;
    if (order_ == Order::distance) return a->distance_m < b->distance_m;
    if (order_ == Order::points) return a->points > b->points;
    return editor::id_before(x.id, y.id);
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
  ImGui::InputTextWithHint("##filter", "Id or class", filter_.data(), filter_.size());
  ImGui::SameLine(0, 4);
  ImGui::SetNextItemWidth(92);
  int order = static_cast<int>(order_);
  if (ImGui::Combo("##order", &order, "by id\0by class\0nearest\0most points\0")) order_ = static_cast<Order>(order);
  ImGui::Checkbox("Not reviewed", &unreviewed_only_);
  const auto reviewed = std::ranges::count_if(tracks, [&](const Track& t) { return session.is_reviewed(t); });
  ImGui::SameLine();
  ImGui::TextDisabled("%d of %zu", static_cast<int>(reviewed), tracks.size());

  ImGui::BeginChild("rows", {0, ImGui::GetContentRegionAvail().y - 4});
  if (visible.empty()) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextDisabled(tracks.empty()
                            ? "No objects yet. Drag a rectangle around one with Ctrl held, or press N and click on it."
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
  const Track& track = session.document().labels().tracks[row.track];
  const bool selected = track.id == session.selected();
  ImGui::PushID(static_cast<int>(row.track));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float wide = ImGui::GetContentRegionAvail().x;
  const std::string id = track.id;  // selecting may change the tracks
  if (ImGui::Selectable("##row", selected, 0, {0, 21})) {
    const bool joins = work.tool == Tool::merge;
    const bool is_absent = row.presence == Presence::absent && !track.keyframes.empty();
    const TimestampNs first = track.keyframes.empty() ? 0 : track.keyframes.front().timestamp;
    work.choose(id);
    if (session.document().revision() != revision_) {  // `track` may be gone
      ImGui::PopID();
      return;
    }
    if (is_absent && !joins) session.go_to_keyframe(first > session.time() ? 1 : -1);
  }
  if (ImGui::IsItemHovered()) {
    work.hovered = id;
    if (ImGui::IsMouseDoubleClicked(0)) work.run(editor::Action::focus, false);
  }
  if (selected && scrolled_to_ != id) {
    ImGui::SetScrollHereY(0.4F);
    scrolled_to_ = id;
  }
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImU32 colour =
      packed(work.colour_mode == editor::ColourMode::track ? editor::track_colour(track.id)
                                                           : editor::class_colour(session.class_of(track)));
  list->PushClipRect(at, {at.x + wide, at.y + 22}, true);
  const float y = at.y + 2;
  if (row.presence == Presence::absent) {
    list->AddCircle({at.x + 9, at.y + 10.5F}, 3, faint_text);
  } else {
    draw_diamond(list, {at.x + 9, at.y + 10.5F}, 5, colour,
                 session.document().is_set_by_person_at(row.track, session.time()));
  }
  const std::string shown_id = track.id.size() > 10 ? track.id.substr(0, 8) + "..." : track.id;
  list->AddText({at.x + 22, y}, bright_text, shown_id.c_str());
  const std::string points = row.presence == Presence::absent ? "" : fmt::format("{}", row.points);
  const float points_wide = ImGui::CalcTextSize(points.c_str()).x, points_at = at.x + wide - points_wide - 22;
  if (!points.empty())
    list->AddText({points_at, y}, row.points == 0 ? IM_COL32(235, 140, 90, 255) : faint_text, points.c_str());
  list->PushClipRect(at, {points_at - 6, at.y + 22}, true);
  list->AddText({at.x + 22 + std::max(46.0F, ImGui::CalcTextSize(shown_id.c_str()).x + 8), y}, faint_text,
                session.class_of(track).c_str());
  list->PopClipRect();
  if (session.is_reviewed(track)) {
    const ImVec2 tick[] = {{at.x + wide - 15, at.y + 11}, {at.x + wide - 11, at.y + 15}, {at.x + wide - 4, at.y + 6}};
    list->AddPolyline(tick, 3, IM_COL32(110, 215, 140, 255), 0, 2);
  }
  list->PopClipRect();
  ImGui::PopID();
}

}  // namespace sweepmark::ui
