// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/similarity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "geometry/image_overlap.h"
#include "kernels/box_iou.h"
#include "kernels/expects.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace {

constexpr std::array<std::string_view, 3> measure_names = {"iou", "bev", "distance"};

/// COCO's, of pycocotools: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles.
constexpr std::array<double, 17> person_sigmas = {.026, .025, .025, .035, .035, .079, .079, .072, .072,
                                                  .062, .062, .107, .107, .087, .087, .089, .089};
constexpr std::array<std::string_view, 17> person_points = {
    "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle"};

/// Seen from above, relative to a place near both: coordinates of the world are large.
ImageBox footprint(const Cuboid& c, const Vec3d& origin) {
  const double x = c.center.x - origin.x, y = c.center.y - origin.y;
  return {x - c.size.x / 2, y - c.size.y / 2, x + c.size.x / 2, y + c.size.y / 2, yaw_of(c.rotation)};
}

double object_area(const ImageValue& value) {
  const ImageBox box = bounds(value);
  return std::max(box.area(), 1.0);
}

bool is_same_size(const Mask& a, const Mask& b) { return a.width() == b.width() && a.height() == b.height(); }

}  // namespace

std::string_view measure_name(CuboidMeasure measure) { return measure_names[static_cast<std::size_t>(measure)]; }

std::optional<CuboidMeasure> measure_from_name(std::string_view name) {
  const auto at = std::ranges::find(measure_names, name);
  if (at == measure_names.end()) return std::nullopt;
  return static_cast<CuboidMeasure>(at - measure_names.begin());
}

double CuboidMatching::least_similarity() const {
  // At the reach itself similarity is 0, and no pair of similarity 0 is listed.
  return measure == CuboidMeasure::distance ? 0 : least_iou;
}

double CuboidMatching::same_object() const { return measure == CuboidMeasure::distance ? 0.25 : least_iou / 2; }

double bev_iou(const Cuboid& a, const Cuboid& b) { return iou(footprint(a, a.center), footprint(b, a.center)); }

double similarity(const Cuboid& a, const Cuboid& b, const CuboidMatching& matching) {
  switch (matching.measure) {
    case CuboidMeasure::iou:
      return box_iou(a, b);
    case CuboidMeasure::bev:
      return bev_iou(a, b);
    case CuboidMeasure::distance: {
      const double distance = std::hypot(a.center.x - b.center.x, a.center.y - b.center.y);
      return std::max(0.0, 1 - distance / matching.most_distance);
    }
  }
  return 0;
}

double keypoint_similarity(const Skeleton& truth, const Skeleton& other, double area, std::span<const double> sigmas) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < truth.points.size(); ++i) {
    if (truth.points[i].visibility == Visibility::absent) continue;
    ++count;
    if (i >= other.points.size() || other.points[i].visibility == Visibility::absent) continue;
    const double dx = truth.points[i].position.x - other.points[i].position.x,
                 dy = truth.points[i].position.y - other.points[i].position.y,
                 falloff = 2 * (i < sigmas.size() ? sigmas[i] : 0.05);
    sum += std::exp(-(dx * dx + dy * dy) / (2 * area * falloff * falloff));
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

std::span<const double> coco_sigmas(const SkeletonDefinition* skeleton) {
  if (skeleton == nullptr || !std::ranges::equal(skeleton->points, person_points)) return {};
  return person_sigmas;
}

double similarity(const ImageValue& a, const ImageValue& b, const SkeletonDefinition* skeleton) {
  if (a == b) return 1;  // also where nothing is inside
  if (a.mask && b.mask && is_same_size(*a.mask, *b.mask)) return iou(*a.mask, *b.mask);
  if (a.polygon && b.polygon) return overlap({.polygon = a.polygon}, {.polygon = b.polygon});
  if (a.skeleton && b.skeleton) {
    const auto sigmas = coco_sigmas(skeleton);
    return (keypoint_similarity(*a.skeleton, *b.skeleton, object_area(a), sigmas) +
            keypoint_similarity(*b.skeleton, *a.skeleton, object_area(b), sigmas)) /
           2;
  }
  return iou(bounds(a), bounds(b));
}

SimilarPairs similar_pairs(const SampledLabels<Cuboid>& a, const SampledLabels<Cuboid>& b,
                           const CuboidMatching& matching) {
  SWEEPMARK_EXPECTS(a.values.size() == b.values.size());
  SimilarPairs pairs(a.values.size());
  std::vector<double> reach_b;
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    const auto &of_a = a.values[t], &of_b = b.values[t];
    reach_b.clear();
    for (const Cuboid& cuboid : of_b) reach_b.push_back(norm(cuboid.size) / 2);
    for (std::uint32_t i = 0; i < of_a.size(); ++i) {
      const double reach_a = norm(of_a[i].size) / 2;
      for (std::uint32_t k = 0; k < of_b.size(); ++k) {
        const double reach =
            matching.measure == CuboidMeasure::distance ? matching.most_distance : reach_a + reach_b[k];
        const double dx = of_a[i].center.x - of_b[k].center.x, dy = of_a[i].center.y - of_b[k].center.y;
        if (dx * dx + dy * dy > reach * reach) continue;
        const double alike = similarity(of_a[i], of_b[k], matching);
        if (alike > 0) pairs[t].push_back({i, k, alike});
      }
    }
  }
  return pairs;
}

SimilarPairs similar_pairs(const SampledLabels<ImageValue>& a, const SampledLabels<ImageValue>& b,
                           const LabelSet& labels_a) {
  SWEEPMARK_EXPECTS(a.values.size() == b.values.size());
  std::vector<const SkeletonDefinition*> skeleton_of(a.tracks.track_count, nullptr);
  for (std::size_t i = 0; i < skeleton_of.size(); ++i) {
    const ClassDefinition* definition = find_class(labels_a.ontology, labels_a.image_tracks[i].class_name);
    if (definition != nullptr) skeleton_of[i] = find_skeleton(labels_a.ontology, definition->skeleton);
  }
  SimilarPairs pairs(a.values.size());
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    for (std::uint32_t i = 0; i < a.values[t].size(); ++i) {
      for (std::uint32_t k = 0; k < b.values[t].size(); ++k) {
        const double alike = similarity(a.values[t][i], b.values[t][k], skeleton_of[a.tracks.frames[t][i]]);
        if (alike > 0) pairs[t].push_back({i, k, alike});
      }
    }
  }
  return pairs;
}

}  // namespace sweepmark
