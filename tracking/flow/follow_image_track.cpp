// SPDX-License-Identifier: Apache-2.0
#include "tracking/flow/follow_image_track.h"

#include <fmt/format.h>

#include <algorithm>

#include "tracking/provenance.h"

namespace sweepmark {
namespace {

auto keyframe_at(const ImageTrack& track, TimestampNs time) {
  const auto found = std::ranges::lower_bound(track.keyframes, time, {}, &ImageKeyframe::timestamp);
  return found != track.keyframes.end() && found->timestamp == time ? found : track.keyframes.end();
}

GrayImage view_of(const GrayPicture& picture) { return {picture.width, picture.height, picture.pixels}; }

}  // namespace

Result<ImageFollowing> follow_image_track(const ImageTrack& track, TimestampNs from, Direction direction,
                                          std::span<const TimestampNs> times, const GrayPictureAt& picture,
                                          const ImagePropagateOptions& options) {
  const auto start = keyframe_at(track, from);
  if (start == track.keyframes.end())
    return Error{fmt::format("track {} has no keyframe at {} in {}", track.id, from, track.camera)};
  const auto first = picture(from);
  if (!first) return first.error();
  std::vector<TimestampNs> way;
  if (direction == Direction::forwards) {
    way.assign(std::ranges::upper_bound(times, from), times.end());
  } else {
    way.assign(times.begin(), std::ranges::lower_bound(times, from));
    std::ranges::reverse(way);
  }
  ImagePropagator propagator(view_of(*first), start->value, options);
  ImageFollowing following{{}, "no more images"};
  for (const TimestampNs time : way) {
    if (const auto next = keyframe_at(track, time);
        next != track.keyframes.end() && are_set_by_person(next->attributes)) {
      following.reason = "the next keyframe";
      break;
    }
    const auto there = picture(time);
    if (!there) {
      following.reason = there.error().message;
      break;
    }
    if (there->width != first->width || there->height != first->height) {
      following.reason = fmt::format("an image of {} x {} pixels", there->width, there->height);
      break;
    }
    auto step = propagator.step(view_of(*there));
    if (!step.value) {
      following.reason = step.stop_reason;
      break;
    }
    ImageKeyframe keyframe{time, *std::move(step.value)};
    set_provenance(keyframe.attributes, {std::string(provenance::propagated), {}, step.confidence});
    following.keyframes.push_back(std::move(keyframe));
  }
  return following;
}

void set_computed(ImageTrack& track, std::span<const ImageKeyframe> keyframes) {
  for (const ImageKeyframe& keyframe : keyframes) {
    const auto at = std::ranges::lower_bound(track.keyframes, keyframe.timestamp, {}, &ImageKeyframe::timestamp);
    if (at == track.keyframes.end() || at->timestamp != keyframe.timestamp) {
      track.keyframes.insert(at, keyframe);
    } else if (!are_set_by_person(at->attributes)) {
      *at = keyframe;
    }
  }
}

}  // namespace sweepmark
