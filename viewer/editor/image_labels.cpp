// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "tracking/attributes_at.h"
#include "tracking/provenance.h"
#include "tracking/review.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/image_join.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/track_order.h"

namespace sweepmark::editor {
namespace {

/// Around every kind of it: a box may be smaller than the outline that it comes with.
ImageBox around(const ImageValue& value) {
  std::optional<ImageBox> all;
  const auto add = [&](const ImageBox& box) {
    if (!all) all = box;
    *all = {std::min(all->left, box.left), std::min(all->top, box.top), std::max(all->right, box.right),
            std::max(all->bottom, box.bottom), 0};
  };
  if (value.box)
    for (const Vec2d c : corners(*value.box)) add({c.x, c.y, c.x, c.y, 0});
  if (value.polygon) add(bounds(*value.polygon));
  if (value.mask) add(bounds(*value.mask));
  if (value.skeleton)
    for (const Keypoint& k : value.skeleton->points)
      if (k.visibility != Visibility::absent) add({k.position.x, k.position.y, k.position.x, k.position.y, 0});
  return all.value_or(ImageBox{});
}

}  // namespace

const ImageTrack& ImageLabels::track(const ShownImageLabel& shown) const {
  return session_.document().labels().image_tracks[shown.track];
}

const std::vector<ShownImageLabel>& ImageLabels::shown(const std::string& camera, TimestampNs time) {
  const auto& tracks = session_.document().labels().image_tracks;
  Computed& computed = computed_[camera];
  if (computed.revision != session_.document().revision() || computed.time != time) {
    computed = {session_.document().revision(), time, {}};
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      if (tracks[i].camera != camera) continue;
      if (auto state = evaluate(tracks[i], time))
        computed.labels.push_back(
            {i, std::make_shared<const ImageValue>(std::move(state->value)), state->is_keyframe, {}});
    }
    for (ShownImageLabel& label : computed.labels) label.around = around(*label.value);
    {}
  }
  shown_.clear();
  bool has_pending = false;
  for (const ShownImageLabel& label : computed.labels) {
    const ImageTrack& of = tracks[label.track];
    if (session_.is_hidden(class_at(of, time)) && of.id != session_.selected()) continue;
    shown_.push_back(label);
    if (pending_ && pending_->camera == camera && pending_->time == time && pending_->id == of.id) {
      shown_.back().value = pending_->value;
      shown_.back().around = around(*pending_->value);
      has_pending = true;
    }
  }
  if (pending_ && !has_pending && pending_->camera == camera && pending_->time == time)
    for (std::size_t i = 0; i < tracks.size(); ++i)
      if (tracks[i].camera == camera && tracks[i].id == pending_->id)
        shown_.push_back({i, pending_->value, false, around(*pending_->value)});
  return shown_;
}

std::optional<ShownImageLabel> ImageLabels::selected(const std::string& camera, TimestampNs time) {
  for (const ShownImageLabel& label : shown(camera, time))
    if (track(label).id == session_.selected()) return label;
  return std::nullopt;
}

const ImageTrack* ImageLabels::selected_track(const std::string& camera) const {
  if (session_.selected().empty()) return nullptr;
  return find_image_track(session_.document().labels(), camera, session_.selected());
}

const ImageTrack* ImageLabels::selected_or_say(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_track(canvas.camera);
  if (found == nullptr) session_.say("Select an object of this image first");
  return found;
}

void ImageLabels::set_pending(const ImageCanvas& canvas, const std::string& id, ImageValue value) {
  pending_ = Pending{canvas.camera, id, canvas.time, std::make_shared<const ImageValue>(std::move(value))};
}

bool ImageLabels::commit_pending(std::string_view tool) {
  if (!pending_) return false;
  const Pending done = *std::exchange(pending_, std::nullopt);
  return session_.edit(tool, [&](const LabelSet& labels) {
    return set_image_keyframe(labels, done.camera, done.id, done.time, *done.value);
  });
}

bool ImageLabels::create(const ImageCanvas& canvas, const ImageValue& value, const std::string& class_name,
                         std::string_view tool) {
  const std::string id = unused_track_id(session_.document().labels());
  if (!session_.edit(tool, [&](const LabelSet& labels) {
        return new_image_track(labels, canvas.camera, id, class_name, canvas.time, value);
      }))
    return false;
  session_.select(id);
  return true;
}

bool ImageLabels::set_value(const ImageCanvas& canvas, const std::string& id, const ImageValue& value,
                            std::string_view tool) {
  return session_.edit(
      tool, [&](const LabelSet& labels) { return set_image_keyframe(labels, canvas.camera, id, canvas.time, value); });
}

bool ImageLabels::toggle_keyframe(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  const auto here = std::ranges::find(found->keyframes, canvas.time, &ImageKeyframe::timestamp);
  if (here != found->keyframes.end() && are_set_by_person(here->attributes)) {
    if (found->keyframes.size() == 1) {
      session_.say(fmt::format("This is the only keyframe of {}; Delete removes the whole object", id));
      return false;
    }
    return session_.edit("keyframe", [&](const LabelSet& labels) {
      return remove_image_keyframe(labels, canvas.camera, id, canvas.time);
    });
  }
  if (found->keyframes.empty()) {
    session_.say(fmt::format("{} has no keyframe to take its shape from", id));
    return false;
  }
  std::shared_ptr<const ImageValue> value;
  if (const auto now = selected(canvas.camera, canvas.time)) {
    value = now->value;
  } else {
    const auto nearest = std::ranges::min_element(found->keyframes, {}, [&](const ImageKeyframe& k) {
      return k.timestamp > canvas.time ? k.timestamp - canvas.time : canvas.time - k.timestamp;
    });
    value = std::make_shared<const ImageValue>(nearest->value);
  }
  // In an absence, a keyframe says that it is seen: the absence around it ends here.
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) { return set_image_keyframe(labels, canvas.camera, id, canvas.time, *value); },
      [&](const LabelSet& labels) { return clear_image_absence(labels, canvas.camera, id, canvas.time, canvas.time); }};
  return session_.edit("keyframe", steps);
}

bool ImageLabels::toggle_absence(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  const auto next = std::ranges::upper_bound(found->keyframes, canvas.time, {}, &ImageKeyframe::timestamp);
  const auto inside = std::ranges::find_if(
      found->absences, [&](const AbsenceSpan& span) { return span.begin <= canvas.time && canvas.time <= span.end; });
  if (inside != found->absences.end()) {
    const AbsenceSpan span = *inside;
    return session_.edit("absence", [&](const LabelSet& labels) {
      return clear_image_absence(labels, canvas.camera, id, canvas.time, span.end);
    });
  }
  if (next == found->keyframes.end()) {
    session_.say(fmt::format("{} has no keyframe after this image: it ends there by itself", id));
    return false;
  }
  if (!selected(canvas.camera, canvas.time)) {
    session_.say(fmt::format("{} is not seen in this image; a keyframe brings it here", id));
    return false;
  }
  // A keyframe stays, and is the last that is seen; else it is gone from this image on.
  const bool is_keyframe = next != found->keyframes.begin() && (next - 1)->timestamp == canvas.time;
  const TimestampNs begin = is_keyframe ? canvas.time + 1 : canvas.time, end = next->timestamp - 1;
  return session_.edit(
      "absence", [&](const LabelSet& labels) { return set_image_absence(labels, canvas.camera, id, begin, end); });
}

bool ImageLabels::copy_to(const ImageCanvas& canvas, TimestampNs other) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const auto now = selected(canvas.camera, canvas.time);
  if (!now) {
    session_.say(fmt::format("{} is not seen in this image", found->id));
    return false;
  }
  const std::string id = found->id;
  return session_.edit("copy", [&](const LabelSet& labels) {
    return set_image_keyframe(labels, canvas.camera, id, other, *now->value);
  });
}

bool ImageLabels::put_computed(const ImageTrack& made_from, std::span<const ImageKeyframe> keyframes,
                               std::string_view tool) {
  return session_.edit(tool,
                       [&](const LabelSet& labels) { return editor::put_computed(labels, made_from, keyframes); });
}

bool ImageLabels::set_mask_of_outline(const ImageCanvas& canvas, const std::string& id, const ImageValue& value,
                                      std::string_view tool) {
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) {
        return outlines_to_masks(labels, canvas.camera, id, value.mask->width(), value.mask->height());
      },
      [&](const LabelSet& labels) { return set_image_keyframe(labels, canvas.camera, id, canvas.time, value); }};
  return session_.edit(tool, steps);
}

bool ImageLabels::divide(const ImageCanvas& canvas, const std::string& id, const ImageValue& first,
                         const ImageValue& second, std::string_view tool) {
  const ImageTrack* found = find_image_track(session_.document().labels(), canvas.camera, id);
  if (found == nullptr) return false;
  // All that was said of the whole holds for the other part, but that somebody has looked at it.
  LabelSet other;
  other.image_tracks.push_back({.camera = canvas.camera,
                                .id = unused_track_id(session_.document().labels()),
                                .class_name = std::string(class_at(*found, canvas.time)),
                                .attributes = found->attributes,
                                .keyframes = {{canvas.time, second, attributes_at(*found, canvas.time)}}});
  other.image_tracks.front().attributes.erase(std::string(review::reviewed));
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) { return set_image_keyframe(labels, canvas.camera, id, canvas.time, first); },
      [&](const LabelSet&) -> Edit {
        if (auto valid = check_image_value(second); !valid) return valid.error();
        return difference(LabelSet{}, other);
      }};
  if (!session_.edit(tool, steps)) return false;
  session_.say(fmt::format("{} is cut: the other part is {}", id, other.image_tracks.front().id));
  return true;
}

bool ImageLabels::join(const ImageCanvas& canvas, const std::string& other) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  const Scene& scene = session_.scene();
  std::vector<TimestampNs> images;
  for (const ImageRef& image : scene.images)
    if (scene.sensors[image.sensor].name == canvas.camera) images.push_back(image.timestamp);
  if (!session_.edit("join",
                     [&](const LabelSet& labels) { return join_image_tracks(labels, canvas, images, id, other); }))
    return false;
  const LabelSet& now = session_.document().labels();
  const bool is_elsewhere = std::ranges::find(now.tracks, other, &Track::id) != now.tracks.end() ||
                            std::ranges::find(now.image_tracks, other, &ImageTrack::id) != now.image_tracks.end();
  session_.say(is_elsewhere ? fmt::format("{} is a part of {} in this camera; in others, or in 3D, {} is still there",
                                          other, id, other)
                            : fmt::format("{} and {} are one object now", id, other));
  return true;
}

bool ImageLabels::set_region(const ImageCanvas& canvas, const Result<ImageValue>& value, std::string_view unchanged,
                             std::string_view tool) {
  const auto now = selected(canvas.camera, canvas.time);
  if (!value) {
    session_.say(value.error().message, true);
  } else if (!has_region(*value)) {
    session_.say("Nothing would be left of it; Delete removes the whole object");
  } else if (*value == *now->value) {
    session_.say(std::string(unchanged));
  } else {
    return set_value(canvas, track(*now).id, *value, tool);
  }
  return false;
}

bool ImageLabels::cut_away_overlaps(const ImageCanvas& canvas) {
  const auto now = selected(canvas.camera, canvas.time);
  if (!now || !has_region(*now->value)) {
    session_.say("Select a mask or an outline of this image first");
    return false;
  }
  const auto is_near = [&](const ImageBox& box) {
    return box.left < now->around.right && box.right > now->around.left && box.top < now->around.bottom &&
           box.bottom > now->around.top;
  };
  std::vector<const ImageValue*> others;
  for (const ShownImageLabel& label : shown(canvas.camera, canvas.time))
    if (label.track != now->track && has_region(*label.value) && is_near(label.around))
      others.push_back(label.value.get());
  return set_region(canvas, without_regions(*now->value, others, canvas), "No other mask or outline overlaps it",
                    "cut away overlaps");
}

bool ImageLabels::change_region(const ImageCanvas& canvas, const RegionAction& action) {
  const auto now = selected(canvas.camera, canvas.time);
  if (!now || !has_region(*now->value)) {
    session_.say("Select a mask or an outline of this image first");
    return false;
  }
  return set_region(canvas, changed_by(action, *now->value), fmt::format("{}: it is so already", action.name),
                    action.name);
}

bool ImageLabels::turn_into_masks(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  return session_.edit("to mask", [&](const LabelSet& labels) {
    return outlines_to_masks(labels, canvas.camera, id, static_cast<std::uint32_t>(canvas.width),
                             static_cast<std::uint32_t>(canvas.height));
  });
}

bool ImageLabels::turn_into_outlines(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  return session_.edit("to outline",
                       [&](const LabelSet& labels) { return masks_to_outlines(labels, canvas.camera, id); });
}

bool ImageLabels::set_attribute_here(const ImageCanvas& canvas, const std::string& name, const std::string& value) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const auto now = selected(canvas.camera, canvas.time);
  if (!now) {
    session_.say(found->id + " is not seen in this image");
    return false;
  }
  const std::string id = found->id;
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) { return set_image_keyframe(labels, canvas.camera, id, canvas.time, *now->value); },
      [&](const LabelSet& labels) {
        return set_image_attribute_from(labels, canvas.camera, id, canvas.time, name, value);
      }};
  return session_.edit("attribute", std::span(steps).subspan(now->is_keyframe ? 1 : 0));
}

bool ImageLabels::drop_computed(const ImageCanvas& canvas) {
  const ImageTrack* found = selected_or_say(canvas);
  if (found == nullptr) return false;
  const std::string id = found->id;
  return session_.edit("drop computed",
                       [&](const LabelSet& labels) { return editor::drop_computed(labels, canvas.camera, id); });
}

std::vector<std::size_t> ImageLabels::under(const ImageCanvas& canvas, Vec2d pixel) {
  struct Hit {
    double distance, size;
    std::size_t index;
  };
  std::vector<Hit> hits;
  const auto& labels = shown(canvas.camera, canvas.time);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ImageBox& box = labels[i].around;
    const double reach = canvas.reach();
    if (pixel.x < box.left - reach || pixel.x > box.right + reach || pixel.y < box.top - reach ||
        pixel.y > box.bottom + reach)
      continue;
    const auto d = distance_to(*labels[i].value, pixel);
    if (d && *d <= canvas.reach()) hits.push_back({*d, size_of(*labels[i].value), i});
  }
  std::ranges::stable_sort(hits, [](const Hit& a, const Hit& b) {
    return (a.distance > 0) != (b.distance > 0) ? a.distance <= 0 : a.size < b.size;
  });
  std::vector<std::size_t> found;
  for (const Hit& hit : hits) found.push_back(hit.index);
  return found;
}

void ImageLabels::select_next(const ImageCanvas& canvas, int direction) {
  std::vector<std::string> ids;
  for (const ShownImageLabel& label : shown(canvas.camera, canvas.time)) ids.push_back(track(label).id);
  if (ids.empty()) return;
  std::ranges::stable_sort(ids, id_before);
  const auto at = std::ranges::find(ids, session_.selected());
  const auto count = static_cast<std::ptrdiff_t>(ids.size());
  const std::ptrdiff_t next = at != ids.end() ? at - ids.begin() + direction : direction > 0 ? 0 : -1;
  session_.select(ids[static_cast<std::size_t>((next + count) % count)]);
}

}  // namespace sweepmark::editor
