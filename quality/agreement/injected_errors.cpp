// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/injected_errors.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numbers>
#include <set>

#include "data/synth/random.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"
#include "tracking/keyframe_choice.h"

namespace sweepmark {
namespace {

using synth::Random;

/// Each fault draws numbers of its own.
std::uint64_t stream(Fault fault, std::size_t track) {
  return 1'000'003 * (static_cast<std::uint64_t>(fault) + 1) + track;
}

void jitter(Track& track, std::size_t index, const FaultOptions& options, const Random& random) {
  const double bias = options.center_bias_m * random.bell(stream(Fault::jitter, index), 1'000'000);
  std::uint64_t draw = 0;
  const auto next = [&](double sigma) { return sigma * random.bell(stream(Fault::jitter, index), draw++); };
  for (Keyframe& keyframe : track.keyframes) {
    Cuboid& c = keyframe.cuboid;
    const Vec3d shift{next(options.center_sigma_m), next(options.center_sigma_m), next(options.center_sigma_m)};
    c.center = c.center + shift + rotate(c.rotation, Vec3d{bias, 0, 0});
    c.rotation = normalized(quat_from_yaw(next(options.yaw_sigma_rad)) * c.rotation);
    for (double* side : {&c.size.x, &c.size.y, &c.size.z}) *side = std::max(0.1, *side + next(options.size_sigma_m));
    keyframe.source_row = Keyframe::no_source_row;
    keyframe.stored_count.reset();
  }
}

void turn_round(Track& track) {
  for (Keyframe& keyframe : track.keyframes)
    keyframe.cuboid.rotation = keyframe.cuboid.rotation * quat_from_yaw(std::numbers::pi);
}

/// From `time` on, each track goes on as the other.
bool exchange_from(TimestampNs time, Track& a, Track& b) {
  const auto cut = [&](Track& track) {
    return std::ranges::lower_bound(track.keyframes, time, {}, &Keyframe::timestamp);
  };
  const auto cut_a = cut(a), cut_b = cut(b);
  if (cut_a == a.keyframes.begin() || cut_a == a.keyframes.end() || cut_b == b.keyframes.begin() ||
      cut_b == b.keyframes.end())
    return false;
  std::vector<Keyframe> of_a(a.keyframes.begin(), cut_a), of_b(b.keyframes.begin(), cut_b);
  of_a.insert(of_a.end(), cut_b, b.keyframes.end());
  of_b.insert(of_b.end(), cut_a, a.keyframes.end());
  a.keyframes = std::move(of_a);
  b.keyframes = std::move(of_b);
  a.absences.clear();
  b.absences.clear();
  return true;
}

}  // namespace

std::string_view fault_name(Fault fault) {
  constexpr std::array<std::string_view, 7> names = {"jitter", "flipped",  "other class", "missing",
                                                     "extra",  "switched", "lazy"};
  return names[static_cast<std::size_t>(fault)];
}

InjectedFaults inject_faults(const LabelSet& truth, const FaultOptions& options) {
  const Random random(options.seed);
  InjectedFaults out{truth, {}};
  std::vector<Track>& tracks = out.labels.tracks;
  out.labels.source.reset();
  const auto is_chosen = [&](Fault fault, std::size_t track, double share) {
    return random.uniform(stream(fault, track), 0) < share;
  };
  std::set<std::string> classes;
  for (const Track& track : tracks) classes.insert(track.class_name);
  std::vector<Track> kept, extra;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    Track& track = tracks[i];
    if (track.keyframes.empty()) continue;
    if (is_chosen(Fault::extra, i, options.extra)) {
      extra.push_back(track);
      extra.back().id += " (extra)";
      for (Keyframe& keyframe : extra.back().keyframes)
        keyframe.cuboid.center = keyframe.cuboid.center + Vec3d{200, 0, 0};
      out.faults.emplace_back(Fault::extra, extra.back().id);
    }
    if (is_chosen(Fault::missing, i, options.missing)) {
      out.faults.emplace_back(Fault::missing, track.id);
      continue;
    }
    if (options.lazy_every > 1) track = keep_keyframes(track, every_nth(track, options.lazy_every));
    jitter(track, i, options, random);
    if (is_chosen(Fault::flipped, i, options.flipped)) {
      turn_round(track);
      out.faults.emplace_back(Fault::flipped, track.id);
    }
    if (classes.size() > 1 && is_chosen(Fault::other_class, i, options.other_class)) {
      auto next = std::next(classes.find(track.class_name));
      set_class(track, next == classes.end() ? *classes.begin() : *next);
      out.faults.emplace_back(Fault::other_class, track.id);
    }
    kept.push_back(std::move(track));
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!is_chosen(Fault::switched, i, options.switched)) continue;
    for (std::size_t k = i + 1; k < kept.size(); ++k) {
      const auto& keyframes = kept[i].keyframes;
      if (kept[k].class_name != kept[i].class_name ||
          !exchange_from(keyframes[keyframes.size() / 2].timestamp, kept[i], kept[k]))
        continue;
      out.faults.emplace_back(Fault::switched, kept[i].id);
      break;
    }
  }
  std::ranges::move(extra, std::back_inserter(kept));
  tracks = std::move(kept);
  return out;
}

}  // namespace sweepmark
