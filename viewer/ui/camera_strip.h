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
  /// At the bottom of `area`: over its whole width, or in its right corner where the images need less.
  void draw_strip(Workspace& work, const Area& area, Placements& views);
  /// How much of the bottom of an area so wide the strip takes for itself: nothing where there are no images, or where
  /// they fit into a corner.
  float taken_height(const Workspace& work, float width) const;

 private:
  struct Shown {
    CachedView picture;
    render::Renderer::CameraImage image;
    std::shared_ptr<const Picture> of;  ///< what `image` was made of
    std::uint64_t content = 0;
  };
  float height_for(const Workspace& work, float width) const;
  /// Width of all images side by side over their height.
  double aspect_of_all(const Workspace& work) const;
  double aspect_of(const Workspace& work, std::uint32_t image) const;
  static bool is_the_large_one(const Workspace& work);
  void draw_image(Workspace& work, std::uint32_t image, const Area& area, Placements& views, Shown& shown);

  std::map<std::string, Shown> small_;  ///< by sensor
};

}  // namespace sweepmark::ui
