// SPDX-License-Identifier: Apache-2.0
//
// What each key and button does.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"
#include "viewer/editor/cuboid_edit.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {
namespace {

using editor::Action;
using editor::ColourMode;

constexpr int most_sweeps = 20;

}  // namespace

void Workspace::nudge(Action action) {
  const auto now = session.selected_now();
  if (!now) {
    session.say("Select an object of this frame first");
    return;
  }
  const Cuboid& c = now->cuboid;
  const double x = editor::step_along(c, 0), y = editor::step_along(c, 1), z = editor::step_along(c, 2);
  Cuboid moved = c;
  switch (action) {
    case Action::move_forward:
      moved = editor::move_along(c, {x, 0, 0});
      break;
    case Action::move_backward:
      moved = editor::move_along(c, {-x, 0, 0});
      break;
    case Action::move_left:
      moved = editor::move_along(c, {0, y, 0});
      break;
    case Action::move_right:
      moved = editor::move_along(c, {0, -y, 0});
      break;
    case Action::move_up:
      moved = editor::move_along(c, {0, 0, z});
      break;
    case Action::move_down:
      moved = editor::move_along(c, {0, 0, -z});
      break;
    case Action::longer:
      moved = editor::move_face(c, {0, 1}, x);
      break;
    case Action::shorter:
      moved = editor::move_face(c, {0, 1}, -x);
      break;
    case Action::wider:
      moved = editor::move_face(editor::move_face(c, {1, 1}, y / 2), {1, -1}, y / 2);
      break;
    case Action::narrower:
      moved = editor::move_face(editor::move_face(c, {1, 1}, -y / 2), {1, -1}, -y / 2);
      break;
    case Action::taller:
      moved = editor::move_face(c, {2, 1}, z);
      break;
    case Action::lower:
      moved = editor::move_face(c, {2, 1}, -z);
      break;
    case Action::turn_left:
      moved = editor::turn(c, editor::turn_step);
      break;
    default:
      moved = editor::turn(c, -editor::turn_step);
      break;
  }
  session.drag(moved);
  nudging_ = true;
}

void Workspace::end_nudge() {
  image_editor.end_nudge();
  if (!nudging_) return;
  nudging_ = false;
  session.end_drag("keys");
}

void Workspace::paste() {
  if (!copied_) {
    session.say("Nothing was copied");
    return;
  }
  Cuboid cuboid = copied_->cuboid;
  if (ground_under_mouse) cuboid.center = *ground_under_mouse + Vec3d{0, 0, cuboid.size.z / 2};
  session.create(cuboid, copied_->class_name, "paste");
}

void Workspace::run(Action action, bool is_repeat) {
  if (is_repeat && !editor::info_of(action).repeats) return;
  // Dialogs lie over everything: Escape closes them first.
  if (action == Action::clear_selection && (exporting || help)) {
    (exporting ? exporting : help) = false;
    return;
  }
  if (image_editor.run(action)) return;
  const bool edits_object = (action >= Action::move_forward && action <= Action::split) || action == Action::remove ||
                            action == Action::mark_reviewed;
  if (edits_object && !shown_camera().empty() && !image_editor.canvas()) {
    session.say("The image is not there yet");  // else a cuboid of the same id would be meant
    return;
  }
  const bool nudges = action >= Action::move_forward && action <= Action::turn_right;
  if (!nudges) end_nudge();
  const auto frame = static_cast<std::int64_t>(session.frame());
  switch (action) {
    case Action::previous_frame:
      session.go_to(frame - 1);
      break;
    case Action::next_frame:
      session.go_to(frame + 1);
      break;
    case Action::first_frame:
      session.go_to(0);
      break;
    case Action::last_frame:
      session.go_to(static_cast<std::int64_t>(session.frame_count()));
      break;
    case Action::play:
      playing = !playing && session.frame() + 1 < session.frame_count();
      playback.start();
      break;
    case Action::previous_object:
      session.select_next(-1);
      break;
    case Action::next_object:
      session.select_next(1);
      break;
    case Action::next_unreviewed:
      if (session.go_to_unreviewed()) run(Action::focus, false);
      break;
    case Action::mark_reviewed:
      session.set_reviewed(true);
      if (session.selected_track()) run(Action::next_unreviewed, false);
      break;
    case Action::clear_selection:
      if (session.is_dragging()) {
        session.cancel_drag();
        nudging_ = false;
      } else if (tool != Tool::select) {
        tool = Tool::select;
        clicks.clear();
      } else if (exporting) {
        exporting = false;
      } else if (help) {
        help = false;
      } else if (batch_view) {
        batch_view = false;
      } else if (!enlarged_camera.empty() && !session.scene().sweeps.empty()) {
        enlarged_camera.clear();
      } else {
        session.select({});
      }
      break;
    case Action::new_by_click:
      tool = Tool::click;
      clicks.clear();
      break;
    case Action::new_by_three_clicks:
      tool = Tool::three_clicks;
      clicks.clear();
      break;
    case Action::fit_turned_left:
      fit_selected(editor::turn_step);
      break;
    case Action::fit_turned_right:
      fit_selected(-editor::turn_step);
      break;
    case Action::fit:
      fit_selected(0);
      break;
    case Action::flip_heading:
      session.flip_heading(false);
      break;
    case Action::keyframe:
      session.toggle_keyframe();
      break;
    case Action::previous_keyframe:
      session.go_to_keyframe(-1);
      break;
    case Action::next_keyframe:
      session.go_to_keyframe(1);
      break;
    case Action::absence:
      session.toggle_absence();
      break;
    case Action::copy_forwards:
      session.copy_to_frame(frame + 1);
      break;
    case Action::copy_backwards:
      session.copy_to_frame(frame - 1);
      break;
    case Action::copy:
      if (const auto now = session.selected_now()) {
        copied_ = Copied{now->cuboid, session.class_of(session.track(*now))};
        session.say("Copied");
      }
      break;
    case Action::paste:
      paste();
      break;
    case Action::make_static:
      session.make_static();
      break;
    case Action::lock_size:
      session.set_size_lock(!session.has_size_lock());
      break;
    case Action::merge:
      if (session.selected_track()) {
        tool = Tool::merge;
      } else {
        session.say("Select an object first");
      }
      break;
    case Action::split:
      session.split();
      break;
    case Action::remove:
      session.remove();
      break;
    case Action::undo:
      session.undo();
      break;
    case Action::redo:
      session.redo();
      break;
    case Action::export_labels:
      exporting = !exporting;
      break;
    case Action::comments:
      commenting = !commenting;
      break;
    case Action::batch_view:
      batch_view = !batch_view && session.selected_track().has_value();
      break;
    case Action::birds_eye:
      camera.birds_eye = !camera.birds_eye;
      break;
    case Action::reset_view:
      reset_view();
      break;
    case Action::focus:
      if (const auto cuboid = session.selected_or_nearest())
        look_at(cuboid->center, std::max(12.0, 3.5 * norm(cuboid->size)));
      break;
    case Action::follow:
      follow = !follow;
      if (follow) run(Action::focus, false);
      break;
    case Action::trajectories:
      trajectories = !trajectories;
      break;
    case Action::cycle_colours:
      colour_mode =
          static_cast<ColourMode>((static_cast<std::size_t>(colour_mode) + 1) % editor::colour_mode_names().size());
      break;
    case Action::larger_points:
      point_size = std::min(point_size + 0.5F, 8.0F);
      break;
    case Action::smaller_points:
      point_size = std::max(point_size - 0.5F, 1.0F);
      break;
    case Action::more_sweeps:
    case Action::fewer_sweeps:
      sweeps.frames_before = sweeps.frames_after =
          std::clamp(sweeps.frames_before + (action == Action::more_sweeps ? 1 : -1), 0, most_sweeps);
      break;
    case Action::screenshot:
      screenshot_wanted = true;
      break;
    case Action::help:
      help = !help;
      break;
    case Action::quit:
      quit_wanted = true;
      break;
    case Action::suggest_keyframe:
      session.go_to_suggestion();
      break;
    case Action::refine:
      refine();
      break;
    case Action::propagate:
      propagate();
      break;
    case Action::drop_computed:
      session.drop_computed();
      break;
    default:
      if (action >= Action::class_1 && action <= Action::class_9) {
        choose_class(static_cast<std::size_t>(action) - static_cast<std::size_t>(Action::class_1));
      } else {
        nudge(action);
      }
      break;
  }
}

void Workspace::choose_class(std::size_t number) {
  const auto names = class_names();
  if (number >= names.size()) {
    session.say(fmt::format("There are {} classes", names.size()));
    return;
  }
  if (choose_class(names[number])) session.say("Class: " + new_class);
}

}  // namespace sweepmark::ui
