// SPDX-License-Identifier: Apache-2.0
//
// Labels that are JSON elements of frames: read one by one, written back as they were where nobody changed them.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/formats/bad_rows.h"
#include "data/formats/json_reader.h"
#include "data/formats/scene_tools.h"

namespace sweepmark {

class LabelElements {
 public:
  LabelRows rows;

  /// Keeps an element that is no label of ours.
  void keep(std::size_t frame, json::Json element) { elements(frame).push_back({std::move(element), {}}); }
  /// Reads the label of an element, which may throw a RowFault: the element is kept then, and is listed.
  /// \param row  file, place and time
  template <class Read>
  void read(std::size_t frame, const json::Json& element, BadRow row, std::vector<BadRow>& bad_rows, Read read_label) {
    if (!collect(bad_rows, std::move(row), std::move(read_label))) keep(frame, element);
  }
  /// Adds an element and its label. Throws a RowFault where the track has a label in that frame already.
  /// \param where  of what names the track
  void add(std::size_t frame, json::Json element, LabelRow row, const std::string& where);

  std::size_t frames() const { return of_frame_.size(); }

  /// The elements of each frame as they are to be written: unchanged ones raw, changed ones after `update`, new ones
  /// after `update` of an empty object, behind the others. \param ordered  from `labels_in_order`
  std::vector<std::vector<json::Json>> merged(
      std::size_t frames, std::span<const OutputLabel> ordered,
      const std::function<void(json::Json& element, const OutputLabel& label)>& update) const;

  /// Whether the labels are exactly those of the file.
  bool all_unchanged(std::span<const OutputLabel> ordered) const;

 private:
  struct Element {
    json::Json value;
    std::optional<std::size_t> row;
  };
  std::vector<Element>& elements(std::size_t frame) {
    if (of_frame_.size() <= frame) of_frame_.resize(frame + 1);
    return of_frame_[frame];
  }
  std::vector<std::vector<Element>> of_frame_;
};

/// Rotations about x, then y, then z of the moving frame (three.js' order XYZ), as Supervisely and SUSTechPOINTS have
/// them.
Quat quat_from_xyz(Vec3d angles);
/// The inverse, to 12 decimals.
Vec3d xyz_from_quat(Quat rotation);

}  // namespace sweepmark
