// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "quality/agreement/object_groups.h"
#include "quality/agreement/sampled_labels.h"

namespace sweepmark {

/// Standard deviations of one person's cuboids about the truth, as far as the others' tell.
struct AnnotatorNoise {
  double center_m = 0;  ///< along each axis
  double yaw_rad = 0;
  double size_m = 0;         ///< of each side
  std::size_t compared = 0;  ///< labels that somebody else has too
};

/// The differences of two people have the sum of their variances, so three people's differences say each one's
/// variance; more people's say it by least squares, two people share theirs. Gross errors, by the
/// median, do not count.
/// \param groups  of the same people \return one for each of them
/// Source: Gray and Allan, A Method for Estimating the Frequency Stability of an Individual Oscillator (1974).
std::vector<AnnotatorNoise> annotator_noise(const std::vector<SampledLabels<Cuboid>>& people,
                                            const std::vector<ObjectGroup>& groups);

/// The variances of raters from those of their differences: least squares, none below `least`.
/// \param variance  of a - b, row-major, `count` * `count`; below 0: the two have nothing in common
std::vector<double> variances_of_raters(std::size_t count, const std::vector<double>& variance, double least);

}  // namespace sweepmark
