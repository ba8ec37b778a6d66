// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/result.h"
#include "quality/interpolation_accuracy.h"

namespace sweepmark {

/// One series of a plot.
struct AccuracySeries {
  std::string name;
  std::vector<Prediction> predictions;
};

/// Draws a PNG of two panels: the share of predictions by IoU, and the centre error over the length of the gap between
/// keyframes (median, with the 95th percentile as a thin line). Errors: no predictions; a file that cannot be written.
Result<void> plot_accuracy(const std::vector<AccuracySeries>& series, const std::string& title,
                           const std::filesystem::path& out);

}  // namespace sweepmark
