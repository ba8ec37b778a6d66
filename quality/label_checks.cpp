// SPDX-License-Identifier: Apache-2.0
#include "quality/label_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <tuple>

#include "data/frame_labels.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/finding_collector.h"
#include "quality/sibling_checks.h"
#include "tracking/class_at.h"

namespace sweepmark {
namespace {

double seconds(TimestampNs from, TimestampNs to) { return static_cast<double>(to - from) * 1e-9; }

double angle_between(double a, double b) { return std::abs(std::remainder(b - a, 2 * std::numbers::pi)); }

/// Mean motion from one label to the first that is at least a window later.
struct Motion {
  std::size_t from = 0, to = 0;
  double duration_s = 0;
  Vec3d velocity;
  double turn_rad = 0;  ///< sum of the turns from label to label

  double speed() const { return norm(velocity); }
};

/// Nothing across gaps of more than four windows.
std::optional<Motion> motion_from(const Track& track, std::size_t from, double window_s) {
  const auto& k = track.keyframes;
  Motion motion{from, from, 0, {}, 0};
  while (motion.duration_s < window_s) {
    if (++motion.to == k.size()) return std::nullopt;
    motion.duration_s = seconds(k[from].timestamp, k[motion.to].timestamp);
    motion.turn_rad += std::remainder(yaw_of(k[motion.to].cuboid.rotation) - yaw_of(k[motion.to - 1].cuboid.rotation),
                                      2 * std::numbers::pi);
  }
  if (motion.duration_s > 4 * window_s) return std::nullopt;
  motion.velocity = (1 / motion.duration_s) * (k[motion.to].cuboid.center - k[from].cuboid.center);
  return motion;
}

void check_heading_flips(const Track& track, const CheckLimits& limits, FindingCollector& found) {
  const auto& k = track.keyframes;
  for (std::size_t i = 0; i + 1 < k.size(); ++i) {
    if (!limits.limits_of(class_at(track, k[i].timestamp)).heads_where_it_goes) continue;
    const double turn = angle_between(yaw_of(k[i].cuboid.rotation), yaw_of(k[i + 1].cuboid.rotation));
    if (turn <= 2.6 || seconds(k[i].timestamp, k[i + 1].timestamp) > 4 * limits.window_s) continue;
    found.add(Severity::error, "heading-flip", track, k[i + 1].timestamp, turn, [&] {
      return fmt::format("turns {:.0f} degrees from one label to the next", turn * 180 / std::numbers::pi);
    });
  }
}

void check_heading(const Track& track, const Motion& motion, const CheckLimits& limits, FindingCollector& found) {
  const Keyframe& first = track.keyframes[motion.from];
  const double speed = motion.speed();
  if (speed <= limits.heading_speed_mps) return;
  const double off = angle_between(yaw_of(first.cuboid.rotation), std::atan2(motion.velocity.y, motion.velocity.x));
  if (off <= 1.05) return;
  found.add(Severity::warning, off > 2.1 ? "heading-against-motion" : "sideways", track, first.timestamp, off, [&] {
    return fmt::format("moves at {:.1f} m/s, {:.0f} degrees off its heading", speed, off * 180 / std::numbers::pi);
  });
}

/// \pre the labels are in the world frame
void check_motion(const Track& track, const CheckLimits& limits, FindingCollector& found) {
  for (std::size_t i = 0; i + 1 < track.keyframes.size(); ++i) {
    const MotionLimits& can = limits.limits_of(class_at(track, track.keyframes[i].timestamp));
    const auto motion = motion_from(track, i, limits.window_s);
    if (!motion) continue;
    const TimestampNs time = track.keyframes[motion->to].timestamp;
    const auto limit = [&](Severity severity, const char* rule, double value, double largest, const char* unit) {
      if (largest <= 0 || value <= largest) return;
      found.add(severity, rule, track, time, value,
                [&] { return fmt::format("{:.1f} {}, expected at most {:.1f}", value, unit, largest); });
    };
    limit(Severity::error, "speed", motion->speed(), can.speed_mps, "m/s");
    limit(Severity::warning, "yaw-rate", std::abs(motion->turn_rad) / motion->duration_s, can.yaw_rate_rad_s, "rad/s");
    if (const auto after = motion_from(track, motion->to, limits.window_s)) {
      const double change = norm(after->velocity - motion->velocity);
      limit(Severity::warning, "acceleration", change / (0.5 * (motion->duration_s + after->duration_s)),
            can.acceleration_mps2, "m/s2");
    }
    if (can.heads_where_it_goes) check_heading(track, *motion, limits, found);
  }
}

void check_size(const Track& track, const CheckLimits& limits, FindingCollector& found) {
  // Rigid as one of its classes: what becomes a car was one before.
  bool is_rigid = false;
  for_each_class(track, [&](const std::string& name) { is_rigid = is_rigid || limits.limits_of(name).is_rigid; });
  if (!is_rigid || track.keyframes.empty()) return;
  const std::pair<const char*, double Vec3d::*> axes[] = {
      {"length", &Vec3d::x}, {"width", &Vec3d::y}, {"height", &Vec3d::z}};
  for (const auto& [name, axis] : axes) {
    const auto size = [axis = axis](const Keyframe& k) { return k.cuboid.size.*axis; };
    const auto extremes = std::ranges::minmax_element(track.keyframes, {}, size);
    const double smallest = size(*extremes.min), largest = size(*extremes.max), change = largest / smallest - 1;
    if (change <= limits.size_change) continue;
    found.add(Severity::warning, "size-change", track, extremes.max->timestamp, change, [&, name = name] {
      return fmt::format("its {} goes from {:.2f} m to {:.2f} m", name, smallest, largest);
    });
  }
}

/// Frames between a track's first and last label that have none, and no absence that somebody stated explains it: in a
/// dataset that labels frame by frame every gap is one, missed or meant.
void check_presence(const Track& track, const Scene& scene, const CheckLimits& limits, FindingCollector& found) {
  if (track.keyframes.size() < 2) return;
  const std::vector<Frame>& frames = scene.frames;
  const bool is_stated = has_keyframes(scene);
  const auto is_absent = [&](TimestampNs time) {
    return is_stated &&
           std::ranges::any_of(track.absences, [&](const AbsenceSpan& s) { return s.begin <= time && time <= s.end; });
  };
  std::size_t missing = 0;
  TimestampNs since = 0;
  auto label = track.keyframes.begin();
  for (auto frame = std::ranges::lower_bound(frames, label->timestamp, {}, &Frame::timestamp); frame != frames.end();
       ++frame) {
    while (label != track.keyframes.end() && label->timestamp < frame->timestamp) ++label;
    if (label == track.keyframes.end()) return;
    if (label->timestamp != frame->timestamp && !is_absent(frame->timestamp)) {
      if (missing++ == 0) since = frame->timestamp;
      continue;
    }
    if (missing > 0) {
      const bool flicker = missing <= limits.flicker_frames;
      found.add(flicker ? Severity::warning : Severity::note, flicker ? "flicker" : "gap", track, since,
                static_cast<double>(missing),
                [&] { return fmt::format("no label in {} frame{}, then again", missing, missing == 1 ? "" : "s"); });
    }
    missing = 0;
  }
}

void check_overlaps(const LabelSet& labels, const CheckLimits& limits, FindingCollector& found) {
  struct At {
    std::vector<Cuboid> cuboids;
    std::vector<const Track*> tracks;
    std::vector<const Keyframe*> keyframes;
  };
  std::map<TimestampNs, At> by_time;
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      by_time[k.timestamp].cuboids.push_back(k.cuboid);
      by_time[k.timestamp].tracks.push_back(&track);
      by_time[k.timestamp].keyframes.push_back(&k);
    }
  }
  std::vector<OverlapPair> pairs;
  for (const auto& [time, at] : by_time) {
    upright_box_iou(Cpu{1}, at.cuboids, at.cuboids, pairs);
    for (const OverlapPair& pair : pairs) {
      if (pair.a >= pair.b || static_cast<double>(pair.iou) < limits.overlap_iou) continue;
      const Track &a = *at.tracks[pair.a], &b = *at.tracks[pair.b];
      if (are_siblings(a, *at.keyframes[pair.a], b, *at.keyframes[pair.b])) continue;
      const bool duplicate = static_cast<double>(pair.iou) >= limits.duplicate_iou;
      // A rider sits on what is ridden.
      const std::string &class_of_a = class_at(a, time), &class_of_b = class_at(b, time);
      if (!duplicate && limits.group_of(class_of_a) != limits.group_of(class_of_b)) continue;
      found.add(duplicate ? Severity::error : Severity::warning, duplicate ? "duplicate-label" : "overlap", a, time,
                static_cast<double>(pair.iou),
                [&] { return fmt::format("overlaps {} ({}) with an IoU of {:.2f}", b.id, class_of_b, pair.iou); });
    }
  }
}

/// One object has one class; where it gets another, one of the two is wrong, or two objects share an id.
template <class AnyTrack>
void check_class(const AnyTrack& whole, const std::vector<Frame>& frames, std::string_view where,
                 FindingCollector& found) {
  if (whole.later_classes.empty() || whole.keyframes.empty()) return;
  AnyTrack track = whole;
  take_classes_of(whole, track);  // only changes that a label has
  const std::string* before = &track.class_name;
  for (const LaterClass& later : track.later_classes) {
    const auto frame = std::ranges::lower_bound(frames, later.from, {}, &Frame::timestamp);
    const bool is_frame = frame != frames.end() && frame->timestamp == later.from;
    // The first change of a track is the one that is told.
    found.add(Severity::warning, "class-change", track, later.from, 0, [&] {
      return fmt::format("{}class changes from {} to {} at {}", where, *before, later.class_name,
                         is_frame ? fmt::format("frame {}", frame - frames.begin()) : fmt::format("{} ns", later.from));
    });
    before = &later.class_name;
  }
}

void check_classes(const Scene& scene, FindingCollector& found) {
  for (const Track& track : scene.labels.tracks) check_class(track, scene.frames, "", found);
  for (const ImageTrack& track : scene.labels.image_tracks)
    check_class(track, scene.frames, fmt::format("camera {}: ", track.camera), found);
}

void check_ids(const LabelSet& labels, FindingCollector& found) {
  std::set<std::string> seen;
  for (const Track& track : labels.tracks) {
    if (seen.insert(track.id).second) continue;
    found.add(Severity::error, "duplicate-id", track, track.keyframes.empty() ? 0 : track.keyframes.front().timestamp,
              0, [] { return std::string("another track has this id"); });
  }
}

void check_times(const Scene& scene, const CheckLimits& limits, FindingCollector& found) {
  if (scene.sweeps.empty()) return;
  std::set<TimestampNs> times;
  for (const Track& track : scene.labels.tracks) {
    for (const Keyframe& k : track.keyframes) times.insert(k.timestamp);
  }
  for (const TimestampNs time : times) {
    const auto after = std::ranges::lower_bound(scene.sweeps, time, {}, &SweepRef::timestamp);
    double nearest = 1e300;
    if (after != scene.sweeps.end()) nearest = seconds(time, after->timestamp);
    if (after != scene.sweeps.begin()) nearest = std::min(nearest, seconds(std::prev(after)->timestamp, time));
    if (nearest <= limits.sweep_tolerance_s) continue;
    found.add(Severity::warning, "no-sweep", Track{}, time, nearest,
              [&] { return fmt::format("labels, but the nearest sweep is {:.2f} s away", nearest); });
  }
}

}  // namespace

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

void sort_findings(std::vector<Finding>& findings) {
  std::ranges::sort(findings, {},
                    [](const Finding& f) { return std::tie(f.severity, f.rule, f.camera, f.track, f.timestamp); });
}

std::vector<Finding> check_labels(const Scene& scene, const CheckLimits& limits, Places places) {
  FindingCollector found(places);
  check_ids(scene.labels, found);
  for (const Track& track : scene.labels.tracks) {
    check_heading_flips(track, limits, found);
    if (scene.is_in_world_frame()) check_motion(track, limits, found);
    check_size(track, limits, found);
    check_presence(track, scene, limits, found);
  }
  if (!scene.is_in_world_frame() &&
      std::ranges::any_of(scene.labels.tracks, [](const Track& track) { return track.keyframes.size() > 1; })) {
    found.add(Severity::note, "no-poses", Track{}, 0, 0, [] {
      return std::string("motion is not checked: without poses the ego vehicle's own is in the tracks");
    });
  }
  check_classes(scene, found);
  check_overlaps(scene.labels, limits, found);
  check_siblings(scene.labels, limits, found);
  check_times(scene, limits, found);
  auto findings = std::move(found).take();
  sort_findings(findings);
  return findings;
}

}  // namespace sweepmark
