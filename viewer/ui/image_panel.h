// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "viewer/ui/attribute_fields.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// The panel on the right while an image is large: the selected object of the image, what it is, its attributes.
class ImagePanel {
 public:
  void draw(Workspace& work, const Area& area);

 private:
  void draw_nothing_selected(Workspace& work);
  void draw_header(Workspace& work, const ImageTrack& track);
  void draw_state(Workspace& work, const ImageTrack& track);
  static void draw_keys_of_tool(const Workspace& work);
  static void draw_region_actions(Workspace& work, const ImageValue& value);
  static void draw_facts(const ImageValue& value);
  static void draw_joints(Workspace& work, const ImageTrack& track, const ImageValue& value);
  void draw_attributes(Workspace& work, const ImageTrack& track);

  std::string typed_for_;
  std::array<char, 128> id_{};
  OtherAttributeFields other_attributes_;
};

}  // namespace sweepmark::ui
