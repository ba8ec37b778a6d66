// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tracking/provenance.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/track_order.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

using editor::Action;

constexpr float names_wide = 150, small_row = 17, large_row = 34;
constexpr ImU32 background = IM_COL32(23, 27, 34, 255);

/// A keyframe that a program set: from orange, where it is not sure, to green.
void draw_computed(ImDrawList* list, ImVec2 at, float half, std::optional<double> score) {
  const auto sure = static_cast<float>(std::clamp((score.value_or(0.5) - 0.5) / 0.4, 0.0, 1.0));
  const auto between = [&](int low, int high) {
    return static_cast<int>(static_cast<float>(low) + sure * static_cast<float>(high - low));
  };
  list->AddLine({at.x, at.y - half}, {at.x, at.y + half},
                IM_COL32(between(240, 110), between(120, 200), between(70, 130), 255), 1.5F);
}

std::string speed_text(double speed) { return fmt::format("{}x", speed); }

void draw_speed(editor::Playback& playback) {
  ImGui::SetNextItemWidth(62);
  if (ImGui::BeginCombo("##speed", speed_text(playback.speed).c_str())) {
    for (const double speed : editor::Playback::speeds)
      if (ImGui::Selectable(speed_text(speed).c_str(), speed == playback.speed)) playback.speed = speed;
    ImGui::EndCombo();
  }
  tooltip("Speed of playing");
}

}  // namespace

double Timeline::frame_of(const Workspace& work, TimestampNs time) {
  const auto& frames = work.session.scene().frames;
  const auto after = std::ranges::lower_bound(frames, time, {}, &Frame::timestamp);
  if (after == frames.begin()) return 0;
  if (after == frames.end()) return static_cast<double>(frames.size() - 1);
  const auto before = after - 1;
  const double part =
      static_cast<double>(time - before->timestamp) / static_cast<double>(after->timestamp - before->timestamp);
  return static_cast<double>(before - frames.begin()) + part;
}

float Timeline::x_of(const Workspace& work, const Area& lane, double frame) const {
  const auto count = static_cast<double>(std::max<std::size_t>(work.session.frame_count(), 1));
  return lane.x + static_cast<float>((frame + 0.5) / count) * lane.width;
}

void Timeline::draw(Workspace& work, const Area& area) {
  begin_panel("timeline", area);
  draw_controls(work);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float wide = area.x + area.width - at.x - ImGui::GetStyle().WindowPadding.x - ImGui::GetStyle().ScrollbarSize;
  const Area ruler{at.x + names_wide, at.y, wide - names_wide, 18};
  draw_ruler(work, list, ruler);
  draw_comments(work, list, ruler);

  ImGui::SetCursorScreenPos({at.x, at.y + 20});
  ImGui::BeginChild("tracks", {0, area.y + area.height - at.y - 24});
  draw_rows(work, wide);
  ImGui::EndChild();
  ImGui::End();
}

/// A mark at each frame that an open comment is about.
void Timeline::draw_comments(const Workspace& work, ImDrawList* list, const Area& ruler) const {
  constexpr ImU32 colour = IM_COL32(250, 190, 90, 255);
  for (const ReviewComment& comment : work.session.document().labels().comments) {
    if (comment.is_resolved || !comment.about || !comment.reply_to.empty()) continue;
    const float x = x_of(work, ruler, std::round(frame_of(work, *comment.about))), y = ruler.y + ruler.height;
    list->AddTriangleFilled({x - 4, y - 7}, {x + 4, y - 7}, {x, y - 1}, colour);
  }
}

template <class Track>
Timeline::Lane Timeline::lane_of(const Track& track) {
  Lane lane{track.id, track.class_name, track.absences, {}, {}, track.later_classes};
  for (const auto& k : track.keyframes) {
    const bool is_persons = are_set_by_person(k.attributes);
    lane.marks.push_back({k.timestamp, is_persons, is_persons ? std::nullopt : provenance_of(k.attributes).score});
  }
  return lane;
}

void Timeline::draw_rows(Workspace& work, float wide) {
  auto& session = work.session;
  const auto& labels = session.document().labels();
  const std::string camera = work.shown_camera();
  ImDrawList* rows = ImGui::GetWindowDrawList();
  std::optional<std::string> chosen;  // once all rows are drawn: joining takes a track away
  const auto row = [&](const std::string& id, bool large, const std::function<Lane()>& lane) {
    const ImVec2 place = ImGui::GetCursorScreenPos();
    const float high = large ? large_row : small_row;
    if (!ImGui::IsRectVisible({wide, high})) {
      ImGui::Dummy({wide, high});
      return;
    }
    ImGui::PushID(id.c_str());
    ImGui::InvisibleButton("row", {wide, high});
    ImGui::PopID();
    const Area area{place.x + names_wide, place.y, wide - names_wide, high};
    if (ImGui::IsItemHovered()) work.hovered = id;
    const bool clicked = ImGui::IsItemClicked(0);
    if (ImGui::IsItemActive() || clicked) {
      const float x = ImGui::GetIO().MousePos.x;
      if (clicked) chosen = id;
      if (x >= area.x)
        session.go_to(static_cast<std::int64_t>((x - area.x) / area.width * static_cast<float>(session.frame_count())));
    }
    draw_track(work, rows, area, lane(), large);
  };
  const auto object = [&](std::size_t i, bool large) {
    row(labels.tracks[i].id, large, [&labels, i] {
      Lane lane = lane_of(labels.tracks[i]);
      lane.track = i;
      return lane;
    });
  };
  const auto selected = session.selected_track();
  if (camera.empty()) {
    if (selected) object(*selected, true);
    for (const std::size_t i : editor::tracks_by_id(labels))
      if (i != selected && !session.is_hidden(session.class_of(labels.tracks[i]))) object(i, false);
  } else {
    // A cuboid that is selected in the image keeps its row.
    if (selected && editor::find_image_track(labels, camera, session.selected()) == nullptr) object(*selected, true);
    std::vector<const ImageTrack*> tracks;
    for (const ImageTrack& track : labels.image_tracks)
      if (track.camera == camera) tracks.push_back(&track);
    std::ranges::stable_sort(tracks, [&](const ImageTrack* a, const ImageTrack* b) {
      const bool first = a->id == session.selected(), second = b->id == session.selected();
      return first != second ? first : editor::id_before(a->id, b->id);
    });
    for (const ImageTrack* track : tracks) {
      const bool is_selected = track->id == session.selected();
      if (is_selected || !session.is_hidden(class_at(*track, session.time())))
        row(track->id, is_selected, [track] { return lane_of(*track); });
    }
  }
  if (chosen) work.choose(*chosen);
}

void Timeline::draw_controls(Workspace& work) {
  auto& session = work.session;
  const auto button = [&](const char* label, Action action) {
    if (ImGui::Button(label)) work.run(action, false);
    tooltip(fmt::format("{} ({})", editor::info_of(action).what, work.keymap.keys_text(action)).c_str());
    ImGui::SameLine(0, 3);
  };
  button("|<", Action::first_frame);
  button("<", Action::previous_frame);
  if (toggle_button(work.playing ? "Pause" : "Play", work.playing)) work.run(Action::play, false);
  tooltip("Play and pause (Space)");
  ImGui::SameLine(0, 3);
  draw_speed(work.playback);
  ImGui::SameLine(0, 3);
  button(">", Action::next_frame);
  button(">|", Action::last_frame);
  ImGui::SameLine(0, 12);
  int frame = static_cast<int>(session.frame());
  ImGui::SetNextItemWidth(64);
  if (ImGui::InputInt("##frame", &frame, 0, 0, ImGuiInputTextFlags_EnterReturnsTrue)) session.go_to(frame);
  tooltip("Frame, counted from 0");
  ImGui::SameLine();
  const double seconds = static_cast<double>(session.time() - session.scene().frames.front().timestamp) * 1e-9;
  ImGui::TextDisabled("of %zu    %.2f s", session.frame_count(), seconds);
  if (work.playback.passed_over() > 0) {
    ImGui::SameLine();
    ImGui::TextDisabled("-%zu", work.playback.passed_over());
    tooltip("Frames that were passed over while playing");
  }
  ImGui::SameLine(0, 24);
  button("K: keyframe", Action::keyframe);
  button("O: not there", Action::absence);
  button("Copy >", Action::copy_forwards);
  if (work.shown_camera().empty()) {
    draw_track_controls(work);
  } else {
    draw_follow(work);
  }
}

/// What objects of images can do.
void Timeline::draw_follow(Workspace& work) {
  const bool busy = work.follower.is_busy();
  ImGui::BeginDisabled(busy);
  const std::string label =
      busy ? fmt::format("{:3.0f} %###follow", 100 * work.follower.progress()) : "Follow###follow";
  if (ImGui::Button(label.c_str())) work.run(Action::propagate, false);
  ImGui::EndDisabled();
  tooltip(fmt::format("Follow it through the images from this keyframe ({})", work.keymap.keys_text(Action::propagate))
              .c_str());
}

/// What only objects in the points can do.
void Timeline::draw_track_controls(Workspace& work) {
  const auto button = [&](const char* label, Action action) {
    if (ImGui::Button(label)) work.run(action, false);
    tooltip(fmt::format("{} ({})", editor::info_of(action).what, work.keymap.keys_text(action)).c_str());
    ImGui::SameLine(0, 3);
  };
  if (work.refiner.is_busy()) {
    ImGui::BeginDisabled();
    ImGui::Button(fmt::format("{:3.0f} %###refine", 100 * work.refiner.progress()).c_str());
    ImGui::EndDisabled();
    ImGui::SameLine(0, 3);
  } else {
    button("Refine###refine", Action::refine);
    button("Follow", Action::propagate);
  }
  button("Suggest", Action::suggest_keyframe);
  button("Static", Action::make_static);
  button("Split", Action::split);
  if (toggle_button("Merge", work.tool == Tool::merge)) work.run(Action::merge, false);
  tooltip("Join with the object clicked next (M)");
  ImGui::SameLine(0, 3);
  if (toggle_button("Batch", work.batch_view)) work.run(Action::batch_view, false);
  tooltip("The selected object in many frames side by side (V)");
}

void Timeline::draw_ruler(Workspace& work, ImDrawList* list, const Area& lane) {
  auto& session = work.session;
  const auto count = session.frame_count();
  ImGui::SetCursorScreenPos({lane.x, lane.y});
  ImGui::InvisibleButton("ruler", {lane.width, lane.height});
  if (ImGui::IsItemActive()) {
    const float part = (ImGui::GetIO().MousePos.x - lane.x) / lane.width;
    session.go_to(static_cast<std::int64_t>(std::floor(part * static_cast<float>(count))));
  }
  Fonts::push_small();
  const float each = lane.width / static_cast<float>(count);
  // 1, 2, 5, 10, 20 ..., until numbers stand apart.
  const float apart = std::max(42.0F, ImGui::CalcTextSize(std::to_string(count).c_str()).x + 10);
  std::size_t step = 1;
  for (std::size_t i = 0; each * static_cast<float>(step) < apart; ++i) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  for (std::size_t f = 0; f < count; f += step) {
    const float x = x_of(work, lane, static_cast<double>(f));
    list->AddLine({x, lane.y + 13}, {x, lane.y + 18}, faint_text);
    const std::string text = std::to_string(f);
    list->AddText({x - ImGui::CalcTextSize(text.c_str()).x / 2, lane.y - 1}, faint_text, text.c_str());
  }
  const float x = x_of(work, lane, static_cast<double>(session.frame()));
  list->AddTriangleFilled({x - 5, lane.y + 11}, {x + 5, lane.y + 11}, {x, lane.y + 18}, IM_COL32(120, 180, 255, 255));
  Fonts::pop();
}

void Timeline::draw_track(Workspace& work, ImDrawList* list, const Area& area, const Lane& lane, bool large) {
  auto& session = work.session;
  const auto colour_of = [&](const std::string& class_name) { return packed(work.colour_of(lane.id, class_name)); };
  const std::string& class_now = class_at(lane, session.time());
  const ImU32 colour = colour_of(class_now);
  const float middle = area.y + area.height - (large ? 9 : area.height / 2);
  if (large)
    list->AddRectFilled({area.x - names_wide, area.y}, {area.x + area.width, area.y + area.height},
                        IM_COL32(43, 74, 122, 70), 3);
  Fonts::push_small();
  const std::string name = fmt::format("{}  {}", shortened_id(lane.id, 64), class_now);
  list->AddText({area.x - names_wide + 6, area.y + (large ? 9 : 1)}, large ? bright_text : faint_text,
                shortened(name, names_wide - 14).c_str());
  Fonts::pop();
  if (!lane.marks.empty()) {
    const float each = area.width / static_cast<float>(session.frame_count());
    const float first = x_of(work, area, frame_of(work, lane.marks.front().timestamp));
    const float last = x_of(work, area, frame_of(work, lane.marks.back().timestamp));
    const auto faded = [](ImU32 of) { return (of & 0xFFFFFFU) | 0x66000000U; };
    list->AddRectFilled({first - 2, middle - 2.5F}, {last + 2, middle + 2.5F}, faded(colour_of(lane.class_name)), 2);
    // Another class: the bar goes on in its colour, behind a mark.
    for (const LaterClass& later : lane.later_classes) {
      const float from = std::max(first, x_of(work, area, frame_of(work, later.from)) - each / 2);
      if (from > last) continue;
      list->AddRectFilled({from, middle - 2.5F}, {last + 2, middle + 2.5F}, background);
      list->AddRectFilled({from, middle - 2.5F}, {last + 2, middle + 2.5F}, faded(colour_of(later.class_name)), 2);
      list->AddLine({from, middle - 7}, {from, middle + 7}, bright_text, 1.5F);
    }
    for (const AbsenceSpan& span : lane.absences) {
      const float from = std::max(first, x_of(work, area, frame_of(work, span.begin))),
                  to = std::min(last, x_of(work, area, frame_of(work, span.end)));
      if (to <= from) continue;
      list->AddRectFilled({from, middle - 4}, {to, middle + 4}, background);
      for (float x = from; x + 4 < to; x += 6) list->AddLine({x, middle + 3}, {x + 4, middle - 3}, faint_text);
    }
    if (large && lane.track) draw_points(work, list, area, *lane.track, colour);
    // Many keyframes next to each other are a line of them, not a heap.
    bool has_computed = false;
    for (const Lane::Mark& mark : lane.marks) {
      if (mark.is_set_by_person) continue;
      has_computed = true;
      const float x = x_of(work, area, frame_of(work, mark.timestamp));
      draw_computed(list, {x, middle}, large ? 5.0F : 3.0F, mark.score);
    }
    const float radius = std::clamp(each * 0.42F, has_computed ? 3.5F : 1.5F, large ? 5.0F : 3.5F);
    float previous = -1e9F;
    for (const Lane::Mark& mark : lane.marks) {
      if (!mark.is_set_by_person) continue;
      const float x = x_of(work, area, frame_of(work, mark.timestamp));
      if (x - previous < 1.5F) continue;
      previous = x;
      draw_diamond(list, {x, middle}, radius, colour_of(class_at(lane, mark.timestamp)), true);
    }
  }
  const float now = x_of(work, area, static_cast<double>(session.frame()));
  list->AddLine({now, area.y}, {now, area.y + area.height}, IM_COL32(120, 180, 255, 150));
}

void Timeline::draw_points(Workspace& work, ImDrawList* list, const Area& lane, std::size_t index, ImU32 colour) const {
  const auto counts = work.counts_over_time.counts(work.session.document().labels().tracks[index].id);
  std::uint32_t most = 1;
  for (const auto& count : counts) most = std::max(most, count.inside);
  const float each = lane.width / static_cast<float>(std::max<std::size_t>(counts.size(), 1));
  const float base = lane.y + lane.height - 16, high = lane.height - 20;
  for (std::size_t f = 0; f < counts.size(); ++f) {
    if (counts[f].state != editor::TrackCount::State::counted) continue;
    const float x = x_of(work, lane, static_cast<double>(f)), w = std::max(each * 0.35F, 0.5F);
    // By the square root: far away there are few points, and a few more matter.
    const float bar = high * std::sqrt(static_cast<float>(counts[f].inside) / static_cast<float>(most));
    const bool empty = counts[f].inside == 0;
    list->AddRectFilled({x - w, base - std::max(bar, 1.0F)}, {x + w, base},
                        empty ? IM_COL32(235, 120, 80, 255) : ((colour & 0xFFFFFFU) | 0x90000000U));
  }
}

}  // namespace sweepmark::ui
