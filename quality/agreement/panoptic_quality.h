// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/point_labels.h"
#include "kernels/result.h"

namespace sweepmark {

/// Of the segments of one class: all points of one instance, or of a class without instances.
struct PanopticQuality {
  std::size_t matched = 0, missed = 0, extra = 0;
  double iou = 0;                                           ///< summed over the matched
  std::size_t points_a = 0, points_b = 0, points_both = 0;  ///< of the class, whatever their instances

  PanopticQuality& operator+=(const PanopticQuality& other);
  double segmentation() const;  ///< mean IoU of the matched; 0 without
  double recognition() const;   ///< F1 of segments
  double quality() const;       ///< the product of both
  double class_iou() const;     ///< of points, without instances
};

/// Segments of one class that share more than half of their union are the same: at most one fits, so there is nothing
/// to choose. \param names_a, names_b  of the classes; a number without a name is its own ("7")
/// \return by name \pre as many points in both
/// Cost: O(points). Source: Kirillov et al., Panoptic Segmentation (2019).
std::map<std::string, PanopticQuality> panoptic_quality(const PointLabels& a, const PointLabels& b,
                                                        const std::map<std::uint16_t, std::string>& names_a,
                                                        const std::map<std::uint16_t, std::string>& names_b);

}  // namespace sweepmark
