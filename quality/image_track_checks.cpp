// SPDX-License-Identifier: Apache-2.0
#include "quality/image_track_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace sweepmark {
namespace {

double length(Vec2d v) { return std::hypot(v.x, v.y); }
Vec2d minus(Vec2d a, Vec2d b) { return {a.x - b.x, a.y - b.y}; }

/// From one label of a track to the next.
struct Step {
  const ImageTrack* track;
  std::size_t from;  ///< keyframe
  double seconds;
  Vec2d velocity;  ///< pixels a second
  Vec2d common;    ///< median of the velocities of the objects between the same two images; 0 where they are few

  TimestampNs begin() const { return track->keyframes[from].timestamp; }
  TimestampNs end() const { return track->keyframes[from + 1].timestamp; }
};

/// Exact for times as far apart as they come: the difference of two int64 fits a uint64. A nanosecond at least.
double seconds_between(TimestampNs from, TimestampNs to) {
  const std::uint64_t ns = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  return 1e-9 * static_cast<double>(std::max<std::uint64_t>(ns, 1));
}

std::vector<Step> steps_of(std::span<const ImageTrack> tracks) {
  std::vector<Step> steps;
  for (const ImageTrack& track : tracks) {
    for (std::size_t k = 0; k + 1 < track.keyframes.size(); ++k) {
      const ImageKeyframe &a = track.keyframes[k], &b = track.keyframes[k + 1];
      const Vec2d moved = minus(bounds(b.value).center(), bounds(a.value).center());
      const double seconds = seconds_between(a.timestamp, b.timestamp);
      steps.push_back({&track, k, seconds, {moved.x / seconds, moved.y / seconds}, {}});
    }
  }
  return steps;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// When a camera turns, all that it sees moves.
void find_common_motion(std::vector<Step>& steps) {
  constexpr std::size_t fewest = 3;
  std::vector<Step*> sorted;
  sorted.reserve(steps.size());
  for (Step& step : steps) sorted.push_back(&step);
  const auto between = [](const Step* s) {
    return std::tuple(std::string_view(s->track->camera), s->begin(), s->end());
  };
  std::ranges::stable_sort(sorted, {}, between);
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::find_if(begin, sorted.end(), [&](const Step* s) { return between(s) != between(*begin); });
    if (static_cast<std::size_t>(end - begin) >= fewest) {
      std::vector<double> x, y;
      for (auto step = begin; step != end; ++step) {
        x.push_back((*step)->velocity.x);
        y.push_back((*step)->velocity.y);
      }
      const Vec2d common{median(x), median(y)};
      for (auto step = begin; step != end; ++step) (*step)->common = common;
    }
    begin = end;
  }
}

double size_of(const ImageBox& box) { return std::sqrt(std::max(box.area(), 1.0)); }

}  // namespace

void check_jumps(std::span<const ImageTrack> tracks, const CheckLimits& limits, FindingCollector& found) {
  std::vector<Step> steps = steps_of(tracks);
  find_common_motion(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const auto& keyframes = step.track->keyframes;
    const ImageBox before = bounds(keyframes[step.from].value), after = bounds(keyframes[step.from + 1].value);
    if (iou(before, after) > 0) continue;
    double unexpected = length(minus(step.velocity, step.common));
    if (step.from > 0) unexpected = std::min(unexpected, length(minus(step.velocity, steps[i - 1].velocity)));
    if (step.from + 2 < keyframes.size())
      unexpected = std::min(unexpected, length(minus(step.velocity, steps[i + 1].velocity)));
    const double size = std::max(size_of(before), size_of(after)), sizes_per_s = unexpected / size;
    if (sizes_per_s <= limits.jump_sizes_per_s || unexpected * step.seconds <= size) continue;
    found.add(Severity::warning, "jump", *step.track, step.end(), sizes_per_s, [&] {
      return fmt::format("{:.0f} pixels from its last label, {:.2f} s before: {:.1f} times its own size off its motion",
                         step.seconds * length(step.velocity), step.seconds, unexpected * step.seconds / size);
    });
  }
}

namespace {

/// The times of images in which an object without label is not there, by camera.
std::map<std::string, std::vector<TimestampNs>> labelled_times(std::span<const ImageTrack> tracks,
                                                               const LabelledImages& images) {
  std::map<std::string, std::vector<TimestampNs>> times_of;
  for (const ImageTrack& track : tracks) {
    for (const ImageKeyframe& k : track.keyframes) times_of[track.camera].push_back(k.timestamp);
  }
  for (auto& [camera, times] : times_of) {
    std::ranges::sort(times);
    times.erase(std::unique(times.begin(), times.end()), times.end());
    const std::vector<TimestampNs>& all = images.times_of(camera);
    std::vector<std::size_t> distances;
    for (std::size_t i = 0; i + 1 < times.size(); ++i) {
      const auto place = [&](TimestampNs time) { return std::ranges::lower_bound(all, time) - all.begin(); };
      distances.push_back(static_cast<std::size_t>(place(times[i + 1]) - place(times[i])));
    }
    if (distances.empty()) continue;
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::ranges::nth_element(distances, middle);
    if (*middle == 1) times = all;
  }
  return times_of;
}

/// As BDD100K and CVAT say it.
bool is_occluded(const ImageKeyframe& label) {
  const auto found = label.attributes.find("occluded");
  return found != label.attributes.end() && (found->second == "true" || found->second == "1");
}

}  // namespace

void check_image_presence(std::span<const ImageTrack> tracks, const LabelledImages& images, const CheckLimits& limits,
                          FindingCollector& found) {
  const auto times_of = labelled_times(tracks, images);
  for (const ImageTrack& track : tracks) {
    if (track.keyframes.size() < 2) continue;
    const std::vector<TimestampNs>& times = times_of.at(track.camera);
    for (std::size_t k = 0; k + 1 < track.keyframes.size(); ++k) {
      const auto first = std::ranges::upper_bound(times, track.keyframes[k].timestamp),
                 last = std::ranges::lower_bound(times, track.keyframes[k + 1].timestamp);
      if (first >= last) continue;
      const auto missing = static_cast<std::size_t>(last - first);
      const bool hidden = is_occluded(track.keyframes[k]) || is_occluded(track.keyframes[k + 1]),
                 flicker = missing <= limits.flicker_frames && !hidden;
      found.add(flicker ? Severity::warning : Severity::note, flicker ? "flicker" : "gap", track, *first,
                static_cast<double>(missing), [&] {
                  return fmt::format("no label in {} image{}, then again{}", missing, missing == 1 ? "" : "s",
                                     hidden ? "; it is occluded beside them" : "");
                });
    }
  }
}

}  // namespace sweepmark
