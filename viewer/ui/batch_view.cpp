// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/batch_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "kernels/math/rigid.h"
#include "viewer/editor/commands.h"
#include "viewer/editor/near_points.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

constexpr float cell_wide = 190, cell_high = 236, header = 24, bar_high = 38;
constexpr double margin_m = 1.2;

/// Height above the cuboid's bottom says most about a shape: the road is dark.
std::vector<editor::Rgba> colours_by_height(std::span<const Point> points, const Cuboid& local) {
  std::vector<editor::Rgba> colours;
  for (const Point& p : points) {
    const double height = (static_cast<double>(p.z) - (local.center.z - local.size.z / 2)) / local.size.z;
    colours.push_back(editor::scale_colour(height));
  }
  return colours;
}

}  // namespace

std::optional<Cuboid> BatchView::fitted(Workspace& work, std::size_t frame, const Cuboid& world) {
  const auto loaded = work.frames.wait(frame);
  if (!loaded) return std::nullopt;
  const Pose local = (*loaded)->points().local_from_world();
  const Cuboid there = local * world;
  const auto moved =
      editor::move_to_points(there, editor::places_near(**loaded, there, editor::move_reach_m, work.selected_lidar()),
                             (*loaded)->points().sensor, (*loaded)->ground());
  if (!moved) return std::nullopt;
  return inverse(local) * *moved;
}

void BatchView::draw(Workspace& work, const Area& area, Placements& views) {
  auto& session = work.session;
  const auto index = session.selected_track();
  if (!index) {
    work.batch_view = false;
    return;
  }
  if (track_ != session.selected()) {
    track_ = session.selected();
    cells_.clear();
    first_is_set_ = false;
  }
  const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>(area.width / cell_wide));
  const auto rows = std::max<std::size_t>(1, static_cast<std::size_t>((area.height - bar_high) / cell_high));
  const std::size_t shown = columns * rows;
  const auto& frames = session.scene().frames;
  if (!first_is_set_) {
    const std::size_t before = shown / 3 * step_;
    first_ = session.frame() > before ? session.frame() - before : 0;
    first_is_set_ = true;
  }
  std::vector<std::size_t> numbers;
  for (std::size_t k = 0; k < shown; ++k)
    if (const std::size_t f = first_ + k * step_; f < frames.size()) numbers.push_back(f);

  begin_panel("batch bar", {area.x, area.y, area.width, bar_high});
  draw_bar(work, numbers.empty() ? 0 : numbers.front(), numbers.empty() ? 0 : numbers.back());
  ImGui::End();
  begin_panel("batch", {area.x, area.y + bar_high, area.width, area.height - bar_high}, true);
  const float wide = std::floor(area.width / static_cast<float>(columns));
  const float high = std::floor((area.height - bar_high) / static_cast<float>(rows));
  std::erase_if(cells_, [&](const auto& cell) { return std::ranges::find(numbers, cell.first) == numbers.end(); });
  for (std::size_t k = 0; k < numbers.size(); ++k)
    draw_cell(work, numbers[k],
              {area.x + static_cast<float>(k % columns) * wide,
               area.y + bar_high + static_cast<float>(k / columns) * high, wide - 4, high - 4},
              views);
  ImGui::End();
}

void BatchView::draw_bar(Workspace& work, std::size_t first, std::size_t last) {
  auto& session = work.session;
  const std::string id = session.selected();
  const auto index = *session.selected_track();
  Fonts::push_bold();
  ImGui::AlignTextToFramePadding();
  ImGui::Text("%s", fmt::format("Frames {} to {}", first, last).c_str());
  Fonts::pop();
  ImGui::SameLine(0, 16);
  const std::size_t page = std::max<std::size_t>(cells_.size(), 1) * step_;
  if (ImGui::Button("Earlier")) first_ = first_ > page ? first_ - page : 0;
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Later") && first_ + page < session.frame_count()) first_ += page;
  ImGui::SameLine(0, 12);
  for (const std::size_t step : {1UL, 2UL, 5UL, 10UL}) {
    if (toggle_button(fmt::format("every {}", step).c_str(), step_ == step)) {
      step_ = step;
      first_is_set_ = false;
    }
    ImGui::SameLine(0, 3);
  }
  ImGui::SameLine(0, 16);
  // One step of undo for all of them. Frames whose keyframe a person set stay as they are.
  const auto for_all = [&](const char* tool,
                           const std::function<std::optional<Cuboid>(std::size_t, const Cuboid&)>& change) {
    std::vector<std::function<editor::Edit(const LabelSet&)>> steps;
    for (const auto& [frame, cell] : cells_) {
      const TimestampNs time = session.scene().frames[frame].timestamp;
      const auto now = session.document().at(index, time);
      if (!now || session.document().is_set_by_person_at(index, time)) continue;
      if (const auto cuboid = change(frame, now->cuboid))
        steps.emplace_back(
            [id, time, c = *cuboid](const LabelSet& labels) { return editor::set_keyframe(labels, id, time, c); });
    }
    if (steps.empty()) {
      session.say("All of these frames are keyframes already");
    } else if (const std::size_t count = steps.size(); session.edit(tool, steps)) {
      session.say(fmt::format("{} keyframes set", count));
    }
  };
  if (ImGui::Button("Accept all")) for_all("accept", [](std::size_t, const Cuboid& c) { return std::optional(c); });
  tooltip("Makes keyframes of all cuboids that are shown, interpolated or set by a program");
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Fit all"))
    for_all("fit", [&](std::size_t frame, const Cuboid& c) { return fitted(work, frame, c); });
  tooltip(
      "Moves the cuboids that are shown, but for keyframes, to their points, size kept, and makes keyframes of them");
  ImGui::SameLine(0, 16);
  if (ImGui::Button("Close")) work.batch_view = false;
  tooltip("V or Escape");
}

void BatchView::draw_cell(Workspace& work, std::size_t frame, const Area& area, Placements& views) {
  auto& session = work.session;
  const auto index = session.selected_track();
  if (!index) return;
  Cell& cell = cells_[frame];
  const TimestampNs time = session.scene().frames[frame].timestamp;
  const auto now = session.document().at(*index, time);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const bool current = frame == session.frame();
  list->AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + header}, IM_COL32(30, 36, 46, 255), 3);
  if (now)
    draw_diamond(list, {area.x + 12, area.y + header / 2}, 5, bright_text,
                 session.document().is_set_by_person_at(*index, time));
  list->AddText({area.x + 24, area.y + 3}, current ? IM_COL32(120, 180, 255, 255) : bright_text,
                std::to_string(frame).c_str());
  ImGui::PushID(static_cast<int>(frame));
  ImGui::SetCursorScreenPos({area.x, area.y});
  if (ImGui::InvisibleButton("go", {area.width - 74, header})) session.go_to(static_cast<std::int64_t>(frame));
  tooltip("Go to this frame");
  if (now) {
    ImGui::SetCursorScreenPos({area.x + area.width - 72, area.y + 1});
    const std::string id = session.selected();
    if (ImGui::SmallButton("Set"))
      session.edit("accept",
                   [&](const LabelSet& labels) { return editor::set_keyframe(labels, id, time, now->cuboid); });
    tooltip("Make it a keyframe as it is");
    ImGui::SameLine(0, 3);
    if (ImGui::SmallButton("Fit")) {
      if (const auto cuboid = fitted(work, frame, now->cuboid)) {
        session.edit("fit", [&](const LabelSet& labels) { return editor::set_keyframe(labels, id, time, *cuboid); });
      } else {
        session.say("There are no points inside to fit to");
      }
    }
    tooltip("Move it to its points, size kept");
  }
  const Area body{area.x, area.y + header, area.width, area.height - header};
  if (!now) {
    list->AddText({body.x + 10, body.y + 10}, faint_text, "not there");
  } else {
    const auto loaded = work.frames.get(frame);
    if (!loaded) {
      list->AddText({body.x + 10, body.y + 10}, faint_text, "loading ...");
    } else {
      cell.of = loaded;
      if (!cell.editors[0].is_dragging() && !cell.editors[1].is_dragging()) {
        cell.basis = now->cuboid;
        cell.dragged.reset();
      }
      const float top_high = std::floor(body.height * 0.62F);
      draw_side(work, cell, frame, 0, {body.x, body.y, body.width, top_high}, views,
                cell.dragged.value_or(now->cuboid));
      draw_side(work, cell, frame, 1, {body.x, body.y + top_high + 2, body.width, body.height - top_high - 2}, views,
                cell.dragged.value_or(now->cuboid));
      const auto counts = work.counts_over_time.counts(session.selected());
      if (frame < counts.size() && counts[frame].state == editor::TrackCount::State::counted) {
        Fonts::push_small();
        const std::string text = fmt::format("{} pts", counts[frame].inside);
        list->AddText({area.x + 58, area.y + 5}, counts[frame].inside == 0 ? IM_COL32(235, 140, 90, 255) : faint_text,
                      text.c_str());
        Fonts::pop();
      }
    }
  }
  ImGui::PopID();
  if (current)
    list->AddRect({area.x - 1, area.y - 1}, {area.x + area.width + 1, area.y + area.height + 1},
                  IM_COL32(110, 168, 255, 255), 3, 0, 2);
}

void BatchView::draw_side(Workspace& work, Cell& cell, std::size_t frame, std::size_t side, const Area& area,
                          Placements& views, const Cuboid& now) {
  auto& session = work.session;
  const int width = std::max(static_cast<int>(area.width), 16), height = std::max(static_cast<int>(area.height), 16);
  const Pose local = cell.of->points().local_from_world();
  const Cuboid basis = local * *cell.basis;
  const editor::SideView view{static_cast<editor::Side>(side),
                              editor::zoomed_side_views(basis, width, height, 0.8)[side], width, height};
  if (!cell.cloud || cell.cloud_of != cell.basis) {
    const double reach = std::max(margin_m, 0.35 * norm(basis.size));
    std::vector<Point> points;
    for (const std::uint32_t i : editor::points_near(*cell.of, basis, reach, work.selected_lidar()))
      points.push_back(cell.of->points().points[i]);
    cell.cloud = work.renderer.make_cloud(points, colours_by_height(points, basis));
    cell.cloud_of = cell.basis;
    ++cell.content;
  }
  ImGui::SetCursorScreenPos({area.x, area.y});
  ImGui::PushID(static_cast<int>(side));
  ImGui::InvisibleButton("side", {area.width, area.height});
  ImGui::PopID();
  const ImGuiIO& io = ImGui::GetIO();
  Cuboid shown = local * now;
  if (const auto change =
          cell.editors[side].take_mouse(view, shown, static_cast<double>(io.MousePos.x - area.x),
                                        static_cast<double>(io.MousePos.y - area.y), ImGui::IsItemHovered())) {
    shown = change->cuboid;
    cell.dragged = inverse(local) * shown;
    if (change->ended) {
      std::optional<Cuboid> set = cell.dragged;
      if (change->fit_after || change->double_clicked) set = fitted(work, frame, *cell.dragged);
      const std::string id = session.selected();
      const TimestampNs time = session.scene().frames[frame].timestamp;
      if (set)
        session.edit("batch view",
                     [&](const LabelSet& labels) { return editor::set_keyframe(labels, id, time, *set); });
      cell.dragged.reset();
    }
  }
  std::vector<editor::LineSegment> lines;
  editor::add_cuboid(lines, shown, editor::rgba(255, 255, 255), Presence::keyframe, true);
  cell.pictures[side].draw(work.renderer, cell.cloud, cell.content, view.transform, width, height, std::move(lines),
                           {.point_size_px = 2, .eye_dome = 0, .pale_behind = false});
  views.push_back(cell.pictures[side].at(area.x, area.y));
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, true);
  if (cell.editors[side].is_dragging() || ImGui::IsItemHovered())
    cell.editors[side].draw_handles(list, area, view, shown);
  list->PopClipRect();
}

}  // namespace sweepmark::ui
