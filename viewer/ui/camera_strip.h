// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "viewer/editor/image_objects.h"
#include "viewer/ui/cached_view.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// The images of the frame with the cuboids in them: small ones side by side, and one in the main view's place.
class CameraStrip {
 public:
  void draw_strip(Workspace& work, const Area& area, Placements& views);
  void draw_enlarged(Workspace& work, const Area& area, Placements& views);
  /// How wide a strip of this height is worth being: 0 where the frame has no images.
  static float wanted_height(const Workspace& work, float width);

 private:
  struct Shown {
    CachedView picture;
    render::Renderer::CameraImage image;
    std::shared_ptr<const Picture> of;  ///< what `image` was made of
    editor::ImageCamera camera;
    std::uint64_t content = 0;
  };
  void draw_image(Workspace& work, std::uint32_t image, const Area& area, Placements& views, Shown& shown, bool large);

  std::map<std::string, Shown> small_, large_;  ///< by sensor
  bool panning_ = false;
};

}  // namespace sweepmark::ui
