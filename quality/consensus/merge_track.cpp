// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/merge_track.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/agreement/geometry_errors.h"
#include "tracking/evaluate.h"
#include "tracking/gaps.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

/// Standard deviations beyond which a label counts for less: of a whole track, of a single time.
constexpr double far_track = 3, far_label = 4;

/// Of a median of distances in three dimensions, by the deviation along one axis.
constexpr double median_of_distance = 1.538;

using Samples = std::vector<std::optional<Cuboid>>;  // of each frame

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

Quat turned_round(Quat q) { return q * Quat{0, 0, 0, 1}; }

bool is_flipped(Quat a, Quat b) { return std::abs(wrap_angle(yaw_of(a) - yaw_of(b))) > std::numbers::pi / 2; }

/// All members in all frames.
struct Table {
  std::vector<Samples> of;
  std::size_t frames = 0;

  std::size_t present(std::size_t t) const {
    return static_cast<std::size_t>(std::ranges::count_if(of, [&](const Samples& s) { return s[t].has_value(); }));
  }
};

Result<Table> sampled(std::span<const MemberTrack> members, std::span<const TimestampNs> times) {
  Table table{{}, times.size()};
  for (const MemberTrack& member : members) {
    auto& samples = table.of.emplace_back(times.size());
    const auto prepared = prepare({member.track, 1});
    if (!prepared)
      return Error{fmt::format("track {} of {}: {}", member.track->id, member.name, prepared.error().message)};
    for (std::size_t t = 0; t < times.size(); ++t) {
      Cuboid cuboid;
      if (evaluate(*prepared, 0, times[t], cuboid) != Presence::absent) samples[t] = cuboid;
    }
  }
  return table;
}

/// Medians of the distances of each two members.
std::vector<double> distances(const Table& table) {
  const std::size_t count = table.of.size();
  std::vector<double> out(count * count, 0);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      std::vector<double> of_frames;
      for (std::size_t t = 0; t < table.frames; ++t) {
        if (table.of[a][t] && table.of[b][t])
          of_frames.push_back(norm(table.of[a][t]->center - table.of[b][t]->center));
      }
      out[a * count + b] = out[b * count + a] = median(std::move(of_frames));
    }
  }
  return out;
}

std::size_t medoid_of(const std::vector<double>& distance, std::span<const MemberTrack> members) {
  std::size_t best = 0;
  double least = 0;
  for (std::size_t a = 0; a < members.size(); ++a) {
    double sum = 0;
    for (std::size_t b = 0; b < members.size(); ++b) sum += distance[a * members.size() + b];
    // Of two, the less noisy one.
    sum += 1e-6 * members[a].noise.center_m;
    if (a == 0 || sum < least) best = a, least = sum;
  }
  return best;
}

double squared(double x) { return x * x; }

/// Less than 1 where `distance` is beyond `far` deviations.
double trust(double distance, double sigma, double far) {
  return distance <= far * sigma ? 1 : squared(far * sigma / distance);
}

/// What each member counts for all along the track.
struct Weights {
  std::vector<double> center, size, yaw;
};

Weights weights_of(std::span<const MemberTrack> members, const std::vector<double>& distance, std::size_t medoid) {
  Weights out;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const AnnotatorNoise &noise = members[i].noise, &best = members[medoid].noise;
    // Two people far from each other say nothing of who is wrong.
    const double factor = members.size() < 3
                              ? 1
                              : trust(distance[i * members.size() + medoid],
                                      median_of_distance * std::hypot(noise.center_m, best.center_m), far_track);
    out.center.push_back(factor / squared(std::max(noise.center_m, 1e-3)));
    out.size.push_back(factor / squared(std::max(noise.size_m, 1e-3)));
    out.yaw.push_back(factor / squared(std::max(noise.yaw_rad, 1e-3)));
  }
  return out;
}

/// The rotation that most see, and what each member's becomes in that sense.
struct Heading {
  std::vector<std::optional<Quat>> of;  ///< of members, turned round where they see the other end in front
  std::vector<char> is_flipped;
  bool is_tie = false;
};

/// \param before  the heading of the frame before, for ties
Heading heading_at(const Table& table, std::size_t t, std::size_t medoid, const std::optional<Quat>& before) {
  Heading out{std::vector<std::optional<Quat>>(table.of.size()), std::vector<char>(table.of.size(), 0)};
  std::optional<Quat> base = table.of[medoid][t] ? std::optional(table.of[medoid][t]->rotation) : std::nullopt;
  for (const Samples& samples : table.of) {
    if (!base && samples[t]) base = samples[t]->rotation;
  }
  std::size_t same = 0, other = 0;
  for (const Samples& samples : table.of) {
    if (samples[t]) ++(is_flipped(samples[t]->rotation, *base) ? other : same);
  }
  out.is_tie = same == other;
  if (other > same || (out.is_tie && before && is_flipped(*base, *before))) base = turned_round(*base);
  for (std::size_t i = 0; i < table.of.size(); ++i) {
    if (!table.of[i][t]) continue;
    const Quat q = table.of[i][t]->rotation;
    out.is_flipped[i] = is_flipped(q, *base) ? 1 : 0;
    out.of[i] = out.is_flipped[i] != 0 ? turned_round(q) : q;
  }
  return out;
}

/// The weighted mean of near rotations.
Quat mean_of(const std::vector<std::optional<Quat>>& rotations, const std::vector<double>& weights) {
  Quat sum{0, 0, 0, 0}, first{0, 0, 0, 0};
  for (std::size_t i = 0; i < rotations.size(); ++i) {
    if (!rotations[i]) continue;
    if (dot(first, first) == 0) first = *rotations[i];
    const double w = weights[i] * (dot(first, *rotations[i]) < 0 ? -1 : 1);
    sum = {sum.w + w * rotations[i]->w, sum.x + w * rotations[i]->x, sum.y + w * rotations[i]->y,
           sum.z + w * rotations[i]->z};
  }
  return normalized(sum);
}

/// A weighted mean that labels far from the middle of all do not move. \pre at least one value
Vec3d robust_mean(const std::vector<std::optional<Vec3d>>& values, const std::vector<double>& weights,
                  const std::vector<double>& sigma) {
  std::vector<double> x, y, z;
  for (const auto& v : values) {
    if (v) x.push_back(v->x), y.push_back(v->y), z.push_back(v->z);
  }
  const bool can_tell = x.size() >= 3;
  const Vec3d middle = can_tell ? Vec3d{median(x), median(y), median(z)} : Vec3d{};
  Vec3d sum;
  double all = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    const double w =
        weights[i] * (can_tell ? trust(norm(*values[i] - middle), median_of_distance * sigma[i], far_label) : 1);
    sum = sum + w * *values[i];
    all += w;
  }
  return (1 / all) * sum;
}

/// Members' usual offsets from their weighted mean, in the frames that all have. Zero without such frames.
/// \param value_of  of a member in a frame, in the axes in which the offset is constant
template <class ValueOf>
std::vector<Vec3d> usual_offsets(const Table& table, const std::vector<double>& weights, const ValueOf& value_of) {
  std::vector<Vec3d> offsets(table.of.size());
  double all = 0, frames = 0;
  for (const double w : weights) all += w;
  for (std::size_t t = 0; t < table.frames; ++t) {
    if (table.present(t) < table.of.size()) continue;
    Vec3d mean;
    for (std::size_t i = 0; i < table.of.size(); ++i) mean = mean + (weights[i] / all) * value_of(i, t);
    for (std::size_t i = 0; i < table.of.size(); ++i) offsets[i] = offsets[i] + (value_of(i, t) - mean);
    frames += 1;
  }
  if (frames > 0) {
    for (Vec3d& offset : offsets) offset = (1 / frames) * offset;
  }
  return offsets;
}

/// What all who have it say to the last bit.
std::optional<Cuboid> same_of_all(const Table& table, std::size_t t) {
  std::optional<Cuboid> same;
  for (const Samples& samples : table.of) {
    if (!samples[t]) continue;
    if (same && !(*same == *samples[t])) return std::nullopt;
    same = samples[t];
  }
  return same;
}

/// The dataset's count of points, where everybody's keyframe has the same and the cuboid is theirs.
std::optional<std::int64_t> stored_count(std::span<const MemberTrack> members, TimestampNs time, const Cuboid& cuboid) {
  std::optional<std::int64_t> count;
  for (const MemberTrack& member : members) {
    const auto& keyframes = member.track->keyframes;
    const auto at = std::ranges::lower_bound(keyframes, time, {}, &Keyframe::timestamp);
    if (at == keyframes.end() || at->timestamp != time) continue;
    if (!(at->cuboid == cuboid) || !at->stored_count || (count && *count != *at->stored_count)) return std::nullopt;
    count = at->stored_count;
  }
  return count;
}

bool has_enough(std::size_t present, std::size_t people) { return present > 0 && 2 * present >= people; }

/// The frames at which the merged track has a keyframe: where somebody set one, and both ends of each time it is there.
std::vector<std::size_t> keyframe_positions(std::span<const MemberTrack> members, std::span<const TimestampNs> times,
                                            const std::vector<char>& is_there) {
  std::vector<std::size_t> out;
  for (std::size_t t = 0; t < times.size(); ++t) {
    if (is_there[t] == 0) continue;
    const bool is_end = t == 0 || t + 1 == times.size() || is_there[t - 1] == 0 || is_there[t + 1] == 0;
    const bool is_set = std::ranges::any_of(members, [&](const MemberTrack& member) {
      return std::ranges::binary_search(member.track->keyframes, times[t], {}, &Keyframe::timestamp);
    });
    if (is_end || is_set) out.push_back(t);
  }
  return out;
}

Provenance provenance_at(std::span<const MemberTrack> members, std::size_t people, const Table& table, std::size_t t) {
  Provenance out{"consensus", {}, static_cast<double>(table.present(t)) / static_cast<double>(people)};
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (table.of[i][t]) out.by += (out.by.empty() ? "" : ", ") + members[i].name;
  }
  return out;
}

}  // namespace

Result<MergedTrack> merge_track(std::span<const MemberTrack> members, std::size_t people,
                                std::span<const TimestampNs> times) {
  const auto table = sampled(members, times);
  if (!table) return table.error();
  const std::size_t count = members.size();
  MergedTrack out;
  const auto distance = distances(*table);
  out.medoid = medoid_of(distance, members);
  const Weights weights = weights_of(members, distance, out.medoid);
  std::vector<double> sigma_center, sigma_size;
  for (const MemberTrack& member : members) {
    sigma_center.push_back(member.noise.center_m);
    sigma_size.push_back(member.noise.size_m);
  }
  // Headings first: offsets are along and across them.
  std::vector<Heading> headings(times.size());
  std::vector<Quat> rotations(times.size());
  std::vector<char> is_there(times.size(), 0);
  std::optional<Quat> before;
  for (std::size_t t = 0; t < times.size(); ++t) {
    const std::size_t present = table->present(t);
    is_there[t] = has_enough(present, people) ? 1 : 0;
    if (present == 0) continue;
    headings[t] = heading_at(*table, t, out.medoid, before);
    before = rotations[t] = mean_of(headings[t].of, weights.yaw);
  }
  const auto center_offset = usual_offsets(*table, weights.center, [&](std::size_t i, std::size_t t) {
    return rotate(conjugate(rotations[t]), table->of[i][t]->center - table->of[out.medoid][t]->center);
  });
  const auto size_offset =
      usual_offsets(*table, weights.size, [&](std::size_t i, std::size_t t) { return table->of[i][t]->size; });
  const auto merged_at = [&](std::size_t t) {
    if (const auto same = same_of_all(*table, t)) return *same;
    std::vector<std::optional<Vec3d>> centers(count), sizes(count);
    const bool are_all = table->present(t) == count;
    for (std::size_t i = 0; i < count; ++i) {
      if (!table->of[i][t]) continue;
      const Cuboid& c = *table->of[i][t];
      centers[i] = are_all ? c.center : c.center - rotate(rotations[t], center_offset[i]);
      sizes[i] = are_all ? c.size : c.size - size_offset[i];
    }
    Cuboid merged{robust_mean(centers, weights.center, sigma_center), robust_mean(sizes, weights.size, sigma_size),
                  rotations[t]};
    for (double* side : {&merged.size.x, &merged.size.y, &merged.size.z}) *side = std::max(*side, 0.01);
    return merged;
  };
  for (const std::size_t t : keyframe_positions(members, times, is_there)) {
    Keyframe& keyframe = out.keyframes.emplace_back();
    keyframe.timestamp = times[t];
    keyframe.cuboid = merged_at(t);
    keyframe.stored_count = stored_count(members, times[t], keyframe.cuboid);
    set_provenance(keyframe.attributes, provenance_at(members, people, *table, t));
    out.heading_ties += headings[t].is_tie ? 1 : 0;
  }
  std::vector<TimestampNs> absent;
  for (std::size_t t = 0; t < times.size(); ++t) {
    if (is_there[t] == 0) absent.push_back(times[t]);
  }
  out.absences = gaps_between(out.keyframes, absent);
  double all = 0;
  for (const double w : weights.center) all += w;
  for (std::size_t i = 0; i < count; ++i) {
    MemberFit& fit = out.fits.emplace_back();
    fit.weight = weights.center[i] / all;
    std::vector<double> far;
    for (std::size_t t = 0; t < times.size(); ++t) {
      const bool is_member = table->of[i][t].has_value();
      if (is_there[t] != 0 && !is_member) ++fit.without;
      if (is_there[t] == 0 && is_member) ++fit.alone;
      if (is_there[t] == 0 || !is_member) continue;
      const Cuboid merged = merged_at(t);
      ++fit.compared;
      fit.flipped += headings[t].is_flipped[i] != 0 ? 1 : 0;
      far.push_back(norm(table->of[i][t]->center - merged.center));
      fit.mean_iou += box_iou(*table->of[i][t], merged);
    }
    if (fit.compared > 0) fit.mean_iou /= static_cast<double>(fit.compared);
    fit.median_distance_m = median(std::move(far));
  }
  return out;
}

}  // namespace sweepmark
