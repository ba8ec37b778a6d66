// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/camera_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viewer/ui/gui_context.h"

namespace sweepmark::ui {
namespace {

constexpr float least_height = 70, most_height = 190, gap = 3;
/// Images that need less than this part of the width lie in a corner of the main view.
constexpr float corner_part = 0.7F;

}  // namespace

/// As the dataset says, or the image itself; until then, that of most cameras.
double CameraStrip::aspect_of(const Workspace& work, std::uint32_t image) const {
  const auto& scene = work.session.scene();
  const Sensor& sensor = scene.sensors[scene.images[image].sensor];
  if (sensor.camera && sensor.camera->width > 0 && sensor.camera->height > 0)
    return static_cast<double>(sensor.camera->width) / sensor.camera->height;
  const auto shown = small_.find(sensor.name);
  if (shown != small_.end() && shown->second.image)
    return static_cast<double>(shown->second.image.width()) / shown->second.image.height();
  return 16.0 / 9;
}

double CameraStrip::aspect_of_all(const Workspace& work) const {
  double aspects = 0;
  for (const std::uint32_t image : work.session.scene().frames[work.session.frame()].images)
    aspects += aspect_of(work, image);
  return aspects;
}

float CameraStrip::height_for(const Workspace& work, float width) const {
  const double aspects = aspect_of_all(work);
  if (aspects <= 0) return 0;
  return std::clamp(static_cast<float>(static_cast<double>(width) / aspects), least_height, most_height);
}

/// A frame of one image, which is the large view already.
bool CameraStrip::is_the_large_one(const Workspace& work) {
  return work.session.scene().sweeps.empty() && work.session.scene().frames[work.session.frame()].images.size() == 1;
}

float CameraStrip::taken_height(const Workspace& work, float width) const {
  if (is_the_large_one(work)) return 0;
  const float height = height_for(work, width);
  const bool in_corner = static_cast<float>(aspect_of_all(work)) * height < corner_part * width;
  return in_corner ? 0 : height + gap;
}

void CameraStrip::draw_strip(Workspace& work, const Area& area, Placements& views) {
  const auto& scene = work.session.scene();
  const auto& images = scene.frames[work.session.frame()].images;
  if (images.empty() || is_the_large_one(work)) return;
  const auto aspects = static_cast<float>(aspect_of_all(work));
  const float gaps = static_cast<float>(images.size() - 1) * gap;
  const float high = std::floor(std::min(height_for(work, area.width), (area.width - gaps) / aspects));
  const float wide = std::floor(aspects * high + gaps) + 1;
  const bool in_corner = taken_height(work, area.width) == 0;
  const float left = in_corner ? area.x + area.width - wide - 10 : area.x;
  const float top = area.y + area.height - high - (in_corner ? 10.0F : 0.0F);
  begin_panel(in_corner ? "camera in the corner" : "cameras", {left, top, wide, high}, true, false, in_corner);
  float x = left;
  for (const std::uint32_t image : images) {
    const auto each = static_cast<float>(aspect_of(work, image)) * high;
    draw_image(work, image, {std::floor(x), top, std::floor(each), high}, views,
               small_[scene.sensors[scene.images[image].sensor].name]);
    x += each + gap;
  }
  ImGui::End();
}

void CameraStrip::draw_image(Workspace& work, std::uint32_t image, const Area& area, Placements& views, Shown& shown) {
  auto& session = work.session;
  const auto& scene = session.scene();
  const std::string& name = scene.sensors[scene.images[image].sensor].name;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const int width = std::max(static_cast<int>(area.width), 16), height = std::max(static_cast<int>(area.height), 16);
  ImGui::SetCursorScreenPos({area.x, area.y});
  ImGui::PushID(static_cast<int>(image));
  ImGui::InvisibleButton("image", {area.width, area.height},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  ImGui::PopID();
  const bool hovered = ImGui::IsItemHovered();
  const auto ready = work.images.get(image);
  if (ready && ready != shown.of) {
    shown.image = work.renderer.make_image(*ready);
    shown.of = ready;
    ++shown.content;
  }
  const auto failure = work.images.failure(image);
  // While the next image comes, the last one stays to look at, without labels; a picture that is damaged never has
  // them.
  if (!ready && (failure || !shown.image)) {
    list->AddRectFilled({area.x, area.y}, {area.x + area.width, area.y + area.height}, IM_COL32(18, 22, 28, 255));
    Fonts::push_small();
    list->AddText(ImGui::GetFont(), ImGui::GetFontSize(), {area.x + 8, area.y + 6}, faint_text,
                  failure ? failure->message.c_str() : (name + ": loading ...").c_str(), nullptr, area.width - 16);
    Fonts::pop();
    return;
  }
  const int image_width = shown.image.width(), image_height = shown.image.height();
  const ImGuiIO& io = ImGui::GetIO();
  const double x = static_cast<double>(io.MousePos.x - area.x), y = static_cast<double>(io.MousePos.y - area.y);
  const auto transform = editor::ImageCamera{}.transform(image_width, image_height, width, height);
  const auto objects = session.shown();
  const auto in_image =
      editor::objects_in_image(scene, session.frame(), image, session.document().labels().tracks, objects,
                               editor::object_at(session.document()), session.selected_track());
  std::vector<editor::LineSegment> lines;
  if (ready)
    for (const auto& object : in_image) lines.insert(lines.end(), object.lines.begin(), object.lines.end());
  for (auto& line : lines) line.width_px = std::max(1.0F, line.width_px * 0.6F);
  shown.picture.draw(work.renderer, shown.image, shown.content, transform, width, height, std::move(lines));
  views.push_back(shown.picture.at(area.x, area.y));

  const auto pixel = editor::image_pixel(transform, width, height, x, y);
  if (hovered) {
    const double reach = 6 / std::max(transform.scale_x * width / 2, 1e-6);
    const auto under = ready ? editor::pick(in_image, pixel, reach) : std::nullopt;
    if (under) work.hovered = session.document().labels().tracks[in_image[*under].track].id;
    if (ImGui::IsMouseReleased(0)) {
      // A double click enlarges; its second click does not take back what the first did.
      if (io.MouseClickedLastCount[0] >= 2) {
        work.enlarged_camera = name;
      } else if (under) {
        work.choose(std::string(session.document().labels().tracks[in_image[*under].track].id));
      } else {
        work.enlarged_camera = work.enlarged_camera == name ? std::string() : name;
      }
    }
  }
  const bool chosen = work.shown_camera() == name;
  list->AddRect({area.x, area.y}, {area.x + area.width, area.y + area.height},
                chosen ? IM_COL32(110, 168, 255, 255) : IM_COL32(44, 52, 65, 255), 0, 0, chosen ? 2.0F : 1.0F);
  Fonts::push_small();
  draw_plate(list, {area.x + 9, area.y + 6}, ready ? name : name + ": loading ...", faint_text);
  Fonts::pop();
}

}  // namespace sweepmark::ui
