// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/main_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/math/rigid.h"
#include "viewer/editor/cuboid_edit.h"
#include "viewer/editor/pick.h"
#include "viewer/editor/trajectories.h"
#include "viewer/ui/class_items.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

constexpr double click_px = 4;

std::string thousands(std::size_t value) {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

}  // namespace

std::vector<editor::LineSegment> MainView::lines(const Workspace& work) const {
  std::vector<editor::LineSegment> lines;
  const auto& session = work.session;
  const Pose local = work.local_from_world();
  const Pose local_from_ego = local * session.scene().frames[session.frame()].world_from_ego;
  const double ground = work.loaded() ? work.loaded()->points().ground : 0;
  editor::add_ground_grid(lines, local_from_ego, ground, 100);
  if (session.scene().has_poses()) editor::add_ego_path(lines, session.scene(), local);
  for (const auto& object : session.shown()) {
    const Track& track = session.track(object);
    const bool selected = track.id == session.selected();
    editor::add_cuboid(lines, local * object.cuboid, work.colour_of(track.id, work.session.class_of(track)),
                       object.presence, selected);
    if (!selected && work.hovered == track.id)
      editor::add_cuboid(lines, local * object.cuboid, editor::rgba(255, 255, 255, 120), Presence::keyframe, false);
  }
  const auto& tracks = session.document().labels().tracks;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const bool selected = tracks[i].id == session.selected();
    if ((work.trajectories || selected) && !session.is_hidden(session.class_of(tracks[i]))) {
      const editor::Rgba colour = (work.colour_of(tracks[i].id, session.class_of(tracks[i])) & 0xFFFFFFU) |
                                  (selected ? 0xE0000000U : 0x80000000U);
      editor::add_trajectory(lines, session.document(), i, session.scene(), local, colour, selected ? 2.0 : 1.3);
    }
  }
  for (std::size_t i = 0; i < work.clicks.size(); ++i) {
    const auto at = [&](Vec3d world, double rise) {
      const Vec3d p = local * world;
      return Vec3f{static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z + rise)};
    };
    lines.push_back({at(work.clicks[i], 0), editor::rgba(255, 255, 255), at(work.clicks[i], 1.5), 2.5F});
    if (i > 0)
      lines.push_back({at(work.clicks[i - 1], 0.1), editor::rgba(255, 255, 255), at(work.clicks[i], 0.1), 2.0F});
  }
  return lines;
}

void MainView::draw(Workspace& work, const Area& area, Placements& views) {
  const int width = std::max(static_cast<int>(area.width), 16), height = std::max(static_cast<int>(area.height), 16);
  begin_panel("main view", area, true);
  ImGui::InvisibleButton(
      "scene", {area.width, area.height},
      ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight | ImGuiButtonFlags_MouseButtonMiddle);
  take_mouse(work, area);
  picture_.draw(work.renderer, work.cloud(), work.content(), work.local_camera().transform(width, height), width,
                height, lines(work), {.point_size_px = work.point_size});
  views.push_back(picture_.at(area.x, area.y));
  draw_overlay(work, area);
  context_menu(work);
  ImGui::End();
}

std::optional<Vec3d> MainView::place_at(Workspace& work, double x, double y) {
  if (!work.loaded()) return std::nullopt;
  // A point near the mouse is meant before the ground behind it.
  constexpr int reach_px = 4;
  const auto& points = work.loaded()->points().points;
  if (const auto i = picture_.point_near(work.renderer, x, y, reach_px, points.size())) {
    const Point& p = points[*i];
    return Vec3d{p.x, p.y, p.z};
  }
  return editor::at_height(editor::ray_through(picture_.transform(), picture_.width(), picture_.height(), x, y),
                           work.loaded()->points().ground);
}

std::optional<std::string> MainView::object_at(Workspace& work, double x, double y) {
  if (!picture_) return std::nullopt;
  const Pose world_from_local = inverse(work.local_from_world());
  const auto ray = editor::ray_through(picture_.transform(), picture_.width(), picture_.height(), x, y);
  std::optional<Vec3d> point;
  if (work.loaded()) {
    const auto& points = work.loaded()->points().points;
    const auto i = picture_.point_near(work.renderer, x, y, 0, points.size());
    if (i) point = world_from_local * Vec3d{points[*i].x, points[*i].y, points[*i].z};
  }
  const auto objects = work.session.shown();
  const auto found = editor::pick_object(objects, {world_from_local * ray.origin, ray.direction}, point);
  if (!found) return std::nullopt;
  return work.session.track(objects[*found]).id;
}

void MainView::take_mouse(Workspace& work, const Area& area) {
  const ImGuiIO& io = ImGui::GetIO();
  const double x = static_cast<double>(io.MousePos.x) - static_cast<double>(area.x),
               y = static_cast<double>(io.MousePos.y) - static_cast<double>(area.y);
  const double dx = x - mouse_x_, dy = y - mouse_y_;
  const int width = static_cast<int>(area.width), height = static_cast<int>(area.height);
  const bool hovered = ImGui::IsItemHovered();
  auto& session = work.session;

  if (hovered && io.MouseWheel != 0) {
    editor::OrbitCamera local = work.local_camera();
    local.zoom(static_cast<double>(io.MouseWheel), x, y, width, height);
    work.camera.distance = local.distance;
    work.camera.target = inverse(work.local_from_world()) * local.target;
  }
  if (hovered && drag_ == Drag::none) {
    if (dx != 0 || dy != 0) {
      work.hovered = object_at(work, x, y);
      const auto place = place_at(work, x, y);
      work.ground_under_mouse = place ? std::optional(inverse(work.local_from_world()) * *place) : std::nullopt;
    }
    for (const int button : {0, 1, 2}) {
      if (!ImGui::IsMouseClicked(button)) continue;
      press_x_ = x;
      press_y_ = y;
      drag_ = Drag::pressed;
      if (button == 0 && ImGui::IsMouseDoubleClicked(0)) {
        drag_ = Drag::none;
        double_click(work, x, y);
      } else if (button == 0 && (io.KeyCtrl || io.KeyShift)) {
        drag_ = Drag::rectangle;
        fit_ = io.KeyCtrl;
      } else if (button == 0 && io.KeyAlt) {
        const auto now = session.selected_now();
        const auto ray = editor::ray_through(picture_.transform(), picture_.width(), picture_.height(), x, y);
        if (now) {
          before_move_ = now->cuboid;
          grabbed_ = editor::at_height(ray, (work.local_from_world() * now->cuboid.center).z);
          if (grabbed_) drag_ = Drag::move_object;
        } else {
          session.say("Select an object first, then drag it with Alt");
        }
      }
    }
  }
  work.flying = false;
  if (drag_ != Drag::none && ImGui::IsMouseDown(1)) fly(work);
  const bool left = ImGui::IsMouseDown(0), right = ImGui::IsMouseDown(1), middle = ImGui::IsMouseDown(2);
  if (drag_ == Drag::pressed && std::hypot(x - press_x_, y - press_y_) > click_px)
    drag_ = left && !work.camera.birds_eye ? Drag::orbit : Drag::pan;
  if (drag_ == Drag::orbit) work.camera.orbit(dx, dy);
  if (drag_ == Drag::pan && (dx != 0 || dy != 0)) {
    editor::OrbitCamera local = work.local_camera();
    local.pan(dx, dy, height);
    work.camera.target = inverse(work.local_from_world()) * local.target;
  }
  if (moved_object_ && !session.is_dragging()) drag_ = Drag::none;  // by Escape, or by going to another frame
  moved_object_ = drag_ == Drag::move_object;
  if (drag_ == Drag::move_object && grabbed_) {
    const auto ray = editor::ray_through(picture_.transform(), picture_.width(), picture_.height(), x, y);
    if (const auto at = editor::at_height(ray, grabbed_->z)) {
      Cuboid moved = before_move_;
      moved.center = moved.center + (*at - *grabbed_);
      session.drag(moved);
    }
  }
  if (!left && !right && !middle && drag_ != Drag::none) {
    const Drag ended = drag_;
    drag_ = Drag::none;
    moved_object_ = false;
    if (ended == Drag::pressed && ImGui::IsMouseReleased(1)) {
      if (const auto track = object_at(work, x, y)) {
        session.select(*track);
        context_track_ = *track;
        context_wanted_ = true;
      }
    } else if (ended == Drag::pressed && ImGui::IsMouseReleased(0)) {
      click(work, x, y);
    } else if (ended == Drag::rectangle) {
      if (std::hypot(x - press_x_, y - press_y_) > click_px) {
        end_rectangle(work, {press_x_, press_y_, x, y}, fit_);
      } else {
        click(work, x, y);
      }
    } else if (ended == Drag::move_object) {
      session.end_drag("move");
    }
  }
  mouse_x_ = x;
  mouse_y_ = y;
}

void MainView::fly(Workspace& work) {
  const ImGuiIO& io = ImGui::GetIO();
  const auto held = [&](char key) { return io.KeysDown[static_cast<unsigned char>(key)] ? 1.0 : 0.0; };
  const double ahead = held('W') - held('S'), right = held('D') - held('A'), up = held('E') - held('Q');
  if (ahead == 0 && right == 0 && up == 0) return;
  // As fast as what is looked at is far: across a crossing in two seconds, through a parking lot in five.
  const double metres = work.camera.distance * static_cast<double>(io.DeltaTime) * (io.KeyShift ? 3 : 1);
  work.camera.fly(ahead * metres, right * metres, up * metres);
  work.flying = true;
}

void MainView::click(Workspace& work, double x, double y) {
  auto& session = work.session;
  if (work.tool == Tool::click) {
    double_click(work, x, y);
    return;
  }
  if (work.tool == Tool::three_clicks) {
    const auto place = place_at(work, x, y);
    if (!place || !work.loaded()) return;
    work.clicks.push_back(inverse(work.local_from_world()) * *place);
    if (work.clicks.size() < 3) return;
    const Pose local = work.local_from_world();
    const std::array<Vec3d, 3> clicks{local * work.clicks[0], local * work.clicks[1], local * work.clicks[2]};
    const auto cuboid = editor::cuboid_from_three_clicks(work.loaded()->points().points, work.loaded()->ground(),
                                                         clicks, work.new_cuboid_options(true));
    work.clicks.clear();
    work.tool = Tool::select;
    if (cuboid) {
      work.create_local(*cuboid, "three clicks");
    } else {
      session.say("The three clicks are on one line");
    }
    return;
  }
  const auto track = object_at(work, x, y);
  if (work.tool == Tool::merge && !track) return;
  work.choose(track.value_or(std::string()));
}

void MainView::double_click(Workspace& work, double x, double y) {
  auto& session = work.session;
  if (work.tool == Tool::select) {
    // On an object: look at it. On other points: a new object.
    if (const auto track = object_at(work, x, y)) {
      session.select(*track);
      work.run(editor::Action::focus, false);
      return;
    }
  }
  work.tool = Tool::select;
  if (!work.loaded()) return;
  constexpr int reach_px = 5;
  const auto& points = work.loaded()->points().points;
  const auto seed = picture_.point_near(work.renderer, x, y, reach_px, points.size());
  const auto cuboid =
      seed ? editor::cuboid_from_click(points, work.loaded()->ground(), *seed, work.new_cuboid_options(true))
           : std::nullopt;
  if (cuboid) {
    work.create_local(*cuboid, "click");
  } else {
    session.say("No object found there: click on points above the ground, or drag a rectangle with Ctrl");
  }
}

void MainView::end_rectangle(Workspace& work, const editor::Rectangle& rectangle, bool fit) {
  if (!work.loaded()) return;
  const auto cuboid =
      editor::cuboid_from_rectangle(work.loaded()->points().points, work.loaded()->ground(), picture_.transform(),
                                    picture_.width(), picture_.height(), rectangle, work.new_cuboid_options(fit));
  if (cuboid) {
    work.create_local(*cuboid, "rectangle");
  } else {
    work.session.say(fit ? "There are no points above the ground in the rectangle"
                         : "Without fitting, a rectangle needs the view from above (B)");
  }
}

void MainView::draw_overlay(Workspace& work, const Area& area) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, true);
  draw_names(work, area, list);
  if (drag_ == Drag::rectangle) {
    const ImVec2 a{area.x + static_cast<float>(press_x_), area.y + static_cast<float>(press_y_)};
    const ImVec2 b{area.x + static_cast<float>(mouse_x_), area.y + static_cast<float>(mouse_y_)};
    list->AddRectFilled(a, b, IM_COL32(90, 150, 255, 40));
    list->AddRect(a, b, IM_COL32(130, 180, 255, 255), 0, 0, 1.5F);
  }
  Fonts::push_small();
  draw_legend(work, area, list);
  const auto& loaded = work.loaded();
  std::string points = "Loading frame ...";
  if (loaded && loaded->number() == work.session.frame()) {
    const std::size_t all = loaded->points().points.size(), own = loaded->points().own_points;
    points = fmt::format("{} of {} points", thousands(all), thousands(all));
    if (own != all) points += fmt::format("  ({} of this frame)", thousands(own));
  } else if (const auto failure = work.frames.failure(work.session.frame())) {
    points = failure->message;
  }
  const Scene& scene = work.session.scene();
  if (scene.sweeps.empty()) points = "This scene has no sweeps";
  draw_plate(list, {area.x + 12, area.y + 10}, points, faint_text);
  std::size_t in_images = 0;
  for (const ImageTrack& track : work.session.document().labels().image_tracks) in_images += track.keyframes.size();
  if (in_images > 0)
    draw_plate(list, {area.x + 12, area.y + 34},
               fmt::format("{} labels in images: double click on an image to see and edit them", thousands(in_images)),
               IM_COL32(255, 225, 130, 255));
  const char* hint = nullptr;
  if (work.tool == Tool::click) hint = "Click on the object";
  if (work.tool == Tool::merge) hint = "Click on the object to join with";
  if (work.tool == Tool::three_clicks)
    hint = work.clicks.empty()       ? "Click on the rear corner of a long side"
           : work.clicks.size() == 1 ? "Click on the front corner of that side"
                                     : "Click anywhere on the other side";
  Fonts::pop();
  if (hint != nullptr) {
    const float wide = ImGui::CalcTextSize(hint).x;
    draw_plate(list, {area.x + (area.width - wide) / 2, area.y + 12}, hint, IM_COL32(255, 225, 130, 255));
  }
  list->PopClipRect();
}

void MainView::draw_names(Workspace& work, const Area& area, ImDrawList* list) {
  if (!work.show_labels || !picture_) return;
  struct Name {
    double order = 0;  ///< what is written first; those that overlap it are left out
    std::string text;
    ImVec2 at, size;
    ImU32 colour = 0;
    bool on_plate = false;
  };
  std::vector<Name> names;
  const Pose local = work.local_from_world();
  const auto& view = picture_.transform();
  Fonts::push_small();
  for (const auto& object : work.session.shown()) {
    const Track& track = work.session.track(object);
    const Cuboid c = local * object.cuboid;
    const bool selected = track.id == work.session.selected(), hovered = work.hovered == track.id;
    const auto top =
        editor::to_screen(view, picture_.width(), picture_.height(), c.center + Vec3d{0, 0, c.size.z / 2 + 0.25});
    if (!top) continue;
    // Small ones keep their lines, but not their names: a crowd of words hides what it names.
    const double pixels_per_metre =
        view.scale_y * picture_.height() / 2 / (view.perspective ? std::max(top->depth, 0.1) : 1);
    if (!selected && !hovered && pixels_per_metre * std::max({c.size.x, c.size.y, c.size.z}) < 22) continue;
    // Ids of datasets may be 36 characters long.
    const std::string id = shortened_id(track.id, 76);
    Name name{selected  ? -2
              : hovered ? -1
                        : top->depth,
              selected || hovered ? work.session.class_of(track) + " " + id : id,
              {},
              {},
              packed(work.colour_of(track.id, work.session.class_of(track))),
              selected || hovered};
    if (selected)
      if (const auto counts = work.count(object.cuboid, track))
        name.text += fmt::format("  {} pts", thousands(counts->inside));
    name.size = ImGui::CalcTextSize(name.text.c_str());
    name.at = {area.x + static_cast<float>(top->x) - name.size.x / 2, area.y + static_cast<float>(top->y) - 18};
    names.push_back(std::move(name));
  }
  std::ranges::stable_sort(names, {}, &Name::order);
  std::vector<const Name*> written;
  for (const Name& name : names) {
    const bool overlaps = std::ranges::any_of(written, [&](const Name* other) {
      return name.at.x < other->at.x + other->size.x + 2 && other->at.x < name.at.x + name.size.x + 2 &&
             name.at.y < other->at.y + other->size.y && other->at.y < name.at.y + name.size.y;
    });
    if (overlaps) continue;
    written.push_back(&name);
    if (name.on_plate) {
      draw_plate(list, name.at, name.text);
    } else {
      list->AddText({name.at.x + 1, name.at.y + 1}, IM_COL32(0, 0, 0, 180), name.text.c_str());
      list->AddText(name.at, name.colour, name.text.c_str());
    }
  }
  Fonts::pop();
}

void MainView::draw_legend(const Workspace& work, const Area& area, ImDrawList* list) {
  const auto& legend = work.colours().legend;
  const float x = area.x + 12;
  float y = area.y + area.height - 14;
  if (!legend.missing.empty()) {
    draw_plate(list, {x, y - 16}, legend.missing, IM_COL32(255, 200, 120, 255));
    return;
  }
  if (legend.entries.empty()) {
    constexpr int steps = 60;
    const float wide = 180, top = y - 12;
    const auto number = [&](double v) {
      return legend.unit.empty() ? fmt::format("{:.3g}", v) : fmt::format("{:.1f} {}", v, legend.unit);
    };
    list->AddRectFilled({x - 6, top - 22}, {x + wide + 8, y + 8}, IM_COL32(15, 18, 24, 190), 4);
    for (int i = 0; i < steps; ++i)
      list->AddRectFilled({x + wide * static_cast<float>(i) / steps, top},
                          {x + wide * static_cast<float>(i + 1) / steps, top + 5},
                          packed(editor::scale_colour((i + 0.5) / steps)));
    const std::string high = number(legend.high), low = number(legend.low);
    list->AddText({x, top - 17}, bright_text, legend.title.c_str());
    list->AddText({x, top + 5}, faint_text, low.c_str());
    list->AddText({x + wide - ImGui::CalcTextSize(high.c_str()).x, top + 5}, faint_text, high.c_str());
    return;
  }
  constexpr std::size_t most = 12;
  const std::size_t shown = std::min(legend.entries.size(), most);
  const float row = 16, high = row * static_cast<float>(shown + 1);
  list->AddRectFilled({x - 6, y - high - 4}, {x + 170, y + 8}, IM_COL32(15, 18, 24, 190), 4);
  y -= high;
  list->AddText({x, y}, bright_text, legend.title.c_str());
  for (std::size_t i = 0; i < shown; ++i) {
    y += row;
    list->AddRectFilled({x, y + 3}, {x + 10, y + 12}, packed(legend.entries[i].colour), 2);
    const bool cut = i + 1 == shown && shown < legend.entries.size();
    const std::string name =
        cut ? fmt::format("and {} more", legend.entries.size() - shown + 1) : shortened(legend.entries[i].name, 148);
    list->AddText({x + 16, y}, faint_text, name.c_str());
  }
}

void MainView::context_menu(Workspace& work) {
  if (context_wanted_) {
    ImGui::OpenPopup("object menu");
    context_wanted_ = false;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {10, 8});
  if (ImGui::BeginPopup("object menu")) {
    auto& session = work.session;
    const auto item = [&](const char* label, editor::Action action) {
      if (ImGui::MenuItem(label, work.keymap.keys_text(action).c_str())) work.run(action, false);
    };
    ImGui::TextDisabled("%s", context_track_.c_str());
    if (ImGui::BeginMenu("Class")) {
      draw_class_items(work, {});
      ImGui::EndMenu();
    }
    item("Look at it", editor::Action::focus);
    item("Many frames side by side", editor::Action::batch_view);
    ImGui::Separator();
    item("Keyframe here", editor::Action::keyframe);
    item("Not there from here on", editor::Action::absence);
    item("Does not move", editor::Action::make_static);
    item("Turn around", editor::Action::flip_heading);
    if (ImGui::MenuItem("Turn around in all frames")) session.flip_heading(true);
    ImGui::Separator();
    item("Join with ...", editor::Action::merge);
    item("Divide here", editor::Action::split);
    item("Delete in all frames", editor::Action::remove);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
}

}  // namespace sweepmark::ui
