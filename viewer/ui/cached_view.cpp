// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/cached_view.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace sweepmark::ui {
namespace {

bool equal(const editor::LineSegment& a, const editor::LineSegment& b) {
  return a.a == b.a && a.b == b.b && a.colour == b.colour && a.width_px == b.width_px;
}

bool equal(const editor::ViewTransform& a, const editor::ViewTransform& b) {
  return a.eye == b.eye && a.right == b.right && a.up == b.up && a.forward == b.forward && a.scale_x == b.scale_x &&
         a.scale_y == b.scale_y && a.perspective == b.perspective && a.near_m == b.near_m && a.far_m == b.far_m;
}

float pixels_per_point() { return ImGui::GetIO().DisplayFramebufferScale.x; }

int in_pixels(float points) { return static_cast<int>(std::lround(points * pixels_per_point())); }

std::vector<editor::LineSegment> scaled(std::vector<editor::LineSegment> lines) {
  for (auto& line : lines) line.width_px *= pixels_per_point();
  return lines;
}

}  // namespace

bool CachedView::is_current(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                            const render::ImageLook& look) const {
  return view_ && content == content_ && width_ == width && height_ == height && scale_ == pixels_per_point() &&
         look == look_ && equal(transform, transform_);
}

bool CachedView::is_same(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                         const std::vector<editor::LineSegment>& lines, const render::DrawOptions& options) {
  return view_ && content == content_ && width_ == width && height_ == height && scale_ == pixels_per_point() &&
         equal(transform, transform_) && options.point_size_px == options_.point_size_px &&
         options.eye_dome == options_.eye_dome && options.pale_behind == options_.pale_behind &&
         std::ranges::equal(lines, lines_, [](const auto& a, const auto& b) { return equal(a, b); });
}

void CachedView::draw(render::Renderer& renderer, const render::Renderer::Cloud& cloud, std::uint64_t content,
                      const editor::ViewTransform& transform, int width, int height,
                      std::vector<editor::LineSegment> lines, const render::DrawOptions& options) {
  if (is_same(content, transform, width, height, lines, options)) return;
  auto in_pixels_of_display = options;
  in_pixels_of_display.point_size_px *= pixels_per_point();
  renderer.draw(view_, cloud, transform, in_pixels(static_cast<float>(width)), in_pixels(static_cast<float>(height)),
                scaled(lines), in_pixels_of_display);
  options_ = options;
  remember(content, transform, width, height, std::move(lines));
}

void CachedView::draw(render::Renderer& renderer, const render::Renderer::CameraImage& image, std::uint64_t content,
                      const editor::ViewTransform& transform, int width, int height,
                      std::vector<editor::LineSegment> lines, const render::Renderer::CameraImage* layer,
                      const render::ImageLook& look) {
  if (look == look_ && is_same(content, transform, width, height, lines, options_)) return;
  look_ = look;
  renderer.draw(view_, image, transform, in_pixels(static_cast<float>(width)), in_pixels(static_cast<float>(height)),
                scaled(lines), layer, look);
  remember(content, transform, width, height, std::move(lines));
}

void CachedView::remember(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                          std::vector<editor::LineSegment> lines) {
  content_ = content;
  transform_ = transform;
  width_ = width;
  height_ = height;
  scale_ = pixels_per_point();
  lines_ = std::move(lines);
}

render::Screen::Placed CachedView::at(float x, float y) const { return {&view_, in_pixels(x), in_pixels(y)}; }

std::optional<std::uint32_t> CachedView::point_near(render::Renderer& renderer, double x, double y, int reach,
                                                    std::size_t count) {
  if (!view_) return std::nullopt;
  const double scale = static_cast<double>(scale_);
  const int px = static_cast<int>(x * scale), py = static_cast<int>(y * scale), most = static_cast<int>(reach * scale);
  for (int r = 0; r <= most; ++r)
    for (int dy = -r; dy <= r; ++dy)
      for (int dx = -r; dx <= r; ++dx) {
        if (std::max(std::abs(dx), std::abs(dy)) != r) continue;
        const auto i = renderer.point_at(view_, px + dx, py + dy);
        if (i && *i < count) return i;
      }
  return std::nullopt;
}

}  // namespace sweepmark::ui
