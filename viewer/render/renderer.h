// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/math/types.h"
#include "viewer/editor/scene_lines.h"
#include "viewer/editor/view_camera.h"
#include "viewer/render/image_file.h"

namespace sweepmark::render {

struct DrawOptions {
  float point_size_px = 2;  ///< side of a point 20 m away; nearer ones are larger, up to 8
  float eye_dome = 0.7F;    ///< strength of the depth shading, 0 for none
  bool pale_behind = true;  ///< lines behind points are drawn pale
};

/// Draws points, lines and camera images to pictures, on a GPU or on the software driver; needs no display.
/// Every point is drawn: nothing is thinned out. Not for several threads at once.
/// All members but the destructor \throws std::exception when the driver fails.
class Renderer {
 public:
  /// Takes the first device of the kind discrete, integrated, virtual, software that has 64-bit atomics.
  /// \param validation  turn the Khronos validation layer on where it is installed
  /// \throws std::runtime_error without a Vulkan 1.2 device that can do it; the message says what was found
  explicit Renderer(bool validation = false);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  const std::string& device_name() const;
  /// What the validation layer said so far: warnings and errors.
  const std::vector<std::string>& validation_messages() const;

  /// Replaces the points; copies them to the device. \pre one colour a point
  void set_points(std::span<const Point> points, std::span<const editor::Rgba> colours);
  void set_colours(std::span<const editor::Rgba> colours);

  /// The points and lines as seen from a view. Cost: O(points + pixels).
  Picture draw(const editor::ViewTransform& view, int width, int height, std::span<const editor::LineSegment> lines,
               const DrawOptions& options = {});
  /// A camera image scaled to the picture, with lines in its own pixels on top.
  Picture draw_image(const Picture& image, int width, int height, std::span<const editor::LineSegment> lines);

  /// The point that the last `draw` shows at a pixel: index into the points that were set.
  /// Cost: the first call after a picture fetches all of its numbers (8 bytes a pixel), later ones look them up.
  std::optional<std::uint32_t> point_at(int x, int y) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::render
