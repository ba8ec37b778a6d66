// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/cached_view.h"

#include <algorithm>
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

}  // namespace

bool CachedView::is_same(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                         const std::vector<editor::LineSegment>& lines, const render::DrawOptions& options) {
  return view_ && content == content_ && view_.width() == width && view_.height() == height &&
         equal(transform, transform_) && options.point_size_px == options_.point_size_px &&
         options.eye_dome == options_.eye_dome && options.pale_behind == options_.pale_behind &&
         std::ranges::equal(lines, lines_, [](const auto& a, const auto& b) { return equal(a, b); });
}

void CachedView::draw(render::Renderer& renderer, const render::Renderer::Cloud& cloud, std::uint64_t content,
                      const editor::ViewTransform& transform, int width, int height,
                      std::vector<editor::LineSegment> lines, const render::DrawOptions& options) {
  if (is_same(content, transform, width, height, lines, options)) return;
  renderer.draw(view_, cloud, transform, width, height, lines, options);
  content_ = content;
  transform_ = transform;
  lines_ = std::move(lines);
  options_ = options;
}

void CachedView::draw(render::Renderer& renderer, const render::Renderer::CameraImage& image, std::uint64_t content,
                      const editor::ViewTransform& transform, int width, int height,
                      std::vector<editor::LineSegment> lines) {
  if (is_same(content, transform, width, height, lines, options_)) return;
  renderer.draw(view_, image, transform, width, height, lines);
  content_ = content;
  transform_ = transform;
  lines_ = std::move(lines);
}

}  // namespace sweepmark::ui
