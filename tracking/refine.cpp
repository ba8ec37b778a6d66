// SPDX-License-Identifier: Apache-2.0
#include "tracking/refine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kernels/math/rigid.h"
#include "tracking/evaluate.h"
#include "tracking/provenance.h"
#include "tracking/suggest.h"

namespace sweepmark {
namespace {

constexpr double around_m = 1.5;
/// Of a frame that points say nothing of: next to none.
constexpr double unseen_information = 1e-3;
/// Keyframes nearer than this to each other show an object at rest.
constexpr double resting_m = 0.1;
/// How an object's acceleration varies: what the shift of one frame may differ from those beside it.
constexpr double acceleration_m_s2 = 1.5, turn_acceleration_rad_s2 = 0.6;
constexpr double least_trust_m = 0.4, most_trust_m = 1.0, most_turn_rad = 0.3;
/// Frames whose points lie this well on the shape add theirs to it.
constexpr double surely = 0.8;

struct Place {
  TimestampNs timestamp = 0;
  Cuboid start;  ///< by interpolation
  bool is_keyframe = false;
  bool rests = false;  ///< the keyframes around say that it does not move
  double expected_iou = 1;
  BodyVector shift, information;
  double confidence = 0;
  bool by_points = false;
};

Cuboid shifted(const Cuboid& cuboid, const BodyVector& shift) {
  return {cuboid.center + rotate(cuboid.rotation, {shift.along, shift.across, shift.up}), cuboid.size,
          cuboid.rotation * quat_from_yaw(shift.turn)};
}

Cuboid surroundings(const Cuboid& cuboid, double around) {
  Cuboid region = cuboid;
  region.size = region.size + Vec3d{2 * around, 2 * around, 1};
  return region;
}

/// Standard deviations of the guess for a place.
BodyVector trust_in(const Place& place) {
  if (place.rests) return {0.02, 0.02, 0.02, 0.005};
  const double expected_iou = place.expected_iou;
  const Vec3d size = place.start.size;
  const double share = (1 - expected_iou) / (1 + expected_iou);
  return {std::clamp(share * size.x, least_trust_m, most_trust_m),
          std::clamp(share * size.y, least_trust_m, most_trust_m), 0.1, std::clamp(share, 0.05, most_turn_rad)};
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
  const auto expected = expected_ious(track, frames);
  if (!expected) return expected.error();
  std::vector<Place> places;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    Place place;
    place.timestamp = frames[f];
    const Presence presence = evaluate(*prepared, 0, frames[f], place.start);
    if (presence == Presence::absent) continue;
    place.is_keyframe = presence == Presence::keyframe;
    place.rests = !place.is_keyframe && rests_at(track, frames[f]);
    place.expected_iou = (*expected)[f];
    place.confidence = place.is_keyframe ? 1 : place.expected_iou;
    places.push_back(place);
  }
  return places;
}

/// Registers one frame, starting as far from interpolation as the shifts of the two beside it lead.
void register_frame(Place& place, const Place& beside, const Place* before, const PointsNear& points,
                    const RefineOptions& options, ObjectShape& shape) {
  // What rests is where its keyframes are: carried on from frame to frame, the noise of each would add up.
  BodyVector carried = place.rests ? BodyVector{} : beside.shift;
  if (before != nullptr && beside.by_points && !place.rests) {
    carried.along += beside.shift.along - before->shift.along;
    carried.across += beside.shift.across - before->shift.across;
    carried.turn += beside.shift.turn - before->shift.turn;
  }
  const Cuboid guess = shifted(place.start, carried);
  const auto seen = points(place.timestamp, surroundings(guess, around_m));
  const BodyVector trust = trust_in(place);
  Registration found = shape.place(seen, guess, trust);
  if (before == nullptr && !place.rests) {
    // Beside a keyframe the speed is not known yet: looked for along the heading.
    for (const double offset : {-1.2, -0.8, -0.4, 0.4, 0.8, 1.2}) {
      Cuboid other = guess;
      other.center = other.center + rotate(other.rotation, {offset, 0, 0});
      Registration tried = shape.place(seen, other, trust);
      if (tried.confidence <= found.confidence + 0.03) continue;
      tried.shift.along += offset;
      found = tried;
    }
  }
  if (found.confidence < options.min_confidence) {
    // Left to the frames beside it: the walk goes on from here, and smoothing bridges what is not seen.
    place.shift = carried;
    place.information = {unseen_information, unseen_information, unseen_information, unseen_information};
    return;
  }
  place.shift = {carried.along + found.shift.along, carried.across + found.shift.across, carried.up + found.shift.up,
                 carried.turn + found.shift.turn};
  place.information = found.information;
  place.confidence = found.confidence;
  place.by_points = true;
  if (found.confidence > surely) shape.add(seen, found.cuboid);
}

/// From both ends of each gap towards its middle: the shape is known best near keyframes.
void register_gap(std::vector<Place>& places, std::size_t begin, std::size_t end, const PointsNear& points,
                  const RefineOptions& options, ObjectShape& shape) {
  std::size_t left = begin + 1, right = end - 1;
  bool from_left = true;
  while (left <= right && right > begin && left < end) {
    const std::size_t i = from_left ? left : right;
    const Place& beside = places[from_left ? i - 1 : i + 1];
    const bool has_two = from_left ? i - 1 > begin : i + 1 < end;
    register_frame(places[i], beside, has_two ? &places[from_left ? i - 2 : i + 2] : nullptr, points, options, shape);
    if (from_left)
      ++left;
    else
      --right;
    from_left = !from_left;
  }
}

/// Solves a symmetric system whose rows reach two beside the diagonal. \param a  diagonal and the two above it
std::vector<double> solve_banded(std::vector<std::array<double, 3>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 1; k <= 2 && i + k < n; ++k) {
      const double factor = a[i][k] / a[i][0];
      for (std::size_t c = k; c <= 2 && i + c < n; ++c) a[i + k][c - k] -= factor * a[i][c];
      b[i + k] -= factor * b[i];
    }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = 1; k <= 2 && i + k < n; ++k) b[i] -= a[i][k] * b[i + k];
    b[i] /= a[i][0];
  }
  return b;
}

/// The shifts that meet what each frame says with the least change of speed.
/// \param value        of one component of the shift. \param acceleration  its standard deviation
void smooth(std::vector<Place>& places, double BodyVector::*value, double acceleration) {
  const std::size_t n = places.size();
  std::vector<std::array<double, 3>> a(n, {0, 0, 0});
  std::vector<double> b(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const double information = places[i].is_keyframe ? 1e12 : places[i].information.*value;
    a[i][0] += information;
    b[i] += information * (places[i].shift.*value);
  }
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = 1e-9 * static_cast<double>(places[i].timestamp - places[i - 1].timestamp);
    const double after = 1e-9 * static_cast<double>(places[i + 1].timestamp - places[i].timestamp);
    // Second difference as an acceleration, over the time that it stands for.
    const double c[3] = {1 / before, -1 / before - 1 / after, 1 / after};
    const double weight = 1 / (acceleration * acceleration * before * after);
    for (std::size_t p = 0; p < 3; ++p)
      for (std::size_t q = p; q < 3; ++q) a[i - 1 + p][q - p] += weight * c[p] * c[q];
  }
  const auto smoothed = solve_banded(std::move(a), std::move(b));
  for (std::size_t i = 0; i < n; ++i)
    if (!places[i].is_keyframe) places[i].shift.*value = smoothed[i];
}

}  // namespace

bool is_set_by_person(const Keyframe& keyframe) {
  const std::string what = provenance_of(keyframe.attributes).what;
  return what != provenance::interpolated && what != provenance::propagated && what != provenance::refined &&
         what != provenance::predicted;
}

Track only_set_by_person(const Track& track) {
  Track kept = track;
  kept.keyframes.clear();
  for (std::size_t i = 0; i < track.keyframes.size(); ++i)
    if (i == 0 || i + 1 == track.keyframes.size() || is_set_by_person(track.keyframes[i]))
      kept.keyframes.push_back(track.keyframes[i]);
  return kept;
}

Result<std::vector<RefinedFrame>> refine(const Track& track, std::span<const TimestampNs> frames,
                                         const PointsNear& points, const RefineOptions& options) {
  auto found = places_of(track, frames);
  if (!found) return found.error();
  std::vector<Place>& places = *found;
  if (places.empty()) return std::vector<RefinedFrame>{};

  ObjectShape shape(track.keyframes.front().cuboid.size);
  for (const Keyframe& k : track.keyframes) shape.add(points(k.timestamp, surroundings(k.cuboid, around_m)), k.cuboid);
  std::size_t begin = 0;
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (!places[i].is_keyframe) continue;
    register_gap(places, begin, i, points, options, shape);
    begin = i;
  }
  if (places.size() > 2) {
    smooth(places, &BodyVector::along, acceleration_m_s2);
    smooth(places, &BodyVector::across, acceleration_m_s2 / 2);
    smooth(places, &BodyVector::up, acceleration_m_s2 / 4);
    smooth(places, &BodyVector::turn, turn_acceleration_rad_s2);
  }
  std::vector<RefinedFrame> refined;
  for (const Place& place : places) {
    refined.push_back({place.timestamp, place.is_keyframe ? place.start : shifted(place.start, place.shift),
                       place.confidence, place.by_points});
  }
  return refined;
}

}  // namespace sweepmark
