// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viewer/editor/canvas/image_drawing.h"
#include "viewer/editor/canvas/label_layer.h"
#include "viewer/editor/image_objects.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/ui/cached_view.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// One image, large: looked at closely, and labelled with the tools of viewer/editor/tools. Cuboids of the scene are
/// drawn over it and can be selected.
class ImageView {
 public:
  void draw(Workspace& work, const Area& area, Placements& views);

 private:
  /// What is kept of each camera: where it is looked at, and its picture on the device.
  struct Camera {
    editor::ImageCamera camera;
    render::Renderer::CameraImage picture;
    std::shared_ptr<const Picture> of;
    std::uint64_t content = 0;
  };
  void draw_bar(Workspace& work, const Area& area, Camera& camera);
  void draw_image(Workspace& work, std::uint32_t image, const Area& area, Camera& camera, Placements& views);
  void navigate(const Area& area, Camera& camera);
  void take_mouse(Workspace& work, const Area& area, const editor::ViewTransform& transform);
  void update_layer(Workspace& work, const editor::ImageCanvas& canvas);
  void update_labels(Workspace& work, const editor::ImageCanvas& canvas);
  /// Those of labels and cuboids that the view shows a part of.
  std::vector<editor::LineSegment> lines_in_view(const editor::ViewTransform& transform) const;
  void update_cuboids(Workspace& work, std::uint32_t image);
  editor::ImageDrawing draw_current(Workspace& work, const editor::ImageCanvas& canvas) const;
  static void draw_lines(const Area& area, const editor::ViewTransform& transform, const editor::ImageDrawing& drawing);
  static void draw_marks(const Area& area, const editor::ViewTransform& transform,
                         const std::vector<const editor::ImageDrawing*>& drawings);
  static editor::Look look_of(const Workspace& work, const ImageTrack& track, const editor::ImageCanvas& canvas);

  std::map<std::string, Camera> cameras_;
  CachedView view_;
  editor::LabelLayer layer_;
  render::Renderer::CameraImage layer_image_;

  /// What the layer and the outlines of the labels were made of.
  struct Shown {
    std::uint64_t revision = 0;
    std::string camera, selected, painted;
    TimestampNs time = 0;
    bool is_pending = false;
    float opacity = 0;
    std::size_t count = 0;
    bool by_track = false, names = false;
    double pixels_per_point = 0;
    friend bool operator==(const Shown&, const Shown&) = default;
  };
  Shown layer_of_, labels_of_;
  std::uint64_t layer_version_ = 0;
  editor::ImageDrawing labels_;  ///< of all but the selected one
  std::vector<editor::LineSegment> cuboid_lines_;
  std::uint64_t lines_version_ = 0;  ///< of these two
  std::vector<editor::ObjectInImage> cuboids_;

  double mouse_x_ = 0, mouse_y_ = 0;
  bool is_tool_dragging_ = false, is_panning_ = false;
  bool pixels_wanted_ = false;
};

}  // namespace sweepmark::ui
