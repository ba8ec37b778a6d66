// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>

#include "viewer/editor/side_handles.h"
#include "viewer/ui/attribute_fields.h"
#include "viewer/ui/cached_view.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// Handles of a cuboid in one of its side views, worked by the mouse: used beside the main view and in the batch view.
/// The view stands still while something is dragged.
class SideEditor {
 public:
  /// \param item_active   the mouse went down in this view and is still held
  /// \param local         the cuboid now, frame of the view
  /// \return the cuboid as dragged, and whether the drag has ended
  struct Change {
    Cuboid cuboid;
    bool ended = false;
    bool fit_after = false;                        ///< Ctrl was held
    std::optional<editor::Handle> double_clicked;  ///< an edge to snap
  };
  std::optional<Change> take_mouse(const editor::SideView& view, const Cuboid& local, double x, double y, bool hovered);
  void draw_handles(ImDrawList* list, const Area& area, const editor::SideView& view, const Cuboid& local) const;
  bool is_dragging() const { return dragging_.has_value(); }
  bool has_moved() const { return dragging_ && dragging_->moved; }
  /// Forgets the drag: whatever the mouse does until it is pressed again changes nothing.
  void cancel() { dragging_.reset(); }

 private:
  struct Dragging {
    editor::Handle handle;
    Cuboid before;
    double x = 0, y = 0;
    bool moved = false;
  };
  std::optional<Dragging> dragging_;
  std::optional<editor::Handle> hovered_;
};

/// The selected object: what it is, its figures, and three views along its axes in which it is adjusted.
class SidePanel {
 public:
  void draw(Workspace& work, const Area& area, Placements& views);

 private:
  void draw_details(Workspace& work);
  void draw_class_changes(Workspace& work, const Track& track);
  void draw_figures(Workspace& work);
  void draw_interpolation(Workspace& work);
  void draw_attributes(Workspace& work);
  void draw_view(Workspace& work, editor::Side side, const Area& area, Placements& views);
  void apply(Workspace& work, const SideEditor::Change& change);

  std::array<CachedView, 3> pictures_;
  std::array<SideEditor, 3> editors_;
  render::Renderer::Cloud cloud_;
  std::uint64_t content_ = 0;
  // What the cloud and the views were made for.
  std::optional<Cuboid> basis_;  ///< world: the views' axes, still while something is dragged
  std::string basis_track_;
  std::uint64_t cloud_of_content_ = 0;
  std::optional<Cuboid> cloud_of_;
  double cloud_reach_m_ = 0;
  float details_height_ = 170;
  // Texts being typed.
  std::string typed_for_;
  std::array<char, 128> id_{};
  OtherAttributeFields other_attributes_;
};

}  // namespace sweepmark::ui
