// SPDX-License-Identifier: Apache-2.0
#include "tracking/refine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/motion_uncertainty.h"
#include "tracking/provenance.h"
#include "tracking/registration_bias.h"
#include "tracking/shift_posterior.h"

namespace sweepmark {
namespace {

constexpr double around_m = 1.5, above_m = 0.5;
/// Keyframes nearer than this to each other show an object at rest.
constexpr double resting_m = 0.1;
/// How what an object may accelerate, in its sizes, is shared between its axes and its turn.
constexpr double along_share = 0.7, across_share = 0.5, up_share = 0.1, turn_share = 0.5;
constexpr double least_size_m = 0.1;            ///< of an axis: nothing moves by shares of nothing
constexpr double most_turn_acceleration = 0.3;  ///< rad per s^1.5
/// Of an object that its keyframes show at rest.
constexpr double resting_share = 0.02;
/// Deviation of a registration from that of the frame before, at best.
constexpr double frame_noise_m = 0.01, frame_noise_rad = 0.005;
/// Errors of registrations are spread as Student's t is.
constexpr double degrees_of_freedom = 4;
constexpr int robust_rounds = 6;
/// Looking for an object, it may be this many times as far from interpolation as keyframes make one expect, and this
/// far from where the frame beside it leads.
constexpr double heavy_tail = 4, carried_m = 0.15, carried_rad = 0.05;
/// Registration is never kept closer than this to where it starts; less up, where most shapes are hardly known.
constexpr double least_trust_m = 0.1, least_trust_up_m = 0.02, least_trust_rad = 0.02;
/// Of an object that rests.
constexpr double resting_trust_m = 0.02, resting_trust_rad = 0.005;
/// A walk that leads this many sizes away from interpolation is followed where interpolation fits less than this share
/// of it.
constexpr double strayed_sizes = 0.2, as_good = 0.97;
/// Frames whose points lie this well on the shape add theirs to it.
constexpr double surely = 0.8;
/// What the posterior does not know of: errors that frames share, of the shape, of poses and of the labels that the
/// shape was gathered at. Places are this many times as far off as it says: on KITTI, PandaSet and generated scenes the
/// mean overlap then is what the confidence promises (docs/accuracy.md).
constexpr double shared_errors = 2.5;

struct Place {
  TimestampNs timestamp = 0;
  Cuboid start;  ///< by interpolation
  bool is_keyframe = false;
  bool rests = false;          ///< the keyframes around say that it does not move
  double acceleration = 0;     ///< what it may, in sizes per s^1.5
  BodyVector expected;         ///< how far it may be from interpolation
  BodyVector measured;         ///< shift that registration found
  BodyVector shift, variance;  ///< the most likely one so far: what the next frame starts from
  BodyVector information;      ///< of the registration
  double confidence = 0;       ///< of the registration
  bool by_points = false;
};

Cuboid shifted(const Cuboid& cuboid, const BodyVector& shift) {
  return {cuboid.center + rotate(cuboid.rotation, {shift.along, shift.across, shift.up}), cuboid.size,
          cuboid.rotation * quat_from_yaw(shift.turn)};
}

/// What one component of the shift may accelerate where the object may by one size per s^1.5.
BodyVector acceleration_shares(Vec3d size) {
  size = {std::max(size.x, least_size_m), std::max(size.y, least_size_m), std::max(size.z, least_size_m)};
  return {along_share * size.x, across_share * size.y, up_share * size.z, turn_share / relative_error_of_turn(size)};
}

bool rests_at(const Track& track, TimestampNs time) {
  const auto next = std::ranges::lower_bound(track.keyframes, time, {}, &Keyframe::timestamp);
  if (next == track.keyframes.begin() || next == track.keyframes.end()) return false;
  const Cuboid &a = (next - 1)->cuboid, &b = next->cuboid;
  return norm(a.center - b.center) < resting_m && std::abs(wrap_angle(yaw_of(a.rotation) - yaw_of(b.rotation))) < 0.02;
}

Result<std::vector<Place>> places_of(const Track& track, std::span<const TimestampNs> frames) {
  const auto prepared = prepare({&track, 1});
  if (!prepared) return Error{"track " + track.id + ": " + prepared.error().message};
  const auto acceleration = LearntAcceleration::of(track);
  if (!acceleration) return acceleration.error();
  std::vector<TimestampNs> times;
  for (const Keyframe& k : track.keyframes) times.push_back(k.timestamp);
  const bool has_gap = times.size() > 1;
  const SplineDeviation deviation(has_gap ? times : std::vector<TimestampNs>{0, 1});
  std::vector<Place> places;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    if (f > 0 && frames[f] == frames[f - 1]) continue;
    Place place;
    place.timestamp = frames[f];
    const Presence presence = evaluate(*prepared, 0, frames[f], place.start);
    if (presence == Presence::absent) continue;
    place.is_keyframe = presence == Presence::keyframe;
    place.rests = !place.is_keyframe && rests_at(track, frames[f]);
    place.acceleration = acceleration->at(frames[f]) * (place.rests ? resting_share : 1);
    const double off = has_gap ? place.acceleration * deviation.at(frames[f]) : 0;
    const BodyVector shares = acceleration_shares(place.start.size);
    place.expected = {off * shares.along, off * shares.across, off * shares.up, off * shares.turn};
    places.push_back(place);
  }
  return places;
}

/// What is known of one component before the sweep is looked at: interpolation's word and that of the frame beside it.
struct Guess {
  double value = 0, deviation = 0;
};
Guess guess_of(double expected, double carried, double carried_variance, double least) {
  expected = std::max(expected, least);
  const double variance = expected * expected;
  return {carried * variance / (variance + carried_variance),
          std::max(least, std::sqrt(variance * carried_variance / (variance + carried_variance)))};
}

/// How a gap is walked: each frame from where those beside it lead, or from interpolation alone.
enum class Walk { carried_on, by_interpolation };

/// Registers one frame, starting from interpolation and from where the shifts of the two beside it lead.
void register_frame(Place& place, const Place& beside, const Place* before, const PointsNear& points,
                    const RefineOptions& options, const BodyVector& bias, Walk walk, ObjectShape& shape) {
  BodyVector guess, trust;
  const auto expect = [&](double BodyVector::*component, double step, double least) {
    if (walk == Walk::by_interpolation) {
      trust.*component = std::max(place.expected.*component, least);
      place.variance.*component = trust.*component * trust.*component;
      return;
    }
    double carried = beside.shift.*component;
    if (before != nullptr && beside.by_points) carried += beside.shift.*component - before->shift.*component;
    const Guess known =
        guess_of(heavy_tail * place.expected.*component, carried, beside.variance.*component + step * step, least);
    guess.*component = known.value;
    trust.*component = known.deviation;
    place.variance.*component = known.deviation * known.deviation;
  };
  const double least_m = place.rests ? resting_trust_m : least_trust_m;
  const double least_rad = place.rests ? resting_trust_rad : least_trust_rad;
  expect(&BodyVector::along, carried_m, least_m);
  expect(&BodyVector::across, carried_m / 2, least_m);
  expect(&BodyVector::up, carried_m / 4, least_trust_up_m);
  expect(&BodyVector::turn, carried_rad, least_rad);
  const Cuboid start = shifted(place.start, guess);
  const auto seen = points(place.timestamp, surroundings(start));
  Registration found = shape.place(seen, start, trust);
  if (before == nullptr && walk == Walk::carried_on) {
    // Beside a keyframe the speed is not known yet: looked for along the heading.
    for (const double offset : {-1.2, -0.8, -0.4, 0.4, 0.8, 1.2}) {
      if (std::abs(offset) > 2 * heavy_tail * place.expected.along) continue;
      Cuboid other = start;
      other.center = other.center + rotate(other.rotation, {offset, 0, 0});
      Registration tried = shape.place(seen, other, trust);
      if (tried.confidence <= found.confidence + 0.03) continue;
      tried.shift.along += offset;
      found = tried;
    }
  }
  place.shift = guess;
  if (found.confidence < options.min_confidence) return;  // left to the frames beside it
  place.confidence = found.confidence;
  place.by_points = true;
  const auto weigh = [&](double BodyVector::*component) {
    place.measured.*component = guess.*component + found.shift.*component;
    const double known = trust.*component * trust.*component;
    place.information.*component = std::max(found.information.*component - 1 / known, 1.0);
    const double noise = bias.*component * bias.*component + 1 / place.information.*component;
    place.shift.*component += known / (known + noise) * found.shift.*component;
    place.variance.*component = known * noise / (known + noise);
  };
  weigh(&BodyVector::along);
  weigh(&BodyVector::across);
  weigh(&BodyVector::up);
  weigh(&BodyVector::turn);
  if (found.confidence > surely) shape.add(seen, shifted(place.start, place.shift));
}

/// From both ends of each gap towards its middle: the shape is known best near keyframes.
void walk_gap(std::vector<Place>& places, std::size_t begin, std::size_t end, const PointsNear& points,
              const RefineOptions& options, const BodyVector& bias, Walk walk, ObjectShape& shape) {
  std::size_t left = begin + 1, right = end - 1;
  bool from_left = true;
  while (left <= right && right > begin && left < end) {
    const std::size_t i = from_left ? left : right;
    const Place& beside = places[from_left ? i - 1 : i + 1];
    const bool has_two = from_left ? i - 1 > begin : i + 1 < end;
    register_frame(places[i], beside, has_two ? &places[from_left ? i - 2 : i + 2] : nullptr, points, options, bias,
                   walk, shape);
    if (from_left)
      ++left;
    else
      --right;
    from_left = !from_left;
  }
}

/// Where a walk leads away from interpolation, the points that lie on the shape along it are held against those along
/// interpolation: one that strayed to something beside the object is not followed.
void register_gap(std::vector<Place>& places, std::size_t begin, std::size_t end, const PointsNear& points,
                  const RefineOptions& options, const BodyVector& bias, ObjectShape& shape) {
  std::vector<Place> alone(places.begin() + static_cast<std::ptrdiff_t>(begin),
                           places.begin() + static_cast<std::ptrdiff_t>(end) + 1);
  ObjectShape shape_alone = shape;
  walk_gap(places, begin, end, points, options, bias, Walk::carried_on, shape);
  const auto gap = std::span(places).subspan(begin, alone.size());
  const auto strays = [](const Place& place) {
    return std::hypot(place.shift.along / place.start.size.x, place.shift.across / place.start.size.y) > strayed_sizes;
  };
  if (std::ranges::none_of(gap, strays)) return;
  walk_gap(alone, 0, alone.size() - 1, points, options, bias, Walk::by_interpolation, shape_alone);
  double carried = 0, kept = 0;
  for (std::size_t i = 1; i + 1 < gap.size(); ++i) {
    carried += gap[i].confidence;
    kept += alone[i].confidence;
  }
  if (kept < as_good * carried) return;
  std::ranges::move(alone, gap.begin());
  shape = std::move(shape_alone);
}

struct Component {
  double BodyVector::*value;
  double noise, most_acceleration;
};
constexpr std::array components{Component{&BodyVector::along, frame_noise_m, 1e9},
                                Component{&BodyVector::across, frame_noise_m, 1e9},
                                Component{&BodyVector::up, frame_noise_m, 1e9},
                                Component{&BodyVector::turn, frame_noise_rad, most_turn_acceleration}};

/// What registration says of one component in each frame.
ShiftMeasurements measurements_of(const std::vector<Place>& places, const Component& component, const BodyVector& bias,
                                  const BodyVector& shares) {
  ShiftMeasurements measurements;
  measurements.bias = bias.*component.value;
  for (const Place& place : places) {
    const double acceleration = std::min(place.acceleration * shares.*component.value, component.most_acceleration);
    // Few points on the shape say little.
    const double variance =
        (1 / place.information.*component.value + component.noise * component.noise) / std::pow(place.confidence, 4);
    measurements.times.push_back(place.timestamp);
    measurements.frames.push_back({acceleration, place.measured.*component.value,
                                   place.by_points ? variance : std::numeric_limits<double>::infinity(),
                                   place.is_keyframe});
  }
  return measurements;
}

/// Puts the most likely shift in place of what registration said. Frames that do not go with the others are believed
/// less, round by round: those of another object that was in the way. \return standard deviations
std::vector<BodyVector> settle(std::vector<Place>& places, const BodyVector& bias, const BodyVector& shares) {
  std::vector<BodyVector> deviations(places.size());
  std::vector<double> doubt(places.size(), 1);
  for (int round = 0; round < robust_rounds; ++round) {
    std::vector<double> squares(places.size(), 0);
    for (const Component& component : components) {
      ShiftMeasurements measurements = measurements_of(places, component, bias, shares);
      for (std::size_t i = 0; i < places.size(); ++i) measurements.frames[i].variance *= doubt[i];
      const auto posterior = shift_posterior(measurements);
      for (std::size_t i = 0; i < places.size(); ++i) {
        places[i].shift.*component.value = posterior.value[i];
        deviations[i].*component.value = posterior.deviation[i];
        squares[i] += posterior.off[i] * posterior.off[i] * doubt[i] / measurements.frames[i].variance;
      }
    }
    for (std::size_t i = 0; i < places.size(); ++i) doubt[i] = 1 + squares[i] / degrees_of_freedom;
  }
  return deviations;
}

}  // namespace

Cuboid surroundings(const Cuboid& cuboid) {
  Cuboid region = cuboid;
  region.size = region.size + Vec3d{2 * around_m, 2 * around_m, 2 * above_m};
  return region;
}

void set_computed(Track& track, std::span<const RefinedFrame> frames, std::string_view provenance) {
  for (const RefinedFrame& frame : frames) {
    const auto at = std::ranges::lower_bound(track.keyframes, frame.timestamp, {}, &Keyframe::timestamp);
    const bool is_there = at != track.keyframes.end() && at->timestamp == frame.timestamp;
    if (is_there && is_set_by_person(*at)) continue;
    Keyframe keyframe;
    keyframe.timestamp = frame.timestamp;
    keyframe.cuboid = frame.cuboid;
    set_provenance(keyframe.attributes, {std::string(provenance), {}, frame.confidence});
    if (is_there)
      *at = std::move(keyframe);
    else
      track.keyframes.insert(at, std::move(keyframe));
  }
}

Result<std::vector<RefinedFrame>> refine(const Track& track, std::span<const TimestampNs> frames,
                                         const PointsNear& points, const RefineOptions& options) {
  auto found = places_of(track, frames);
  if (!found) return found.error();
  std::vector<Place>& places = *found;
  if (places.empty()) return std::vector<RefinedFrame>{};

  ObjectShape shape(track.keyframes.front().cuboid.size);
  for (const Keyframe& k : track.keyframes) shape.add(points(k.timestamp, surroundings(k.cuboid)), k.cuboid);
  const BodyVector bias = registration_bias(track, points, options.min_confidence);
  std::size_t begin = 0;
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (!places[i].is_keyframe) continue;
    register_gap(places, begin, i, points, options, bias, shape);
    begin = i;
  }
  const auto deviations = settle(places, bias, acceleration_shares(places.front().start.size));
  std::vector<RefinedFrame> refined;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    const Vec3d size = place.start.size;
    const BodyVector& off = deviations[i];
    const double error = std::hypot(std::hypot(off.along / size.x, off.across / size.y, off.up / size.z),
                                    off.turn * relative_error_of_turn(size));
    refined.push_back({place.timestamp, place.is_keyframe ? place.start : shifted(place.start, place.shift),
                       iou_of_error(shared_errors * error), place.by_points});
  }
  return refined;
}

Result<Track> refined_track(const Track& track, std::span<const TimestampNs> frames, const PointsNear& points,
                            const RefineOptions& options) {
  Track result = only_set_by_person(track);
  auto refined = refine(result, frames, points, options);
  if (!refined) return refined.error();
  std::erase_if(*refined, [](const RefinedFrame& frame) { return !frame.by_points; });
  set_computed(result, *refined, provenance::refined);
  return result;
}

}  // namespace sweepmark
