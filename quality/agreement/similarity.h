// SPDX-License-Identifier: Apache-2.0
//
// How much two labels are alike, from 0 to 1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "data/ontology.h"
#include "geometry/image_value.h"
#include "kernels/math/types.h"
#include "quality/agreement/frame_pairs.h"
#include "quality/agreement/sampled_labels.h"

namespace sweepmark {

enum class CuboidMeasure : std::uint8_t {
  iou,       ///< of volumes, any rotation
  bev,       ///< intersection over union as seen from above: heights do not count
  distance,  ///< of centres from above, as nuScenes matches: 1 at none, 0 at the reach
};
std::string_view measure_name(CuboidMeasure measure);  ///< "iou", "bev", "distance"
std::optional<CuboidMeasure> measure_from_name(std::string_view name);

struct CuboidMatching {
  CuboidMeasure measure = CuboidMeasure::iou;
  double least_iou = 0.5;    ///< of a match, for the first two
  double most_distance = 2;  ///< of a match, metres

  /// The similarity from which on two cuboids may be matched.
  double least_similarity() const;
  /// The mean similarity from which on two tracks are one object: half of that of a match, because a badly placed
  /// object is still that one; of distances a quarter.
  double same_object() const;
};

/// Intersection over union of the two rectangles as seen from above, by heading.
double bev_iou(const Cuboid& a, const Cuboid& b);

double similarity(const Cuboid& a, const Cuboid& b, const CuboidMatching& matching);

/// COCO's object keypoint similarity. \param area  of the object, pixels \param sigmas  falloff of each keypoint; one
/// that is missing is 0.05 \return 0 where `truth` has no labelled keypoint
double keypoint_similarity(const Skeleton& truth, const Skeleton& other, double area, std::span<const double> sigmas);

/// COCO's falloffs of its 17 keypoints of a person, where the skeleton has those names in that order; else none.
std::span<const double> coco_sigmas(const SkeletonDefinition* skeleton);

/// Of two labels in an image: masks where both have one, else polygons, else skeletons, else the boxes around them.
/// \param skeleton  of the class, for its falloffs; may be null
/// Skeletons: the mean of both directions; the area is that of the box, or of the one around the keypoints.
double similarity(const ImageValue& a, const ImageValue& b, const SkeletonDefinition* skeleton = nullptr);

/// All pairs of two people's objects in each frame that are alike at all. \pre the same times
/// Cost: O(a * b) rejections a frame, and that of `similarity` for those near each other.
SimilarPairs similar_pairs(const SampledLabels<Cuboid>& a, const SampledLabels<Cuboid>& b,
                           const CuboidMatching& matching);
/// \param labels_a  those that `a` was sampled from, for the skeletons of its classes
SimilarPairs similar_pairs(const SampledLabels<ImageValue>& a, const SampledLabels<ImageValue>& b,
                           const LabelSet& labels_a);

}  // namespace sweepmark
