// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "viewer/render/renderer.h"

namespace sweepmark::ui {

/// A view that is drawn anew only when something of it has changed.
class CachedView {
 public:
  /// \param content  a number that changes with the cloud's points and colours (or with the image)
  void draw(render::Renderer& renderer, const render::Renderer::Cloud& cloud, std::uint64_t content,
            const editor::ViewTransform& transform, int width, int height, std::vector<editor::LineSegment> lines,
            const render::DrawOptions& options);
  void draw(render::Renderer& renderer, const render::Renderer::CameraImage& image, std::uint64_t content,
            const editor::ViewTransform& transform, int width, int height, std::vector<editor::LineSegment> lines);

  render::Renderer::View& view() { return view_; }
  const render::Renderer::View& view() const { return view_; }
  const editor::ViewTransform& transform() const { return transform_; }
  int width() const { return view_.width(); }
  int height() const { return view_.height(); }

 private:
  bool is_same(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
               const std::vector<editor::LineSegment>& lines, const render::DrawOptions& options);

  render::Renderer::View view_;
  std::uint64_t content_ = 0;
  editor::ViewTransform transform_;
  std::vector<editor::LineSegment> lines_;
  render::DrawOptions options_;
};

}  // namespace sweepmark::ui
