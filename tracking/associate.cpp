// SPDX-License-Identifier: Apache-2.0
#include "tracking/associate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include "kernels/math/rigid.h"
#include "tracking/assignment.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

/// How objects and detectors behave: standard deviations.
constexpr double detection_m = 0.3, first_speed_m_s = 8, acceleration_m_s2 = 3;
constexpr double farthest_m = 8;  ///< no detection is joined over more than this

double seconds(TimestampNs from, TimestampNs to) { return 1e-9 * static_cast<double>(to - from); }

/// Place and speed along one axis, with their covariance.
struct Axis {
  double place = 0, speed = 0;
  double pp = detection_m * detection_m, ps = 0, ss = first_speed_m_s * first_speed_m_s;

  void predict(double time_s) {
    const double q = acceleration_m_s2 * acceleration_m_s2 * std::abs(time_s), t2 = time_s * time_s;
    place += time_s * speed;
    pp += 2 * time_s * ps + t2 * ss + q * t2 / 3;
    ps += time_s * ss + q * time_s / 2;
    ss += q;
  }
  void update(double seen, double variance) {
    const double sum = pp + variance, gain_place = pp / sum, gain_speed = ps / sum, off = seen - place;
    place += gain_place * off;
    speed += gain_speed * off;
    ss -= gain_speed * ps;
    ps -= gain_place * ps;
    pp -= gain_place * pp;
  }
};

struct Seen {
  TimestampNs timestamp = 0;
  std::size_t frame = 0;
  const Detection* detection = nullptr;
};

/// A track while it grows.
struct Growing {
  std::vector<Seen> seen;
  std::array<Axis, 3> axes;
  TimestampNs now = 0;

  void predict_to(TimestampNs time) {
    for (Axis& axis : axes) axis.predict(seconds(now, time));
    now = time;
  }
  void add(const Seen& s) {
    const Vec3d& c = s.detection->cuboid.center;
    const double values[] = {c.x, c.y, c.z};
    for (std::size_t i = 0; i < 3; ++i) {
      if (seen.empty()) {
        axes[i].place = values[i];
        if (i == 2) axes[i].ss = 1;  // nothing climbs fast
      } else {
        axes[i].update(values[i], detection_m * detection_m);
      }
    }
    now = s.timestamp;
    seen.push_back(s);
  }
};

/// Part of the frames from the first detection to the last in which there is one. Frames without any detection do not
/// count: a detector may run at a part of the rate. \param detected  how many frames before each have some
double share_seen(const Growing& growing, const std::vector<std::size_t>& detected) {
  const std::size_t frames = detected[growing.seen.back().frame + 1] - detected[growing.seen.front().frame];
  return static_cast<double>(growing.seen.size()) / static_cast<double>(frames);
}

/// Squared distance in standard deviations; negative where the two cannot be one object.
double distance_of(const Growing& track, const Detection& detection, double gate) {
  const Vec3d& c = detection.cuboid.center;
  const double dx = c.x - track.axes[0].place, dy = c.y - track.axes[1].place, dz = c.z - track.axes[2].place;
  if (std::hypot(dx, dy) > farthest_m) return -1;
  const double noise = detection_m * detection_m;
  const double squared = dx * dx / (track.axes[0].pp + noise) + dy * dy / (track.axes[1].pp + noise) +
                         dz * dz / (track.axes[2].pp + noise);
  return squared <= gate * gate ? squared : -1;
}

/// Places at all times of a track, smoothed backwards over the filter's states.
std::vector<double> smoothed_axis(const std::vector<TimestampNs>& times, const std::vector<double>& seen) {
  const std::size_t n = times.size();
  std::vector<Axis> before(n), after(n);
  Axis axis;
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0) {
      axis.place = seen[0];
    } else {
      axis.predict(seconds(times[i - 1], times[i]));
      before[i] = axis;
      axis.update(seen[i], detection_m * detection_m);
    }
    after[i] = axis;
  }
  std::vector<double> place(n), speed(n);
  place[n - 1] = after[n - 1].place;
  speed[n - 1] = after[n - 1].speed;
  for (std::size_t i = n - 1; i-- > 0;) {
    // Gain = covariance after * transition' * inverse(covariance before the next).
    const double t = seconds(times[i], times[i + 1]);
    const Axis &a = after[i], &b = before[i + 1];
    const double det = b.pp * b.ss - b.ps * b.ps;
    const double m00 = a.pp + t * a.ps, m01 = a.ps, m10 = a.ps + t * a.ss, m11 = a.ss;
    const double off_place = place[i + 1] - b.place, off_speed = speed[i + 1] - b.speed;
    const double x = (b.ss * off_place - b.ps * off_speed) / det, y = (b.pp * off_speed - b.ps * off_place) / det;
    place[i] = a.place + m00 * x + m01 * y;
    speed[i] = a.speed + m10 * x + m11 * y;
  }
  return place;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Headings without those turned over (the side with more score wins), then averaged with their neighbours.
std::vector<double> smoothed_yaws(const std::vector<Seen>& seen) {
  const std::size_t n = seen.size();
  std::vector<double> yaws;
  double same = 0, turned = 0;
  bool flipped = false;
  for (std::size_t i = 0; i < n; ++i) {
    double yaw = yaw_of(seen[i].detection->cuboid.rotation);
    if (i > 0) {
      const double off = wrap_angle(yaw - yaws.back());
      const bool opposite = std::abs(off) > std::numbers::pi / 2;
      flipped = opposite;
      yaw = yaws.back() + (opposite ? wrap_angle(off - std::numbers::pi) : off);
    }
    yaws.push_back(yaw);
    (flipped ? turned : same) += seen[i].detection->score;
  }
  std::vector<double> smooth(n);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0, weights = 0;
    for (std::size_t j = i > 2 ? i - 2 : 0; j < std::min(n, i + 3); ++j) {
      const double weight = 3 - std::abs(static_cast<double>(j) - static_cast<double>(i));
      sum += weight * yaws[j];
      weights += weight;
    }
    smooth[i] = sum / weights + (turned > same ? std::numbers::pi : 0);
  }
  return smooth;
}

AssociatedTrack finished(const Growing& growing, std::size_t frames, double usual_step_s) {
  AssociatedTrack out;
  const std::vector<Seen>& seen = growing.seen;
  out.begins = seen.front().frame == 0 ? TrackEnd::first_frame : TrackEnd::appeared;
  out.ends = seen.back().frame + 1 == frames ? TrackEnd::last_frame : TrackEnd::disappeared;
  std::vector<TimestampNs> times;
  std::array<std::vector<double>, 6> values;  // place and size
  for (const Seen& s : seen) {
    const Cuboid& c = s.detection->cuboid;
    times.push_back(s.timestamp);
    const double of_cuboid[] = {c.center.x, c.center.y, c.center.z, c.size.x, c.size.y, c.size.z};
    for (std::size_t i = 0; i < 6; ++i) values[i].push_back(of_cuboid[i]);
    out.score += s.detection->score / static_cast<double>(seen.size());
    if (times.size() > 1 && seconds(times[times.size() - 2], s.timestamp) > 1.5 * usual_step_s)
      out.gaps.push_back({times[times.size() - 2], s.timestamp});
  }
  const auto x = smoothed_axis(times, values[0]), y = smoothed_axis(times, values[1]),
             z = smoothed_axis(times, values[2]);
  const Vec3d size{median(values[3]), median(values[4]), median(values[5])};
  const auto yaws = smoothed_yaws(seen);
  out.track.class_name = seen.front().detection->class_name;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    Keyframe keyframe;
    keyframe.timestamp = times[i];
    keyframe.cuboid = {{x[i], y[i], z[i]}, size, quat_from_yaw(wrap_angle(yaws[i]))};
    set_provenance(keyframe.attributes, {std::string(provenance::predicted), {}, seen[i].detection->score});
    out.track.keyframes.push_back(std::move(keyframe));
  }
  return out;
}

Result<void> check(std::span<const DetectionFrame> frames) {
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const std::string at = "detections at " + std::to_string(frames[f].timestamp) + " ns";
    if (f > 0 && frames[f].timestamp <= frames[f - 1].timestamp)
      return Error{at + ": expected frames in ascending order of time"};
    for (std::size_t d = 0; d < frames[f].detections.size(); ++d) {
      const auto& [cuboid, class_name, score] = frames[f].detections[d];
      const std::string which = at + ", number " + std::to_string(d) + ": expected ";
      if (!is_finite(cuboid.center) || !is_finite(cuboid.rotation) || !is_finite(cuboid.size))
        return Error{which + "finite numbers"};
      if (!(cuboid.size.x > 0 && cuboid.size.y > 0 && cuboid.size.z > 0)) return Error{which + "a size above 0"};
      if (!(score >= 0 && score <= 1)) return Error{which + "a score from 0 to 1, got " + std::to_string(score)};
    }
  }
  return {};
}

/// Detections of one class into tracks.
std::vector<Growing> grow(std::span<const DetectionFrame> frames, const std::string& class_name,
                          const AssociateOptions& options) {
  std::vector<Growing> done, open;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const TimestampNs now = frames[f].timestamp;
    std::vector<Growing> still_open;
    for (Growing& track : open)
      (seconds(track.seen.back().timestamp, now) > options.patience_s ? done : still_open).push_back(std::move(track));
    open = std::move(still_open);
    std::vector<const Detection*> detections;
    for (const Detection& d : frames[f].detections)
      if (d.class_name == class_name && d.score >= options.least_score) detections.push_back(&d);
    std::vector<PairCost> pairs;
    for (std::size_t t = 0; t < open.size(); ++t) {
      open[t].predict_to(now);
      for (std::size_t d = 0; d < detections.size(); ++d) {
        const double distance = distance_of(open[t], *detections[d], options.gate);
        if (distance >= 0) pairs.push_back({t, d, distance});
      }
    }
    const auto assigned = assign(open.size(), detections.size(), pairs, options.gate * options.gate);
    std::vector<bool> taken(detections.size(), false);
    for (std::size_t t = 0; t < open.size(); ++t) {
      if (assigned[t] == unassigned) continue;
      taken[assigned[t]] = true;
      open[t].add({now, f, detections[assigned[t]]});
    }
    for (std::size_t d = 0; d < detections.size(); ++d) {
      if (taken[d]) continue;
      open.emplace_back();
      open.back().add({now, f, detections[d]});
    }
  }
  for (Growing& track : open) done.push_back(std::move(track));
  return done;
}

/// In [0, 1), the same for the same text on every machine. Source: FNV-1a, then the finaliser of SplitMix64.
double chance_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t h = 0xCBF29CE484222325ULL ^ seed;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<double>((h ^ (h >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

std::string_view track_end_name(TrackEnd end) {
  constexpr std::string_view names[] = {"first frame", "last frame", "appeared", "disappeared"};
  return names[static_cast<std::size_t>(end)];
}

std::string_view route_name(Route route) {
  constexpr std::string_view names[] = {"accept", "review", "label"};
  return names[static_cast<std::size_t>(route)];
}

Result<std::vector<AssociatedTrack>> associate(std::span<const DetectionFrame> frames,
                                               const AssociateOptions& options) {
  if (auto checked = check(frames); !checked) return checked.error();
  std::set<std::string> classes;
  std::vector<double> steps;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    for (const Detection& d : frames[f].detections) classes.insert(d.class_name);
    if (f > 0) steps.push_back(seconds(frames[f - 1].timestamp, frames[f].timestamp));
  }
  const double usual_step_s = steps.empty() ? 0.1 : median(steps);
  std::vector<std::size_t> detected = {0};
  for (const DetectionFrame& frame : frames) detected.push_back(detected.back() + (frame.detections.empty() ? 0 : 1));
  std::vector<AssociatedTrack> tracks;
  for (const std::string& class_name : classes)
    for (const Growing& growing : grow(frames, class_name, options))
      if (growing.seen.size() >= options.least_detections && share_seen(growing, detected) >= options.least_share)
        tracks.push_back(finished(growing, frames.size(), usual_step_s));
  std::ranges::stable_sort(tracks, {}, [](const AssociatedTrack& t) { return t.track.keyframes.front().timestamp; });
  for (std::size_t i = 0; i < tracks.size(); ++i) tracks[i].track.id = std::to_string(i + 1);
  return tracks;
}

Routing route(const AssociatedTrack& track, const RouteOptions& options) {
  const auto own = options.by_class.find(track.track.class_name);
  const RouteThresholds& thresholds = own == options.by_class.end() ? options.usual : own->second;
  if (track.score < thresholds.review) return {Route::label, false};
  if (track.score < thresholds.accept) return {Route::review, false};
  const bool is_sample = chance_of(options.scene + "/" + track.track.id, options.seed) < options.sample;
  return {is_sample ? Route::review : Route::accept, is_sample};
}

}  // namespace sweepmark
