// SPDX-License-Identifier: Apache-2.0
#include "quality/sibling_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/formats/pandaset.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark {
namespace {

std::string_view value_of(const Keyframe& label, const char* attribute) {
  const auto found = label.attributes.find(attribute);
  return found == label.attributes.end() ? std::string_view() : std::string_view(found->second);
}

/// The id that a label names; empty where it names none.
std::string_view sibling_of(const Keyframe& label) {
  const std::string_view id = value_of(label, pandaset::sibling_attribute);
  return id == pandaset::no_sibling ? std::string_view() : id;
}

struct Label {
  const Track* track;
  const Keyframe* keyframe;

  const std::string& class_name() const { return class_at(*track, keyframe->timestamp); }
};

/// How far one of the two moves while the LiDARs turn: both do so ten times a second.
double farthest_m(const Label& label, const CheckLimits& limits) {
  constexpr double turn_s = 0.1, noise_m = 0.5;
  return noise_m + turn_s * limits.limits_of(label.class_name()).speed_mps;
}

/// What is wrong with b as what the other LiDAR saw of a; nothing where they agree.
std::optional<std::string> disagreement(const Label& a, const Label& b, const CheckLimits& limits) {
  const std::string_view back = sibling_of(*b.keyframe), lidar = value_of(*a.keyframe, pandaset::sensor_attribute);
  if (back.empty()) return "it names none";
  if (back != a.track->id) return fmt::format("it names {}", back);
  if (value_of(*b.keyframe, pandaset::sensor_attribute) == lidar) return fmt::format("both are of LiDAR {}", lidar);
  if (a.class_name() != b.class_name()) return fmt::format("it is a {}", b.class_name());
  const Vec3d &size = a.keyframe->cuboid.size, &other = b.keyframe->cuboid.size;
  for (const auto axis : {&Vec3d::x, &Vec3d::y, &Vec3d::z}) {
    if (std::max(size.*axis, other.*axis) / std::min(size.*axis, other.*axis) - 1 > limits.size_change)
      return fmt::format("its size is {:.2f} x {:.2f} x {:.2f} m, not {:.2f} x {:.2f} x {:.2f}", other.x, other.y,
                         other.z, size.x, size.y, size.z);
  }
  const double apart = norm(a.keyframe->cuboid.center - b.keyframe->cuboid.center), farthest = farthest_m(a, limits);
  if (limits.limits_of(a.class_name()).speed_mps > 0 && apart > farthest)
    return fmt::format("it is {:.1f} m away, and {:.1f} m is the farthest in 0.1 s", apart, farthest);
  return std::nullopt;
}

}  // namespace

bool are_siblings(const Track& a, const Keyframe& label_of_a, const Track& b, const Keyframe& label_of_b) {
  return &a != &b && sibling_of(label_of_a) == b.id && sibling_of(label_of_b) == a.id;
}

void check_siblings(const LabelSet& labels, const CheckLimits& limits, FindingCollector& found) {
  std::map<std::pair<TimestampNs, std::string_view>, Label> label_at;
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) label_at[{k.timestamp, track.id}] = {&track, &k};
  }
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const std::string_view id = sibling_of(k);
      if (id.empty()) continue;
      const auto other = label_at.find({k.timestamp, id});
      if (id == track.id) {
        found.add(Severity::warning, "sibling", track, k.timestamp, 1,
                  [] { return std::string("names itself as what the other LiDAR saw of it"); });
      } else if (other == label_at.end()) {
        found.add(Severity::note, "lone-sibling", track, k.timestamp, 0, [&] {
          return fmt::format("names {} as what the other LiDAR saw of it, which has no label at this time", id);
        });
      } else if (const auto wrong = disagreement({&track, &k}, other->second, limits)) {
        found.add(Severity::warning, "sibling", track, k.timestamp, 2,
                  [&] { return fmt::format("names {} as what the other LiDAR saw of it, but {}", id, *wrong); });
      }
    }
  }
}

}  // namespace sweepmark
