// SPDX-License-Identifier: Apache-2.0
#include "quality/image_duplicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "geometry/image_overlap.h"

namespace sweepmark {
namespace {

/// Labels whose bounds overlap less are not compared: of equal shapes the bounds are nearly equal too, but for a pixel
/// that stands out.
constexpr double nearly_same_bounds = 0.8;

ImageBox upright_bounds(const ImageValue& value) {
  ImageBox box = bounds(value);
  if (box.rotation == 0) return box;
  const auto corner = corners(box);
  const auto [left, right] = std::ranges::minmax(corner, {}, &Vec2d::x);
  const auto [top, bottom] = std::ranges::minmax(corner, {}, &Vec2d::y);
  return {left.x, top.y, right.x, bottom.y, 0};
}

/// Labels by where they are and how large, so that those with nearly the same bounds are in cells beside each other.
/// With an IoU of t or more each side of a box is at least t times that of the other, and edges are at most (1 - t) / t
/// of the smaller side apart.
class Grid {
 public:
  void add(std::size_t label, const ImageBox& box) { cells_[cell_of(box)].push_back(label); }

  template <class Visit>
  void near(const ImageBox& box, Visit visit) const {
    const double t = nearly_same_bounds;
    const auto levels = [&](double side) { return std::pair(level_of(side * t), level_of(side / t)); };
    const auto [low_w, high_w] = levels(box.width());
    const auto [low_h, high_h] = levels(box.height());
    for (int w = low_w; w <= high_w; ++w) {
      for (int h = low_h; h <= high_h; ++h) {
        const auto [x, y] = place_of(box, w, h);
        for (std::int64_t dx = -1; dx <= 1; ++dx) {
          for (std::int64_t dy = -1; dy <= 1; ++dy) {
            const auto found = cells_.find({w, h, x + dx, y + dy});
            if (found == cells_.end()) continue;
            for (const std::size_t label : found->second) visit(label);
          }
        }
      }
    }
  }

 private:
  using Cell = std::tuple<int, int, std::int64_t, std::int64_t>;

  /// Sides from 2^level to twice that; what has no size is in the lowest.
  static int level_of(double side) { return side > 1e-9 ? std::ilogb(side) : -30; }
  static std::pair<std::int64_t, std::int64_t> place_of(const ImageBox& box, int w, int h) {
    constexpr double reach = 2 * (1 - nearly_same_bounds) / nearly_same_bounds;  // of the largest side of a level
    const auto cell = [&](double at, int level) {
      return static_cast<std::int64_t>(std::clamp(std::floor(at / std::ldexp(reach, level)), -4e18, 4e18));
    };
    return {cell(box.left, w), cell(box.top, h)};
  }
  static Cell cell_of(const ImageBox& box) {
    const int w = level_of(box.width()), h = level_of(box.height());
    const auto [x, y] = place_of(box, w, h);
    return {w, h, x, y};
  }
  std::map<Cell, std::vector<std::size_t>> cells_;
};

/// The least over the kinds that both have; 0 where there is none, or masks are of different images.
double overlap_of_common_parts(const ImageValue& a, const ImageValue& b) {
  ImageValue one;
  if (a.box && b.box) one.box = a.box;
  if (a.polygon && b.polygon) one.polygon = a.polygon;
  if (a.skeleton && b.skeleton) one.skeleton = a.skeleton;
  if (a.mask && b.mask) {
    if (a.mask->width() != b.mask->width() || a.mask->height() != b.mask->height()) return 0;
    one.mask = a.mask;
  }
  return one.is_empty() ? 0 : overlap(one, b);
}

/// Two labels of one image that are one.
struct Duplicate {
  const ImageTrack *first, *second;
  TimestampNs timestamp;
  double overlap;
};

void find_in_image(std::span<const ImageLabel> labels, const CheckLimits& limits, std::vector<Duplicate>& found) {
  Grid grid;
  std::vector<ImageBox> boxes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ImageLabel& label = labels[i];
    const ImageBox box = upright_bounds(label.keyframe->value);
    boxes.push_back(box);
    double most = 0;
    const ImageTrack* same = nullptr;
    grid.near(box, [&](std::size_t other) {
      if (box != boxes[other] && iou(box, boxes[other]) < nearly_same_bounds) return;
      const double overlap = overlap_of_common_parts(label.keyframe->value, labels[other].keyframe->value);
      if (overlap <= most) return;
      most = overlap;
      same = labels[other].track;
    });
    if (same != nullptr && most >= limits.image_duplicate_iou) {
      found.push_back({same, label.track, label.keyframe->timestamp, most});
    } else {
      grid.add(i, box);
    }
  }
}

std::size_t shared_images(const ImageTrack& a, const ImageTrack& b) {
  std::size_t count = 0;
  auto other = b.keyframes.begin();
  for (const ImageKeyframe& k : a.keyframes) {
    while (other != b.keyframes.end() && other->timestamp < k.timestamp) ++other;
    count += other != b.keyframes.end() && other->timestamp == k.timestamp ? 1 : 0;
  }
  return count;
}

/// Two objects of which one passes behind the other are at one place for a moment; what one object has twice stays.
void report(std::span<const Duplicate> of_pair, const CheckLimits& limits, FindingCollector& found) {
  const ImageTrack &first = *of_pair.front().first, &second = *of_pair.front().second;
  const bool are_most = 2 * of_pair.size() >= shared_images(first, second);
  if (!are_most && of_pair.size() <= limits.flicker_frames) return;
  for (const Duplicate& at : of_pair) {
    found.add(are_most ? Severity::error : Severity::warning, "duplicate-label", second, at.timestamp, at.overlap, [&] {
      return fmt::format("overlaps {} ({}) with an IoU of {:.2f}", first.id, first.class_name, at.overlap);
    });
  }
}

/// Calls `visit` for each run of items with one key. \pre sorted by it
template <class Items, class Key, class Visit>
void each_run(Items& items, Key key, Visit visit) {
  for (auto begin = items.begin(); begin != items.end();) {
    const auto end = std::find_if(begin, items.end(), [&](const auto& item) { return key(item) != key(*begin); });
    visit(std::span(begin, end));
    begin = end;
  }
}

}  // namespace

void check_image_duplicates(std::span<const ImageLabel> labels, const CheckLimits& limits, FindingCollector& found) {
  std::vector<ImageLabel> sorted(labels.begin(), labels.end());
  const auto image_and_class = [](const ImageLabel& label) {
    return std::tie(label.track->camera, label.keyframe->timestamp, label.track->class_name);
  };
  std::ranges::stable_sort(sorted, {}, image_and_class);
  std::vector<Duplicate> duplicates;
  each_run(sorted, image_and_class,
           [&](std::span<const ImageLabel> of_image) { find_in_image(of_image, limits, duplicates); });
  const auto pair = [](const Duplicate& at) { return std::pair(at.second, at.first); };
  std::ranges::stable_sort(duplicates, {}, pair);
  each_run(duplicates, pair, [&](std::span<const Duplicate> of_pair) { report(of_pair, limits, found); });
}

}  // namespace sweepmark
