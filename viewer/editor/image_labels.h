// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracking/evaluate_image.h"
#include "viewer/editor/canvas/image_canvas.h"
#include "viewer/editor/region_edits.h"
#include "viewer/editor/session.h"

namespace sweepmark::editor {

/// One object as one image shows it.
struct ShownImageLabel {
  std::size_t track = 0;                    ///< index into Document::labels().image_tracks
  std::shared_ptr<const ImageValue> value;  ///< never null
  bool is_keyframe = false;                 ///< set as it is, by whom ever; else computed
  ImageBox around = {};                     ///< upright, around all of it: what is not near it is not hit
};

/// The labels in images of a session: what an image shows, and the edits of the selected object there. What is being
/// dragged or painted is a pending value: seen everywhere as if it were set, an edit when it ends.
/// What lies between keyframes comes from the same engine as every export (tracking/evaluate_image.h).
/// Not for several threads at once.
class ImageLabels {
 public:
  /// \param session  must outlive this
  explicit ImageLabels(Session& session) : session_(session) {}

  const ImageTrack& track(const ShownImageLabel& shown) const;
  /// Objects of an image with the pending one as it is now; hidden ones are left out. Cost: computed once for each
  /// revision of the labels.
  const std::vector<ShownImageLabel>& shown(const std::string& camera, TimestampNs time);
  /// The selected object in an image, as it is dragged right now.
  std::optional<ShownImageLabel> selected(const std::string& camera, TimestampNs time);
  /// The selected object's track in a camera; null where it has none.
  const ImageTrack* selected_track(const std::string& camera) const;

  // Pending
  void set_pending(const ImageCanvas& canvas, const std::string& id, ImageValue value);
  bool has_pending() const { return pending_.has_value(); }
  void drop_pending() { pending_.reset(); }
  /// Makes it a keyframe. \return whether something changed
  bool commit_pending(std::string_view tool);

  // Edits. \return whether something changed; what could not be done is said
  /// A new object, selected from then on.
  bool create(const ImageCanvas& canvas, const ImageValue& value, const std::string& class_name, std::string_view tool);
  bool set_value(const ImageCanvas& canvas, const std::string& id, const ImageValue& value, std::string_view tool);
  /// Sets a keyframe of what is shown, or takes it away; one that a program set is confirmed instead. Where the object
  /// is not seen, its nearest keyframe is put.
  bool toggle_keyframe(const ImageCanvas& canvas);
  /// Not seen from here to before its next keyframe, or seen again.
  bool toggle_absence(const ImageCanvas& canvas);
  /// As it is here, in another image of the camera.
  bool copy_to(const ImageCanvas& canvas, TimestampNs other);
  /// What a program made of a track, selected or not.
  bool put_computed(const ImageTrack& made_from, std::span<const ImageKeyframe> keyframes, std::string_view tool);
  bool drop_computed(const ImageCanvas& canvas);
  /// From this image on, up to the keyframe that says something else; makes a keyframe here where there is none.
  bool set_attribute_here(const ImageCanvas& canvas, const std::string& name, const std::string& value);
  /// A mask in place of an outline; the object's other outlines become masks in the same edit.
  bool set_mask_of_outline(const ImageCanvas& canvas, const std::string& id, const ImageValue& value,
                           std::string_view tool);

  /// One keyframe becomes two objects: `first` stays the object's, `second` is a new one of its class.
  bool divide(const ImageCanvas& canvas, const std::string& id, const ImageValue& first, const ImageValue& second,
              std::string_view tool);
  /// The selected object and another one of the image become one (image_join.h).
  bool join(const ImageCanvas& canvas, const std::string& other);
  /// Without what the other masks and outlines of the image cover.
  bool cut_away_overlaps(const ImageCanvas& canvas);
  /// A button of the panel (region_edits.h).
  bool change_region(const ImageCanvas& canvas, const RegionAction& action);
  /// Of the selected object in this image. \param unchanged  what is said where the value is what it was
  bool set_region(const ImageCanvas& canvas, const Result<ImageValue>& value, std::string_view unchanged,
                  std::string_view tool);
  /// All keyframes of the selected object: outlines become masks, or masks outlines, within a pixel of their edges.
  bool turn_into_masks(const ImageCanvas& canvas);
  bool turn_into_outlines(const ImageCanvas& canvas);

  /// The objects under a pixel, the smallest first. \param reach  pixels beside it
  std::vector<std::size_t> under(const ImageCanvas& canvas, Vec2d pixel);
  /// The next object of the image in the order of ids (track_order.h), around the end.
  void select_next(const ImageCanvas& canvas, int direction);

 private:
  const ImageTrack* selected_or_say(const ImageCanvas& canvas);

  Session& session_;
  struct Pending {
    std::string camera, id;
    TimestampNs time = 0;
    std::shared_ptr<const ImageValue> value;
  };
  std::optional<Pending> pending_;
  struct Computed {
    std::uint64_t revision = 0;
    TimestampNs time = 0;
    std::vector<ShownImageLabel> labels;
  };
  std::map<std::string, Computed> computed_;  ///< by camera: of the document alone
  std::vector<ShownImageLabel> shown_;
};

}  // namespace sweepmark::editor
