// SPDX-License-Identifier: Apache-2.0
#include "quality/swapped_sides.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sweepmark {
namespace {

using Sides = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// The name of the point on the other side, or nothing.
std::optional<std::string> right_name_of(const std::string& left) {
  if (const std::size_t word = left.find("left"); word != std::string::npos)
    return std::string(left).replace(word, 4, "right");
  // A letter by itself: at the begin or the end, cut off by what is no letter.
  const auto is_cut = [](char c) { return c == '_' || c == '-' || c == '.' || c == ' '; };
  if (left.size() > 2 && left.front() == 'l' && is_cut(left[1])) return "r" + left.substr(1);
  if (left.size() > 2 && left.back() == 'l' && is_cut(left[left.size() - 2]))
    return left.substr(0, left.size() - 1) + "r";
  return std::nullopt;
}

double squared(Vec2d a, Vec2d b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

struct Pair {
  Vec2d left, right;
};

/// The pairs whose points are labelled in both, from the middle of them all: that does not change when they swap.
std::pair<std::vector<Pair>, std::vector<Pair>> common_pairs(const Skeleton& a, const Skeleton& b, const Sides& sides) {
  std::vector<Pair> of_a, of_b;
  for (const auto& side : sides) {
    const std::uint32_t left = side.first, right = side.second;
    const auto is_labelled = [&](const Skeleton& s) {
      return std::max(left, right) < s.points.size() && s.points[left].visibility != Visibility::absent &&
             s.points[right].visibility != Visibility::absent;
    };
    if (!is_labelled(a) || !is_labelled(b)) continue;
    of_a.push_back({a.points[left].position, a.points[right].position});
    of_b.push_back({b.points[left].position, b.points[right].position});
  }
  for (auto* pairs : {&of_a, &of_b}) {
    Vec2d middle;
    const double count = 2 * static_cast<double>(pairs->size());
    for (const Pair& p : *pairs) {
      middle.x += (p.left.x + p.right.x) / count;
      middle.y += (p.left.y + p.right.y) / count;
    }
    for (Pair& p : *pairs) {
      p.left = {p.left.x - middle.x, p.left.y - middle.y};
      p.right = {p.right.x - middle.x, p.right.y - middle.y};
    }
  }
  return {std::move(of_a), std::move(of_b)};
}

/// How many of the pairs changed places, where that is what happened.
std::optional<std::size_t> swapped_pairs(const Skeleton& a, const Skeleton& b, const Sides& sides) {
  const auto [before, after] = common_pairs(a, b, sides);
  std::size_t swapped = 0;
  double as_named = 0, as_swapped = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double named = squared(before[i].left, after[i].left) + squared(before[i].right, after[i].right),
                 other = squared(before[i].left, after[i].right) + squared(before[i].right, after[i].left);
    swapped += other < named ? 1 : 0;
    as_named += named;
    as_swapped += other;
  }
  // One pair of several is a pair of legs that cross.
  const std::size_t fewest = sides.size() == 1 ? 1 : 2;
  const bool are_most = swapped >= fewest && 3 * swapped >= 2 * before.size();
  return are_most && 4 * as_swapped < as_named ? std::optional(swapped) : std::nullopt;
}

std::size_t skeletons_of(const ImageTrack& track) {
  return static_cast<std::size_t>(
      std::ranges::count_if(track.keyframes, [](const ImageKeyframe& k) { return k.value.skeleton.has_value(); }));
}

}  // namespace

Sides sides_of(const SkeletonDefinition& skeleton) {
  std::map<std::string, std::uint32_t> number_of_name;
  for (std::uint32_t i = 0; i < skeleton.points.size(); ++i) number_of_name.emplace(lower_case(skeleton.points[i]), i);
  Sides sides;
  for (const auto& [name, left] : number_of_name) {
    const auto other = right_name_of(name);
    if (!other) continue;
    if (const auto right = number_of_name.find(*other); right != number_of_name.end())
      sides.emplace_back(left, right->second);
  }
  return sides;
}

void check_swapped_sides(std::span<const ImageTrack> tracks, const Ontology& ontology, FindingCollector& found) {
  std::map<std::string, Sides> sides_of_class;
  std::map<std::string, std::size_t> not_checked;
  for (const ImageTrack& track : tracks) {
    if (skeletons_of(track) < 2) continue;
    const auto [sides, is_new] = sides_of_class.try_emplace(track.class_name);
    if (is_new) {
      const ClassDefinition* c = find_class(ontology, track.class_name);
      const SkeletonDefinition* skeleton = c == nullptr ? nullptr : find_skeleton(ontology, c->skeleton);
      if (skeleton != nullptr) sides->second = sides_of(*skeleton);
    }
    if (sides->second.empty()) ++not_checked[track.class_name];
    const ImageKeyframe* before = nullptr;
    for (const ImageKeyframe& k : track.keyframes) {
      if (!k.value.skeleton) continue;
      const auto swapped =
          before == nullptr ? std::nullopt : swapped_pairs(*before->value.skeleton, *k.value.skeleton, sides->second);
      before = &k;
      if (!swapped) continue;
      found.add(Severity::warning, "swapped-sides", track, k.timestamp, static_cast<double>(*swapped), [&] {
        return fmt::format("left and right of {} pair{} of keypoints have changed places since the label before",
                           *swapped, *swapped == 1 ? "" : "s");
      });
    }
  }
  if (not_checked.empty()) return;
  found.add(Severity::note, "no-sides", ImageTrack{}, 0, 0, [&] {
    std::size_t count = 0;
    std::string classes;
    for (const auto& [class_name, tracks_of_class] : not_checked) {
      count += tracks_of_class;
      classes += (classes.empty() ? "" : ", ") + class_name;
    }
    return fmt::format(
        "left and right of {} track{} of {} are not checked: the names of their keypoints do not say "
        "which are left and right",
        count, count == 1 ? "" : "s", classes);
  });
}

}  // namespace sweepmark
