// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"
#include "quality/interpolation_accuracy.h"

namespace sweepmark {

struct RefinementOptions {
  std::size_t every = 1'000'000;  ///< keyframes: every n-th label among the frames with sweeps, and the last
  std::size_t least_points = 50;  ///< labels with fewer points are not scored
  bool moving_only = false;       ///< see is_moving
  std::string class_word;         ///< only classes whose name holds this, in any case; empty: all
};

/// Labels whose refined cuboids were given a confidence in a range: it is right where the mean overlap is as large.
struct ConfidenceRange {
  double from = 0, to = 1;  ///< the last range has its end
  std::size_t labels = 0;
  double mean_confidence = 0, mean_iou = 0;
};

struct RefinementReport {
  AccuracySummary interpolated, refined;    ///< of the same labels
  std::size_t by_points = 0;                ///< of them moved to points
  std::vector<ConfidenceRange> confidence;  ///< of those moved to points; ranges with labels only
  std::size_t refined_frames = 0;           ///< all frames that were computed
  double refine_s = 0;                      ///< time that their refinement took, without reading sweeps
};

/// Leaves labels out, predicts them by interpolation and with refinement, and compares both with the labels. Labels are
/// looked at in frames with sweeps only. Errors: those of `refine`; a sweep that cannot be read.
Result<RefinementReport> refinement_report(const Scene& scene, const RefinementOptions& options);

std::string report_as_table(const RefinementReport& report);
std::string report_as_json(const RefinementReport& report);

}  // namespace sweepmark
