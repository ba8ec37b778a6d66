// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/tools/mask_target.h"

#include <algorithm>
#include <utility>

#include "viewer/editor/image_commands.h"
#include "viewer/editor/region_edits.h"

namespace sweepmark::editor {

std::optional<Mask> MaskTarget::begin(ImageWork& work) {
  before_ = {};
  id_.clear();
  // The selected object, where it is not seen in this image too: then it begins empty.
  if (work.labels.selected_track(work.canvas.camera) != nullptr) id_ = work.session.selected();
  if (const auto now = work.labels.selected(work.canvas.camera, work.canvas.time)) {
    before_ = *now->value;
    if (!before_.mask && before_.polygon && area(*before_.polygon) == 0) {
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

bool MaskTarget::commit(ImageWork& work, Mask mask, std::string_view tool) {
  ImageValue value = before_;
  const bool is_empty = mask.is_empty();
  set_mask(value, std::move(mask));
  if (is_empty) {
    if (id_.empty()) return false;
    if (value.is_empty()) {
      work.session.say("Nothing would be left of the mask; Delete removes the whole object");
      return false;
    }
  }
  if (id_.empty()) return work.labels.create(work.canvas, value, work.new_class, tool);
  // In any of its images: between a mask and an outline nothing can be interpolated.
  const ImageTrack* track = find_image_track(work.session.document().labels(), work.canvas.camera, id_);
  const bool has_outlines = track != nullptr && std::ranges::any_of(track->keyframes, [](const ImageKeyframe& k) {
                              return !k.value.mask && has_region(k.value);
                            });
  if (!has_outlines || is_empty) return work.labels.set_value(work.canvas, id_, value, tool);
  if (!work.labels.set_mask_of_outline(work.canvas, id_, value, tool)) return false;
  work.session.say("The outline has become a mask, in all of its keyframes");
  return true;
}

bool unselect(ImageWork& work) {
  if (work.session.selected().empty()) return false;
  work.session.select({});
  return true;
}

std::string name_of_target(const ImageWork& work) {
  const ImageTrack* track = work.labels.selected_track(work.canvas.camera);
  return track != nullptr ? class_at(*track, work.canvas.time) + " " + track->id : "a new " + work.new_class;
}

}  // namespace sweepmark::editor
