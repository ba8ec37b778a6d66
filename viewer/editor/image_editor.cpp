// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_editor.h"

#include <fmt/format.h>

#include <algorithm>

#include "tracking/provenance.h"
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
  return had;
}

void ImageEditor::look_at(const std::optional<ImageCanvas>& canvas) {
  const bool is_other = canvas_.has_value() != canvas.has_value() ||
                        (canvas && (canvas->camera != canvas_->camera || canvas->time != canvas_->time));
  if (is_other && canvas_) {
    // The brush gives up its object only when Escape says so.
    const std::string selected = session_.selected();
    cancel();
    session_.select(selected);
  }
  canvas_ = canvas;
}

void ImageEditor::choose_tool(std::size_t tool) {
  if (tool == tool_ || tool >= image_tools().size()) return;
  const std::string selected = session_.selected();
  cancel();
  session_.select(selected);
  tool_ = tool;
  if (tool != 0) last_drawing_tool_ = tool;
  active_ = image_tools()[tool].make();
}

std::string ImageEditor::hint() {
  if (!canvas_) return {};
  return active().hint(work());
}

void ImageEditor::mouse(Mouse what, const MouseOnImage& at) {
  if (!canvas_) return;
  auto on = work();
  switch (what) {
    case Mouse::press:
      active().press(on, at);
      break;
    case Mouse::drag:
      active().drag(on, at);
      break;
    case Mouse::release:
      active().release(on, at);
      break;
    case Mouse::double_click:
      active().double_click(on, at);
      break;
    case Mouse::hover:
      active().hover(on, at);
      break;
  }
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
  labels.set_value(*canvas_, session_.selected(), moved(*now->value, by), "keys");
  return true;
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
  const Scene& scene = session_.scene();
  for (std::size_t f = 0; target && f < scene.frames.size(); ++f)
    for (const std::uint32_t image : scene.frames[f].images)
      if (scene.images[image].timestamp == *target && scene.sensors[scene.images[image].sensor].name == track->camera) {
        session_.go_to(static_cast<std::int64_t>(f));
        return true;
      }
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
    labels.copy_to(*canvas_, scene.images[image].timestamp);
    if (!session_.message_is_error()) session_.go_to(frame);
    return true;
  }
  session_.say(fmt::format("{} has no image in frame {}", canvas_->camera, frame));
  return true;
}

bool ImageEditor::run(Action action) {
  if (!canvas_) return false;
  auto on = work();
  switch (action) {
    case Action::clear_selection:
      if (cancel()) return true;
      if (tool_ != 0) {
        choose_tool(0);
        return true;
      }
      if (session_.selected().empty()) return false;
      session_.select({});
      return true;
    case Action::undo:
      return active().take_back(on) || cancel();
    case Action::mark_reviewed:
      return active().finish(on);
    case Action::new_by_click:
      choose_tool(last_drawing_tool_);
      return true;
    case Action::next_object:
    case Action::previous_object:
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
        labels.remove();
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
