// SPDX-License-Identifier: Apache-2.0
#include "tracking/evaluate_image.h"

#include <algorithm>

#include "geometry/interpolate_image.h"

namespace sweepmark {

std::vector<std::optional<ImageState>> evaluate(const ImageTrack& track, std::span<const TimestampNs> times) {
  std::vector<std::optional<ImageState>> out(times.size());
  const auto& keyframes = track.keyframes;
  std::optional<MaskBetween> masks;  // of the keyframes before and at `prepared`
  std::size_t prepared = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const TimestampNs time = times[i];
    const auto next = static_cast<std::size_t>(
        std::ranges::lower_bound(keyframes, time, {}, &ImageKeyframe::timestamp) - keyframes.begin());
    if (next == keyframes.size()) continue;
    if (keyframes[next].timestamp == time) {
      out[i] = ImageState{true, keyframes[next].value};
      continue;
    }
    const bool is_absent = std::ranges::any_of(
        track.absences, [&](const AbsenceSpan& span) { return span.begin <= time && time <= span.end; });
    if (next == 0 || is_absent) continue;
    const ImageKeyframe &before = keyframes[next - 1], &after = keyframes[next];
    const ImageValue &a = before.value, &b = after.value;
    // Exact for times as large as they come: the difference of two int64 fits a uint64.
    const auto since = [&](TimestampNs at) {
      return static_cast<double>(static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(before.timestamp));
    };
    const double t = since(time) / since(after.timestamp);
    ImageValue value;
    if (a.box && b.box) value.box = interpolate(*a.box, *b.box, t);
    if (a.polygon && b.polygon) value.polygon = interpolate(*a.polygon, *b.polygon, t);
    if (a.skeleton && b.skeleton) value.skeleton = interpolate(*a.skeleton, *b.skeleton, t);
    if (a.mask && b.mask && a.mask->width() == b.mask->width() && a.mask->height() == b.mask->height()) {
      if (!masks || prepared != next) masks.emplace(*a.mask, *b.mask);
      prepared = next;
      value.mask = masks->at(t);
    }
    if (!value.is_empty()) out[i] = ImageState{false, std::move(value)};
  }
  return out;
}

std::optional<ImageState> evaluate(const ImageTrack& track, TimestampNs time) {
  return std::move(evaluate(track, std::span(&time, 1))[0]);
}

}  // namespace sweepmark
