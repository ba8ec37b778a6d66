// SPDX-License-Identifier: Apache-2.0
//
// How well interpolation predicts labels that were left out: the dataset's own labels are the truth.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/interpolate.h"
#include "kernels/result.h"

namespace sweepmark {

/// The frame of reference in which positions are interpolated.
enum class ReferenceFrame : std::uint8_t {
  world,  ///< the ego vehicle's motion is out of the way: what Sweepmark does
  ego,    ///< the moving vehicle's own frame, as many tools do: for comparison
};

struct AccuracyOptions {
  std::size_t every = 10;  ///< keyframes are every n-th label of a track, and its last
  ReferenceFrame frame = ReferenceFrame::world;
  /// Only labels at positions that are multiples of this are scored: for datasets whose labels in between are
  /// themselves interpolated.
  std::size_t score_every = 1;
  std::optional<InterpolationMode> mode = {};  ///< of all tracks; without it each has its own
};

/// One label that was left out and predicted.
struct Prediction {
  std::string class_name;
  double center_error_m = 0;
  double yaw_error_rad = 0;  ///< of the heading in the world, in [0, pi]
  double iou = 0;            ///< exact, rotated
  double gap_s = 0;          ///< between the keyframes before and after
  double distance_m = 0;     ///< from the ego vehicle
  bool moving = false;       ///< its track moves more than 2 m
};

/// Predicts every label that is not a keyframe. Tracks of one label have nothing to predict.
/// Errors: those of `prepare`; for the ego frame a scene without ego poses.
Result<std::vector<Prediction>> predict_left_out(const Scene& scene, const AccuracyOptions& options);

/// A label in an image that was left out and predicted.
struct ImagePrediction {
  std::string kind;    ///< box, polygon, mask or skeleton: one prediction for each that the label has
  double overlap = 0;  ///< geometry/image_overlap.h; 0 where nothing was predicted
};

/// Predicts every label in images that is not a keyframe, between the keyframes of its track.
std::vector<ImagePrediction> predict_left_out_images(const Scene& scene, std::size_t every,
                                                     std::size_t score_every = 1);

struct Spread {
  double mean = 0, median = 0, p95 = 0;
};

struct AccuracySummary {
  std::size_t predicted = 0;
  double mean_iou = 0, median_iou = 0, p5_iou = 0;
  double iou_at_least_05 = 0, iou_at_least_07 = 0, iou_at_least_09 = 0;  ///< shares, in [0, 1]
  Spread center_error_m, yaw_error_rad;
};

/// Mean, median (of the sorted values, the lower of two middle ones averaged with the upper) and 95th percentile
/// (linear).
Spread spread_of(std::vector<double> values);

AccuracySummary summarise(const std::vector<Prediction>& predictions);

struct OverlapSummary {
  std::size_t predicted = 0;
  double mean = 0, median = 0, p5 = 0;
  double at_least_05 = 0, at_least_07 = 0, at_least_09 = 0;  ///< shares, in [0, 1]
};
OverlapSummary summarise_overlaps(std::vector<double> overlaps);

struct AccuracyReport {
  AccuracySummary all;
  std::map<std::string, AccuracySummary> by_class, by_distance, by_motion;
  std::map<std::string, OverlapSummary> images;  ///< by kind of shape; empty without labels in images
};

/// The whole and its parts: by class, by distance from the ego vehicle, moving and parked.
AccuracyReport make_report(const std::vector<Prediction>& predictions,
                           const std::vector<ImagePrediction>& in_images = {});

/// The fields of `sweepmark interpolate --evaluate --json` (docs/cli.md).
std::string report_as_json(const AccuracyReport& report);

/// A table for the terminal.
std::string report_as_table(const AccuracyReport& report);

}  // namespace sweepmark
