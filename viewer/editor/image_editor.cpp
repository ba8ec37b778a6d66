// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tracking/provenance.h"
#include "tracking/review.h"
#include "viewer/editor/kinds/image_kind.h"

namespace sweepmark::editor {

ImageTool& ImageEditor::active() {
  if (!active_) active_ = image_tools()[tool_].make();
  return *active_;
}

bool ImageEditor::cancel() {
  if (!canvas_) return false;
  auto on = work();
  const bool had = active().cancel(on);
  labels.drop_pending();
  is_pressed_ = false;  // what is still held is none of the tool's any more
  return had;
}

void ImageEditor::give_up() {
  if (!canvas_) return;
  end_nudge();
  // The brush lets its object go only when Escape says so.
  const std::string selected = session_.selected();
  const bool was_making = active().is_making();
  cancel();
  session_.select(selected);
  if (was_making) session_.say("What was being drawn is given up");
}

void ImageEditor::look_at(const std::optional<ImageCanvas>& canvas) {
  const bool is_other = canvas_.has_value() != canvas.has_value() ||
                        (canvas && (canvas->camera != canvas_->camera || canvas->time != canvas_->time));
  if (is_other && canvas_) {
    give_up();
    is_joining_ = false;
  }
  canvas_ = canvas;
}

void ImageEditor::choose_tool(std::size_t tool) {
  is_joining_ = false;
  if (tool == tool_ || tool >= image_tools().size()) return;
  give_up();
  tool_ = tool;
  if (tool != 0) last_drawing_tool_ = tool;
  is_pressed_ = false;
  active_ = image_tools()[tool].make();
}

std::string ImageEditor::hint() {
  if (!canvas_) return {};
  if (is_joining_) return "Click on the object to join with; Escape: none";
  return active().hint(work());
}

void ImageEditor::mouse(Mouse what, const MouseOnImage& at) {
  if (!canvas_) return;
  auto on = work();
  switch (what) {
    case Mouse::press:
      end_nudge();
      if (std::exchange(is_joining_, false)) {
        join_at(at);
        break;
      }
      is_pressed_ = true;
      active().press(on, at);
      break;
    case Mouse::drag:
      if (is_pressed_) active().drag(on, at);
      break;
    case Mouse::release:
      if (std::exchange(is_pressed_, false)) active().release(on, at);
      break;
    case Mouse::double_click:
      if (std::exchange(is_joining_, false)) {
        join_at(at);
        break;
      }
      // Where it means nothing of its own it is a press like any other.
      is_pressed_ = !active().double_click(on, at);
      if (is_pressed_) active().press(on, at);
      break;
    case Mouse::hover:
      active().hover(on, at);
      break;
  }
}

void ImageEditor::tick() {
  if (!canvas_) return;
  auto on = work();
  active().tick(on);
}

void ImageEditor::join_at(const MouseOnImage& at) {
  const auto& shown = labels.shown(canvas_->camera, canvas_->time);
  for (const std::size_t i : labels.under(*canvas_, at.at)) {
    const std::string other = labels.track(shown[i]).id;
    if (other == session_.selected()) continue;
    labels.join(*canvas_, other);
    return;
  }
  session_.say("There is no other object there");
}

bool ImageEditor::right_click(const MouseOnImage& at) {
  if (!canvas_) return false;
  auto on = work();
  return active().right_click(on, at);
}

bool ImageEditor::key(const KeyPress& key) {
  if (!canvas_) return false;
  auto on = work();
  return active().key(on, key);
}

bool ImageEditor::means_image() const {
  return session_.selected().empty() || !session_.selected_track() || labels.selected_track(canvas_->camera) != nullptr;
}

bool ImageEditor::nudge(Vec2d by) {
  const auto now = labels.selected(canvas_->camera, canvas_->time);
  if (!now) {
    session_.say("Select an object of this image first");
    return true;
  }
  if (!nudged_) nudged_ = Nudged{session_.selected(), now->value, {}};
  nudged_->by = {nudged_->by.x + by.x, nudged_->by.y + by.y};
  labels.set_pending(*canvas_, nudged_->id, moved(*nudged_->from, nudged_->by));
  return true;
}

void ImageEditor::end_nudge() {
  if (!std::exchange(nudged_, std::nullopt)) return;
  labels.commit_pending("keys");
}

bool ImageEditor::mark_reviewed() {
  if (labels.selected_track(canvas_->camera) == nullptr) return false;
  session_.set_attribute(std::string(review::reviewed), session_.author());
  return go_to_unreviewed();
}

bool ImageEditor::go_to_unreviewed() {
  const auto& tracks = session_.document().labels().image_tracks;
  const auto selected = std::ranges::find_if(tracks, [&](const ImageTrack& track) {
    return track.id == session_.selected() && track.camera == canvas_->camera;
  });
  const auto start = selected == tracks.end() ? 0 : static_cast<std::size_t>(selected - tracks.begin()) + 1;
  bool has_any = false;
  for (std::size_t k = 0; k < tracks.size(); ++k) {
    const ImageTrack& track = tracks[(start + k) % tracks.size()];
    if (track.camera != canvas_->camera || track.keyframes.empty()) continue;
    has_any = true;
    if (track.attributes.contains(std::string(review::reviewed))) continue;
    session_.select(track.id);
    if (!labels.selected(canvas_->camera, canvas_->time)) go_to_image(track.keyframes.front().timestamp);
    return true;
  }
  if (has_any) session_.say("All objects of " + canvas_->camera + " are reviewed");
  return has_any;  // else those in 3D are meant
}

bool ImageEditor::go_to_image(TimestampNs time) {
  const Scene& scene = session_.scene();
  for (std::size_t f = 0; f < scene.frames.size(); ++f)
    for (const std::uint32_t image : scene.frames[f].images)
      if (scene.images[image].timestamp == time && scene.sensors[scene.images[image].sensor].name == canvas_->camera) {
        session_.go_to(static_cast<std::int64_t>(f));
        return true;
      }
  return false;
}

bool ImageEditor::go_to_keyframe(int direction) {
  const ImageTrack* track = labels.selected_track(canvas_->camera);
  if (track == nullptr) {
    session_.say("Select an object of this image first");
    return true;
  }
  std::optional<TimestampNs> target;
  for (const ImageKeyframe& k : track->keyframes) {
    if (!are_set_by_person(k.attributes)) continue;
    if (direction > 0 && k.timestamp > canvas_->time) {
      target = k.timestamp;
      break;
    }
    if (direction < 0 && k.timestamp < canvas_->time) target = k.timestamp;
  }
  if (target && go_to_image(*target)) return true;
  session_.say(fmt::format("{} has no keyframe {} this one", track->id, direction > 0 ? "after" : "before"));
  return true;
}

bool ImageEditor::copy_to_frame(int direction) {
  const Scene& scene = session_.scene();
  const auto frame = static_cast<std::int64_t>(session_.frame()) + direction;
  if (frame < 0 || frame >= static_cast<std::int64_t>(scene.frames.size())) {
    session_.say("There is no frame to copy to");
    return true;
  }
  for (const std::uint32_t image : scene.frames[static_cast<std::size_t>(frame)].images) {
    if (scene.sensors[scene.images[image].sensor].name != canvas_->camera) continue;
    if (!labels.selected(canvas_->camera, canvas_->time)) {
      session_.say("Select an object of this image first");
      return true;
    }
    labels.copy_to(*canvas_, scene.images[image].timestamp);
    session_.go_to(frame);  // also where it is the same there already
    return true;
  }
  session_.say(fmt::format("{} has no image in frame {}", canvas_->camera, frame));
  return true;
}

bool ImageEditor::run(Action action) {
  if (!canvas_) return false;
  const bool nudges = action >= Action::move_forward && action <= Action::move_down;
  if (!nudges) end_nudge();
  auto on = work();
  switch (action) {
    case Action::clear_selection:
      if (std::exchange(is_joining_, false) || cancel()) return true;
      if (tool_ != 0) {
        choose_tool(0);
        return true;
      }
      if (session_.selected().empty()) return false;
      session_.select({});
      return true;
    case Action::undo:
      if (active().take_back(on)) return true;
      return (labels.has_pending() || active().painted() != nullptr) && cancel();
    case Action::mark_reviewed:
      return active().finish(on) || mark_reviewed();
    case Action::next_unreviewed:
      return go_to_unreviewed();
    case Action::new_by_click:
      choose_tool(last_drawing_tool_);
      return true;
    case Action::next_object:
    case Action::previous_object:
      if (labels.shown(canvas_->camera, canvas_->time).empty()) return false;
      labels.select_next(*canvas_, action == Action::next_object ? 1 : -1);
      return true;
    default:
      break;
  }
  if (!means_image()) return false;
  switch (action) {
    case Action::keyframe:
      labels.toggle_keyframe(*canvas_);
      return true;
    case Action::absence:
      labels.toggle_absence(*canvas_);
      return true;
    case Action::remove:
      if (session_.selected().empty()) {
        session_.say("Select an object of this image first");
      } else {
        session_.remove_object(session_.selected());
      }
      return true;
    case Action::merge:
      if (labels.selected_track(canvas_->camera) == nullptr) {
        session_.say("Select an object of this image first");
      } else {
        give_up();
        is_joining_ = true;
      }
      return true;
    case Action::drop_computed:
      labels.drop_computed(*canvas_);
      return true;
    case Action::previous_keyframe:
    case Action::next_keyframe:
      return go_to_keyframe(action == Action::next_keyframe ? 1 : -1);
    case Action::copy_forwards:
    case Action::copy_backwards:
      return copy_to_frame(action == Action::copy_forwards ? 1 : -1);
    case Action::move_forward:
    case Action::move_up:
      return nudge({0, -1});
    case Action::move_backward:
    case Action::move_down:
      return nudge({0, 1});
    case Action::move_left:
      return nudge({-1, 0});
    case Action::move_right:
      return nudge({1, 0});
    default:
      return false;
  }
}

void ImageEditor::preview(ImageDrawing& drawing) {
  if (!canvas_) return;
  auto on = work();
  active().preview(on, drawing);
}

}  // namespace sweepmark::editor
