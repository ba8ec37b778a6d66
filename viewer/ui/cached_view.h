// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "viewer/render/renderer.h"
#include "viewer/render/screen.h"

namespace sweepmark::ui {

/// A view that is drawn anew only when something of it has changed. Its size, and places in it, are in points as all
/// of the interface; it is drawn in the display's pixels.
class CachedView {
 public:
  /// \param content  a number that changes with the cloud's points and colours (or with the image)
  void draw(render::Renderer& renderer, const render::Renderer::Cloud& cloud, std::uint64_t content,
            const editor::ViewTransform& transform, int width, int height, std::vector<editor::LineSegment> lines,
            const render::DrawOptions& options);
  void draw(render::Renderer& renderer, const render::Renderer::CameraImage& image, std::uint64_t content,
            const editor::ViewTransform& transform, int width, int height, std::vector<editor::LineSegment> lines,
            const render::Renderer::CameraImage* layer = nullptr, const render::ImageLook& look = {});

  /// Whether it shows just that, whatever its lines are: where `content` changes with them too, they need not be made.
  bool is_current(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                  const render::ImageLook& look) const;

  explicit operator bool() const { return static_cast<bool>(view_); }
  /// For the screen, with its top left corner there.
  render::Screen::Placed at(float x, float y) const;
  /// The point that is drawn at a place, or as near to it as `reach`. \return below `count`, or nothing
  std::optional<std::uint32_t> point_near(render::Renderer& renderer, double x, double y, int reach, std::size_t count);
  const editor::ViewTransform& transform() const { return transform_; }
  int width() const { return width_; }
  int height() const { return height_; }

 private:
  bool is_same(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
               const std::vector<editor::LineSegment>& lines, const render::DrawOptions& options);

  void remember(std::uint64_t content, const editor::ViewTransform& transform, int width, int height,
                std::vector<editor::LineSegment> lines);

  render::Renderer::View view_;
  int width_ = 0, height_ = 0;
  float scale_ = 1;
  std::uint64_t content_ = 0;
  editor::ViewTransform transform_;
  std::vector<editor::LineSegment> lines_;
  render::DrawOptions options_;
  render::ImageLook look_;
};

}  // namespace sweepmark::ui
