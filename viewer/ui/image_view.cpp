// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/image_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "viewer/editor/kinds/image_kind.h"
#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

using Mouse = editor::ImageEditor::Mouse;

constexpr float bar_high = 40, most_names = 80;
constexpr double click_points = 4;

/// A place of the view, in points, for a pixel of the image.
ImVec2 in_view(const editor::ViewTransform& t, const Area& area, Vec2d pixel) {
  const double x = (pixel.x - 0.5 - t.eye.x) * t.scale_x, y = (pixel.y - 0.5 - t.eye.y) * t.scale_y;
  return {area.x + static_cast<float>((x + 1) / 2) * area.width,
          area.y + static_cast<float>((y + 1) / 2) * area.height};
}

}  // namespace

editor::Look ImageView::look_of(const Workspace& work, const ImageTrack& track, const editor::ImageCanvas& canvas) {
  editor::Look look = editor::look_of(class_at(track, canvas.time), work.ontology, canvas.pixels_per_point);
  look.colour = work.colour_of(track.id, class_at(track, canvas.time));
  return look;
}

void ImageView::draw(Workspace& work, const Area& area, Placements& views) {
  const std::string name = work.shown_camera();
  const auto image = work.shown_image();
  Camera& camera = cameras_[name];
  draw_bar(work, {area.x, area.y, area.width, bar_high}, camera);
  // Whole points: pictures have whole pixels, and what is drawn over them must fit.
  const Area below{std::floor(area.x), std::floor(area.y) + bar_high, std::floor(area.width),
                   std::floor(area.height) - bar_high};
  begin_panel("image", below, true);
  if (image) {
    draw_image(work, *image, below, camera, views);
  } else {
    work.image_editor.look_at(std::nullopt);
    draw_plate(ImGui::GetWindowDrawList(), {below.x + 12, below.y + 10}, name + " has no image in this frame",
               faint_text);
  }
  ImGui::End();
}

void ImageView::draw_bar(Workspace& work, const Area& area, Camera& camera) {
  begin_panel("image tools", area);
  const auto tools = editor::image_tools();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const std::string help = fmt::format("{}\n{}", tools[i].what, tools[i].keys);
    if (toggle_button(std::string(tools[i].name).c_str(), work.image_editor.tool() == i, help.c_str()))
      work.image_editor.choose_tool(i);
    ImGui::SameLine(0, 3);
  }
  ImGui::SameLine(0, 16);
  if (ImGui::Button("Fit")) camera.camera = {};
  tooltip("The whole image");
  ImGui::SameLine(0, 3);
  if (ImGui::Button("1:1")) pixels_wanted_ = true;
  tooltip("One pixel of the image for each of the screen; a smaller image stays whole");
  const auto fill_slider = [&](float wide) {
    ImGui::SetNextItemWidth(wide);
    ImGui::SliderFloat("##fill", &work.fill_opacity, 0, 1, "fill %.2f", ImGuiSliderFlags_AlwaysClamp);
    tooltip("How strongly masks and outlines are filled");
  };
  constexpr float slider_wide = 86;
  const float look_wide = ImGui::CalcTextSize("Look ...").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SameLine(0, 16);
  // In a small window it is in the list that "Look ..." opens.
  const bool has_slider = ImGui::GetContentRegionAvail().x >= slider_wide + 3 + look_wide;
  if (has_slider) {
    fill_slider(slider_wide);
    ImGui::SameLine(0, 3);
  }
  const bool is_changed = !(work.image_look == render::ImageLook{});
  if (toggle_button("Look ...", is_changed, "Brightness, contrast and gamma of the image, as it is shown"))
    ImGui::OpenPopup("look");
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {10, 8});
  if (ImGui::BeginPopup("look")) {
    const auto slider = [](const char* label, float& value, float from, float to, const char* format) {
      ImGui::SetNextItemWidth(180);
      ImGui::SliderFloat(label, &value, from, to, format, ImGuiSliderFlags_AlwaysClamp);
    };
    if (!has_slider) fill_slider(180);
    slider("##bright", work.image_look.brightness, -0.5F, 0.5F, "brightness %+.2f");
    slider("##contrast", work.image_look.contrast, 0.3F, 3, "contrast %.2f");
    slider("##gamma", work.image_look.gamma, 0.4F, 3, "gamma %.2f");
    if (ImGui::Button("As it is")) work.image_look = {};
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  ImGui::End();
}

void ImageView::navigate(const Area& area, Camera& camera) {
  const ImGuiIO& io = ImGui::GetIO();
  const int width = static_cast<int>(area.width), height = static_cast<int>(area.height);
  const int image_width = camera.picture.width(), image_height = camera.picture.height();
  const bool hovered = ImGui::IsItemHovered();
  if (pixels_wanted_) {
    const double fit =
        std::min(area.width / static_cast<float>(image_width), area.height / static_cast<float>(image_height));
    camera.camera.zoom = std::max(1.0, 1 / (fit * static_cast<double>(io.DisplayFramebufferScale.x)));
    pixels_wanted_ = false;
  }
  if (hovered && io.MouseWheel != 0)
    camera.camera.zoom_by(static_cast<double>(io.MouseWheel), static_cast<double>(io.MousePos.x - area.x),
                          static_cast<double>(io.MousePos.y - area.y), image_width, image_height, width, height);
  // While any tool is on, the right and the middle button move the picture.
  const bool moves = ImGui::IsMouseDragging(1, static_cast<float>(click_points)) ||
                     ImGui::IsMouseDragging(2, static_cast<float>(click_points));
  if (moves && ImGui::IsItemActive()) {
    is_panning_ = true;
    camera.camera.pan(static_cast<double>(io.MouseDelta.x), static_cast<double>(io.MouseDelta.y), image_width,
                      image_height, width, height);
  }
}

void ImageView::take_mouse(Workspace& work, const Area& area, const editor::ViewTransform& transform) {
  const ImGuiIO& io = ImGui::GetIO();
  const double x = static_cast<double>(io.MousePos.x - area.x), y = static_cast<double>(io.MousePos.y - area.y);
  const Vec2d pixel = editor::image_pixel(transform, static_cast<int>(area.width), static_cast<int>(area.height), x, y);
  const editor::MouseOnImage at{{pixel.x + 0.5, pixel.y + 0.5}, {io.KeyCtrl, io.KeyShift, io.KeyAlt}};
  const bool hovered = ImGui::IsItemHovered(), has_moved = x != mouse_x_ || y != mouse_y_;
  mouse_x_ = x;
  mouse_y_ = y;
  auto& editor = work.image_editor;
  if (is_tool_dragging_) {
    if (has_moved) editor.mouse(Mouse::drag, at);
    if (!ImGui::IsMouseDown(0)) {
      is_tool_dragging_ = false;
      editor.mouse(Mouse::release, at);
    }
    return;
  }
  if (hovered && ImGui::IsMouseClicked(0)) {
    is_tool_dragging_ = true;
    editor.mouse(ImGui::IsMouseDoubleClicked(0) ? Mouse::double_click : Mouse::press, at);
    return;
  }
  if (hovered && ImGui::IsMouseReleased(1) && !is_panning_) editor.right_click(at);
  if (!ImGui::IsMouseDown(1) && !ImGui::IsMouseDown(2)) is_panning_ = false;
  if (!hovered || !has_moved) return;
  editor.mouse(Mouse::hover, at);
  if (editor.canvas() && editor.tool() == 0) {
    const auto under = editor.labels.under(*editor.canvas(), at.at);
    if (!under.empty()) {
      const auto& labels = editor.labels.shown(editor.canvas()->camera, editor.canvas()->time);
      work.hovered = editor.labels.track(labels[under.front()]).id;
    }
  }
}

void ImageView::update_layer(Workspace& work, const editor::ImageCanvas& canvas) {
  auto& editor = work.image_editor;
  const auto& labels = editor.labels.shown(canvas.camera, canvas.time);
  const editor::PaintedMask* painted = editor.painted();
  Shown now{work.session.document().revision(),
            canvas.camera,
            work.session.selected(),
            painted != nullptr ? editor.painted_id() + "*" : "",
            canvas.time,
            false,
            work.fill_opacity,
            labels.size(),
            work.colour_mode == editor::ColourMode::track,
            false,
            0};
  now.is_pending = editor.labels.has_pending();
  auto dirty = editor.take_dirty();
  if (!(now == layer_of_)) {
    layer_of_ = now;
    std::vector<editor::LabelLayer::Area> areas;
    for (const auto& label : labels) {
      const ImageTrack& track = editor.labels.track(label);
      if (painted != nullptr && track.id == editor.painted_id()) continue;
      // What is dragged is its outline until it is let go: the layer is not made anew at each step.
      if (now.is_pending && track.id == work.session.selected()) continue;
      areas.push_back({label.value.get(), work.colour_of(track.id, class_at(track, canvas.time)),
                       track.id == work.session.selected()});
    }
    // The largest first, so that what is small is seen on top of it.
    std::ranges::stable_sort(
        areas, [](const auto& a, const auto& b) { return editor::size_of(*a.value) > editor::size_of(*b.value); });
    layer_.draw(static_cast<int>(canvas.width), static_cast<int>(canvas.height), areas,
                static_cast<double>(work.fill_opacity));
    if (painted != nullptr) {
      dirty = {0, 0, painted->width(), painted->height()};
    }
    if (layer_image_.width() != layer_.picture().width || layer_image_.height() != layer_.picture().height) {
      layer_image_ = work.renderer.make_image(layer_.picture());
    } else if (painted == nullptr) {
      work.renderer.update_image(layer_image_, layer_.picture(),
                                 {0, 0, layer_.picture().width, layer_.picture().height});
    }
    ++layer_version_;
  }
  if (painted != nullptr && !dirty.is_empty()) {
    const ImageTrack* of = editor.labels.selected_track(canvas.camera);
    const std::string painted_class = of != nullptr ? class_at(*of, canvas.time) : work.new_class;
    const auto changed = layer_.draw_painted(*painted, dirty, work.colour_of(editor.painted_id(), painted_class),
                                             std::max(0.45, static_cast<double>(work.fill_opacity)));
    work.renderer.update_image(layer_image_, layer_.picture(), changed);
    ++layer_version_;
  }
}

void ImageView::update_labels(Workspace& work, const editor::ImageCanvas& canvas) {
  auto& labels = work.image_editor.labels;
  const auto& shown = labels.shown(canvas.camera, canvas.time);
  const Shown now{work.session.document().revision(),
                  canvas.camera,
                  work.session.selected(),
                  {},
                  canvas.time,
                  false,
                  0,
                  shown.size(),
                  work.colour_mode == editor::ColourMode::track,
                  work.show_labels,
                  std::exp2(std::ceil(std::log2(canvas.pixels_per_point) - 0.5))};
  if (now == labels_of_) return;
  labels_of_ = now;
  labels_ = {};
  ++lines_version_;
  for (const auto& label : shown) {
    const ImageTrack& track = labels.track(label);
    if (track.id == work.session.selected()) continue;
    editor::Look look = look_of(work, track, canvas);
    look.is_keyframe = label.is_keyframe;
    look.pixels_per_point = now.pixels_per_point;  // made anew when the scale has halved or doubled, not at each step
    editor::draw_value(*label.value, look, labels_);
    if (work.show_labels && static_cast<float>(shown.size()) <= most_names) {
      const ImageBox around = bounds(*label.value);
      labels_.texts.push_back({{around.left, around.top}, track.id, look.colour, false});
    }
  }
}

/// The selected label, the one under the mouse, and what the tool is about to do.
editor::ImageDrawing ImageView::draw_current(Workspace& work, const editor::ImageCanvas& canvas) const {
  editor::ImageDrawing drawing;
  auto& labels = work.image_editor.labels;
  for (const auto& label : labels.shown(canvas.camera, canvas.time)) {
    const ImageTrack& track = labels.track(label);
    const bool selected = track.id == work.session.selected(), hovered = work.hovered == track.id;
    if (!selected && !hovered) continue;
    editor::Look look = look_of(work, track, canvas);
    look.is_keyframe = label.is_keyframe;
    look.is_selected = selected;
    look.is_hovered = hovered;
    editor::draw_value(*label.value, look, drawing);
    const ImageBox around = bounds(*label.value);
    drawing.texts.push_back(
        {{around.left, around.top}, class_at(track, canvas.time) + " " + track.id, bright_text, true});
  }
  work.image_editor.preview(drawing);
  return drawing;
}

void ImageView::update_cuboids(Workspace& work, std::uint32_t image) {
  const auto objects = work.session.shown();
  cuboids_ = editor::objects_in_image(work.session.scene(), work.session.frame(), image,
                                      work.session.document().labels().tracks, objects,
                                      editor::object_at(work.session.document()), work.session.selected_track());
  std::vector<editor::LineSegment> lines;
  for (const auto& object : cuboids_) lines.insert(lines.end(), object.lines.begin(), object.lines.end());
  const auto equal = [](const editor::LineSegment& a, const editor::LineSegment& b) {
    return a.a == b.a && a.b == b.b && a.colour == b.colour && a.width_px == b.width_px;
  };
  if (std::ranges::equal(lines, cuboid_lines_, equal)) return;
  cuboid_lines_ = std::move(lines);
  ++lines_version_;
}

std::vector<editor::LineSegment> ImageView::lines_in_view(const editor::ViewTransform& transform) const {
  const auto x_reach = static_cast<float>(1 / transform.scale_x), y_reach = static_cast<float>(1 / transform.scale_y);
  const auto x = static_cast<float>(transform.eye.x), y = static_cast<float>(transform.eye.y);
  const auto is_seen = [&](const editor::LineSegment& line) {
    return std::max(line.a.x, line.b.x) >= x - x_reach && std::min(line.a.x, line.b.x) <= x + x_reach &&
           std::max(line.a.y, line.b.y) >= y - y_reach && std::min(line.a.y, line.b.y) <= y + y_reach;
  };
  std::vector<editor::LineSegment> lines;
  lines.reserve(cuboid_lines_.size() + labels_.lines.size());
  for (const auto* all : {&cuboid_lines_, &labels_.lines})
    std::ranges::copy_if(*all, std::back_inserter(lines), is_seen);
  return lines;
}

void ImageView::draw_image(Workspace& work, std::uint32_t image, const Area& area, Camera& camera, Placements& views) {
  const Scene& scene = work.session.scene();
  const int width = std::max(static_cast<int>(area.width), 16), height = std::max(static_cast<int>(area.height), 16);
  ImDrawList* list = ImGui::GetWindowDrawList();
  ImGui::InvisibleButton(
      "image", {area.width, area.height},
      ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight | ImGuiButtonFlags_MouseButtonMiddle);
  const auto ready = work.images.get(image);
  if (ready && ready != camera.of) {
    camera.picture = work.renderer.make_image(*ready);
    camera.of = ready;
    ++camera.content;
  }
  const std::string& name = scene.sensors[scene.images[image].sensor].name;
  const auto failure = work.images.failure(image);
  if (!ready) {
    // A picture is never shown with another frame's labels.
    work.image_editor.look_at(std::nullopt);
    draw_plate(list, {area.x + 12, area.y + 10}, failure ? failure->message : name + ": loading ...", faint_text);
    return;
  }
  navigate(area, camera);
  const int image_width = camera.picture.width(), image_height = camera.picture.height();
  const auto transform = camera.camera.transform(image_width, image_height, width, height);
  editor::ImageCanvas canvas{name, scene.images[image].timestamp, static_cast<double>(image_width),
                             static_cast<double>(image_height), 2 / (transform.scale_x * width)};
  auto& editor = work.image_editor;
  editor.look_at(canvas);

  update_cuboids(work, image);
  editor.cuboid_at = [this, &work, reach = canvas.reach()](Vec2d at) -> std::optional<std::string> {
    const auto found = editor::pick(cuboids_, {at.x - 0.5, at.y - 0.5}, reach);
    if (!found) return std::nullopt;
    return work.session.document().labels().tracks[cuboids_[*found].track].id;
  };
  editor.picture = [of = camera.of] { return of; };
  editor.tick();
  take_mouse(work, area, transform);
  update_layer(work, canvas);
  update_labels(work, canvas);
  const editor::ImageDrawing current = draw_current(work, canvas);

  const std::uint64_t content = (camera.content * 1'000'003 + layer_version_) * 1'000'003 + lines_version_;
  if (!view_.is_current(content, transform, width, height, work.image_look))
    view_.draw(work.renderer, camera.picture, content, transform, width, height, lines_in_view(transform),
               layer_.has_any() ? &layer_image_ : nullptr, work.image_look);
  views.push_back(view_.at(area.x, area.y));
  draw_lines(area, transform, current);
  draw_marks(area, transform, {&labels_, &current});

  Fonts::push_small();
  const double late_ms = static_cast<double>(scene.images[image].timestamp - work.session.time()) * 1e-6;
  std::string about =
      fmt::format("{}   {} x {}   {:.0f} %", name, image_width, image_height,
                  100 / (canvas.pixels_per_point * static_cast<double>(ImGui::GetIO().DisplayFramebufferScale.x)));
  if (!scene.sweeps.empty()) about += fmt::format("   {:+.0f} ms from the sweep   (Escape: back)", late_ms);
  draw_plate(list, {area.x + 12, area.y + 10}, about, faint_text);
  Fonts::pop();
  // A message lies where the hint is.
  if (const std::string hint = editor.hint(); !hint.empty() && work.session.message().empty()) {
    const std::string fits = shortened(hint, area.width - 24);
    draw_plate(list, {area.x + (area.width - ImGui::CalcTextSize(fits.c_str()).x) / 2, area.y + area.height - 30}, fits,
               IM_COL32(255, 225, 130, 255));
  }
}

/// What changes with the mouse: on top, so that the rest need not be drawn again.
void ImageView::draw_lines(const Area& area, const editor::ViewTransform& transform,
                           const editor::ImageDrawing& drawing) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, true);
  for (const auto& line : drawing.lines) {
    const auto at = [&](const Vec3f& p) {
      return in_view(transform, area, {static_cast<double>(p.x) + 0.5, static_cast<double>(p.y) + 0.5});
    };
    list->AddLine(at(line.a), at(line.b), packed(line.colour), line.width_px);
  }
  list->PopClipRect();
}

void ImageView::draw_marks(const Area& area, const editor::ViewTransform& transform,
                           const std::vector<const editor::ImageDrawing*>& drawings) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({area.x, area.y}, {area.x + area.width, area.y + area.height}, true);
  for (const editor::ImageDrawing* drawing : drawings) {
    for (const auto& marker : drawing->markers) {
      const ImVec2 at = in_view(transform, area, marker.at);
      const float r = marker.radius;
      if (at.x < area.x - r || at.y < area.y - r || at.x > area.x + area.width + r || at.y > area.y + area.height + r)
        continue;
      constexpr ImU32 edge = IM_COL32(20, 24, 30, 220);
      if (marker.mark == editor::ImageDrawing::Mark::square) {
        list->AddRectFilled({at.x - r, at.y - r}, {at.x + r, at.y + r}, packed(marker.colour), 1);
        list->AddRect({at.x - r, at.y - r}, {at.x + r, at.y + r}, edge, 1);
      } else if (marker.mark == editor::ImageDrawing::Mark::disc) {
        list->AddCircleFilled(at, r, packed(marker.colour));
        list->AddCircle(at, r, edge);
      } else {
        list->AddCircle(at, r, packed(marker.colour), 0, 1.6F);
      }
    }
  }
  Fonts::push_small();
  for (const editor::ImageDrawing* drawing : drawings) {
    for (const auto& text : drawing->texts) {
      const ImVec2 size = ImGui::CalcTextSize(text.text.c_str());
      ImVec2 at = in_view(transform, area, text.at);
      at = {std::clamp(at.x, area.x + 6, std::max(area.x + 6, area.x + area.width - size.x - 6)), at.y - size.y - 3};
      if (at.y > area.y + area.height) continue;
      at.y = std::max(at.y, area.y + 34);
      if (text.on_plate) {
        draw_plate(list, at, text.text, packed(text.colour));
      } else {
        list->AddText({at.x + 1, at.y + 1}, IM_COL32(0, 0, 0, 190), text.text.c_str());
        list->AddText(at, packed(text.colour), text.text.c_str());
      }
    }
  }
  Fonts::pop();
  list->PopClipRect();
}

}  // namespace sweepmark::ui
