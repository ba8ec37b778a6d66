// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/comments_panel.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "viewer/editor/image_commands.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

/// "car-3 in frame 12", "frame 12", "the scene".
std::string about(const Workspace& work, const ReviewComment& comment) {
  // Ids of datasets may be 36 characters long.
  std::string text = shortened_id(comment.track, 110);
  if (comment.about)
    text += fmt::format("{}frame {}", text.empty() ? "" : " in ",
                        editor::frame_nearest(work.session.scene(), *comment.about));
  if (!comment.camera.empty()) text += (text.empty() ? "" : ", ") + comment.camera;
  return text.empty() ? "the scene" : text;
}

std::string written_by(const ReviewComment& comment) {
  const auto seconds = static_cast<std::time_t>(comment.written / 1'000'000'000);
  return fmt::format("{}  {:%Y-%m-%d %H:%M}", comment.author, fmt::gmtime(seconds));
}

void go_to(Workspace& work, const ReviewComment& comment) {
  auto& session = work.session;
  if (comment.about) session.go_to(static_cast<std::int64_t>(editor::frame_nearest(session.scene(), *comment.about)));
  if (!comment.camera.empty()) work.enlarged_camera = comment.camera;
  if (!comment.track.empty()) session.select(comment.track);
}

}  // namespace

bool CommentsPanel::add(Workspace& work, ReviewComment comment, std::array<char, 1024>& text) {
  comment.author = work.session.author();
  comment.written = work.session.now();
  comment.text = text.data();
  if (!work.session.edit("comment", [&](const LabelSet& labels) { return editor::add_comment(labels, comment); }))
    return false;
  text.fill(0);
  return true;
}

void CommentsPanel::draw_new(Workspace& work) {
  const auto& session = work.session;
  ReviewComment comment;
  comment.track = session.selected();
  comment.about = session.time();
  const std::string camera = work.shown_camera();
  // An object is commented where it is looked at.
  if (!camera.empty() && (comment.track.empty() ||
                          editor::find_image_track(session.document().labels(), camera, comment.track) != nullptr))
    comment.camera = camera;
  const float wide = ImGui::GetContentRegionAvail().x;
  ImGui::TextDisabled("%s", shortened("New, about " + about(work, comment), wide).c_str());
  const float button_wide = ImGui::CalcTextSize("Add").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SetNextItemWidth(wide - button_wide - 4);
  const bool entered = input_text("##text", "comment, Enter", text_, ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::SameLine(0, 4);
  if (ImGui::Button("Add") || entered) add(work, comment, text_);
}

void CommentsPanel::draw_thread(Workspace& work, const editor::CommentThread& thread) {
  const ReviewComment& first = *thread.first;
  const float wide = ImGui::GetContentRegionAvail().x;
  ImGui::Separator();
  const std::string title = shortened(about(work, first), wide - 60);
  if (ImGui::Selectable(title.c_str(), !first.track.empty() && first.track == work.session.selected()))
    go_to(work, first);
  if (first.is_resolved) {
    ImGui::SameLine(wide - 54);
    ImGui::TextDisabled("solved");
  }
  const auto draw = [](const ReviewComment& comment) {
    ImGui::TextDisabled("%s", written_by(comment).c_str());
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(comment.text.c_str());
    ImGui::PopTextWrapPos();
  };
  draw(first);
  ImGui::Indent(14);
  for (const ReviewComment* answer : thread.answers) draw(*answer);
  ImGui::Unindent(14);
  const std::string id = first.id;
  // The labels change under what is drawn: at most one edit, and nothing of the thread is looked at after it.
  if (ImGui::SmallButton(first.is_resolved ? "Open again" : "Solved")) {
    const bool resolved = !first.is_resolved;
    work.session.edit(resolved ? "solve comment" : "open comment",
                      [&](const LabelSet& labels) { return editor::set_comment_resolved(labels, id, resolved); });
    return;
  }
  ImGui::SameLine(0, 3);
  if (ImGui::SmallButton("Answer")) {
    answers_ = answers_ == id ? std::string() : id;
    answer_.fill(0);
  }
  ImGui::SameLine(0, 3);
  if (ImGui::SmallButton("Delete")) {
    work.session.edit("delete comment", [&](const LabelSet& labels) { return editor::remove_comment(labels, id); });
    return;
  }
  if (answers_ != id) return;
  ImGui::SetNextItemWidth(wide);
  if (input_text("##answer", "answer, Enter", answer_, ImGuiInputTextFlags_EnterReturnsTrue)) {
    ReviewComment answer;
    answer.reply_to = id;
    answer.track = first.track;
    answer.camera = first.camera;
    answer.about = first.about;
    if (add(work, answer, answer_)) answers_.clear();
  }
}

void CommentsPanel::draw(Workspace& work, const Area& scene) {
  if (!work.commenting) return;
  const float wide = std::min(340.0F, scene.width - 16), high = std::max(120.0F, scene.height - 60);
  begin_panel("comments", {scene.x + scene.width - wide - 8, scene.y + 48, wide, high}, false, true, true);
  Fonts::push_bold();
  const std::size_t open = editor::open_comments(work.session.document().labels());
  ImGui::Text("Comments: %zu open", open);
  Fonts::pop();
  ImGui::SameLine(ImGui::GetContentRegionMax().x - ImGui::CalcTextSize("Close").x - 8);
  if (ImGui::SmallButton("Close")) work.commenting = false;
  draw_new(work);
  const std::uint64_t revision = work.session.document().revision();
  const auto threads = editor::comment_threads(work.session.document().labels());
  const std::size_t solved = threads.size() - open;
  if (solved > 0) ImGui::Checkbox(fmt::format("Solved ones too ({})", solved).c_str(), &shows_resolved_);
  if (threads.empty()) ImGui::TextDisabled("No comments yet.");
  for (const editor::CommentThread& thread : threads) {
    if (thread.first->is_resolved && !shows_resolved_) continue;
    ImGui::PushID(thread.first->id.c_str());
    draw_thread(work, thread);
    ImGui::PopID();
    if (work.session.document().revision() != revision) break;
  }
  ImGui::End();
}

}  // namespace sweepmark::ui
