// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/main_window.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "viewer/ui/top_bar.h"

namespace sweepmark::ui {
namespace {

void run_keys(Workspace& work, const std::deque<PressedKey>& keys) {
  const ImGuiIO& io = ImGui::GetIO();
  // A text that is being typed takes all keys; so does an open menu.
  // With the right button held, keys fly the camera.
  if (ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
    // Escape closes the list or menu and nothing else.
    const bool closes = std::ranges::any_of(
        keys, [](const PressedKey& key) { return key.press.pressed && key.press.key == editor::Key::escape; });
    if (closes && !io.WantTextInput) ImGui::ClosePopupToLevel(0, true);
    return;
  }
  if (io.MouseDown[1] || io.WantTextInput) return;
  for (const PressedKey& key : keys) {
    editor::Chord chord{key.press.key, key.press.with};
    auto action = work.keymap.action_of(chord);
    // "?" and "+" need Shift on some keyboards and are meant without it.
    if (!action && chord.with.shift) {
      chord.with.shift = false;
      if (chord.key == editor::key_of('/')) chord.key = editor::key_of('?');
      if (chord.key == editor::key_of('=')) chord.key = editor::key_of('+');
      const bool is_sign = chord.key == editor::key_of('?') || chord.key == editor::key_of('+');
      if (is_sign) action = work.keymap.action_of(chord);
    }
    if (work.image_editor.key(key.press)) continue;
    if (action) work.run(*action, key.is_repeat);
  }
}

}  // namespace

void MainWindow::frame(GuiContext& gui, Workspace& work, render::Screen& screen, double seconds) {
  const auto keys = gui.begin_frame(seconds);
  const ImGuiIO& io = ImGui::GetIO();
  run_keys(work, keys);
  if (work.is_nudging() && std::ranges::none_of(io.KeysDown, [](bool down) { return down; })) work.end_nudge();
  if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0) work.hovered.reset();
  work.update(seconds);

  const float width = gui.width(), height = gui.height();
  constexpr float top = 42;
  const float left = std::clamp(width * 0.17F, 200.0F, 290.0F), right = std::clamp(width * 0.22F, 250.0F, 400.0F);
  const float bottom = std::clamp(height * 0.2F, 120.0F, 220.0F);
  const Area center{left, top, width - left - right, height - top - bottom};

  Placements views;
  draw_top_bar(work, {0, 0, width, top});
  objects_.draw(work, {0, top, left, height - top - bottom});
  const Area panel{width - right, top, right, height - top - bottom};
  const std::string camera = work.shown_camera();
  // A cuboid that is selected in an image keeps its own panel.
  const bool is_of_image =
      !camera.empty() && (!work.session.selected_track() || work.image_editor.labels.selected_track(camera) != nullptr);
  if (is_of_image) {
    image_panel_.draw(work, panel);
  } else {
    side_panel_.draw(work, panel, views);
  }
  timeline_.draw(work, {0, height - bottom, width, bottom});
  if (work.batch_view) {
    work.image_editor.look_at(std::nullopt);
    batch_.draw(work, center, views);
  } else {
    const Area scene{center.x, center.y, center.width, center.height - cameras_.taken_height(work, center.width)};
    if (camera.empty()) {
      work.image_editor.look_at(std::nullopt);
      main_view_.draw(work, scene, views);
    } else {
      image_view_.draw(work, scene, views);
    }
    cameras_.draw_strip(work, center, views);
  }
  comments_.draw(work, center);
  draw_message(work, center);
  export_.draw(work, {0, 0, width, height});
  draw_help(work, {0, 0, width, height});
  ImGui::Render();
  screen.compose(gui.width_px(), gui.height_px(), views, ImGui::GetDrawData());
}

}  // namespace sweepmark::ui
