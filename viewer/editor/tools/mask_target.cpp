// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/tools/mask_target.h"

#include <utility>

#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {

std::optional<Mask> MaskTarget::begin(ImageWork& work) {
  before_ = {};
  id_.clear();
  // The selected object, where it is not seen in this image too: then it begins empty.
  if (work.labels.selected_track(work.canvas.camera) != nullptr) id_ = work.session.selected();
  if (const auto now = work.labels.selected(work.canvas.camera, work.canvas.time)) {
    before_ = *now->value;
    if (before_.polygon && area(*before_.polygon) == 0) {
      work.session.say("A line has no inside to paint");
      return std::nullopt;
    }
  }
  auto mask = region_mask(before_, work.canvas);
  if (!mask) {
    work.session.say(mask.error().message, true);
    return std::nullopt;
  }
  return *std::move(mask);
}

void MaskTarget::commit(ImageWork& work, Mask mask, std::string_view tool) {
  ImageValue value = before_;
  const bool was_outline = value.polygon.has_value(), is_empty = mask.is_empty();
  set_mask(value, std::move(mask));
  if (is_empty) {
    if (id_.empty()) return;
    if (value.is_empty()) {
      work.session.say("Nothing would be left of the mask; Delete removes the whole object");
      return;
    }
  }
  if (id_.empty()) {
    work.labels.create(work.canvas, value, work.new_class, tool);
  } else if (!was_outline || is_empty) {
    work.labels.set_value(work.canvas, id_, value, tool);
  } else if (work.labels.set_mask_of_outline(work.canvas, id_, value, tool)) {
    work.session.say("The outline has become a mask, in all of its keyframes");
  }
}

std::string name_of_target(const ImageWork& work) {
  const auto now = work.labels.selected(work.canvas.camera, work.canvas.time);
  return now ? class_at(work.labels.track(*now), work.canvas.time) + " " + work.session.selected()
             : "a new " + work.new_class;
}

}  // namespace sweepmark::editor
