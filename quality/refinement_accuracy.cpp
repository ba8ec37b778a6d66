// SPDX-License-Identifier: Apache-2.0
#include "quality/refinement_accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <numbers>

#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/sweep_points.h"
#include "tracking/class_at.h"
#include "tracking/evaluate.h"
#include "tracking/keyframe_choice.h"
#include "tracking/moving.h"

namespace sweepmark {
namespace {

bool holds_word(std::string text, std::string word) {
  const auto lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  std::ranges::transform(text, text.begin(), lower);
  std::ranges::transform(word, word.begin(), lower);
  return text.find(word) != std::string::npos;
}

Prediction compare(const std::string& class_name, const Cuboid& got, const Cuboid& truth) {
  return {class_name,
          norm(got.center - truth.center),
          std::abs(wrap_angle(yaw_of(got.rotation) - yaw_of(truth.rotation))),
          box_iou(got, truth),
          0,
          0,
          false};
}

std::string row(const char* name, const AccuracySummary& s) {
  constexpr double degrees = 180 / std::numbers::pi;
  return fmt::format("{:<14} {:>8} {:>7.3f} {:>7.1f} {:>7.1f} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f}\n", name, s.predicted,
                     s.mean_iou, 100 * s.iou_at_least_07, 100 * s.iou_at_least_09, s.center_error_m.median,
                     s.center_error_m.p95, degrees * s.yaw_error_rad.median, degrees * s.yaw_error_rad.p95);
}

std::string as_json(const AccuracySummary& s) {
  return fmt::format(
      R"({{"labels": {}, "mean_iou": {}, "iou_at_least": {{"0.7": {}, "0.9": {}}}, "center_error_m": {{"median": {}, "p95": {}}}, "yaw_error_rad": {{"median": {}, "p95": {}}}}})",
      s.predicted, s.mean_iou, s.iou_at_least_07, s.iou_at_least_09, s.center_error_m.median, s.center_error_m.p95,
      s.yaw_error_rad.median, s.yaw_error_rad.p95);
}

struct Promise {
  double confidence = 0, iou = 0;
};

std::vector<ConfidenceRange> ranges_of(const std::vector<Promise>& promises) {
  constexpr std::array bounds{0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0};
  std::vector<ConfidenceRange> ranges;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    ConfidenceRange range{bounds[i], bounds[i + 1], 0, 0, 0};
    const bool is_last = i + 2 == bounds.size();
    for (const Promise& p : promises) {
      if (p.confidence < range.from || (p.confidence >= range.to && !is_last)) continue;
      ++range.labels;
      range.mean_confidence += p.confidence;
      range.mean_iou += p.iou;
    }
    if (range.labels == 0) continue;
    range.mean_confidence /= static_cast<double>(range.labels);
    range.mean_iou /= static_cast<double>(range.labels);
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace

Result<RefinementReport> refinement_report(const Scene& scene, const RefinementOptions& options) {
  SweepPoints sweeps(scene);
  const std::vector<TimestampNs>& times = sweeps.times();
  std::vector<Prediction> interpolated, refined;
  std::vector<Promise> promises;
  RefinementReport report;
  double reading_s = 0;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto seconds = [](auto duration) { return std::chrono::duration<double>(duration).count(); };
  OwnLidar lidar;  // of the track in the loop
  const PointsNear points = [&](TimestampNs time, const Cuboid& region) {
    const auto start = now();
    auto found = sweeps.near(time, region, lidar);
    reading_s += seconds(now() - start);
    return found;
  };
  for (const Track& whole : scene.labels.tracks) {
    if (!holds_word(whole.class_name, options.class_word) || (options.moving_only && !is_moving(whole))) continue;
    Track truth = whole;
    std::erase_if(truth.keyframes, [&](const Keyframe& k) { return !std::ranges::binary_search(times, k.timestamp); });
    const auto positions = every_nth(truth, options.every);
    if (positions.size() < 2) continue;
    const Track kept = keep_keyframes(truth, positions);
    lidar = own_lidar(scene, truth);
    const auto start = now();
    const double read_before = reading_s;
    const auto frames = refine(kept, times, points);
    if (!frames) return frames.error();
    report.refine_s += seconds(now() - start) - (reading_s - read_before);
    report.refined_frames += frames->size();
    for (const RefinedFrame& frame : *frames) {
      const auto label = std::ranges::lower_bound(truth.keyframes, frame.timestamp, {}, &Keyframe::timestamp);
      const auto key = std::ranges::lower_bound(kept.keyframes, frame.timestamp, {}, &Keyframe::timestamp);
      if (label == truth.keyframes.end() || label->timestamp != frame.timestamp || key->timestamp == frame.timestamp)
        continue;
      if (sweeps.near(frame.timestamp, label->cuboid).size() < options.least_points) continue;
      const auto between = evaluate(kept, frame.timestamp);
      if (!between) return between.error();
      interpolated.push_back(compare(class_at(whole, frame.timestamp), **between, label->cuboid));
      refined.push_back(compare(class_at(whole, frame.timestamp), frame.cuboid, label->cuboid));
      if (frame.by_points) promises.push_back({frame.confidence, refined.back().iou});
    }
  }
  if (!sweeps.problem()) return sweeps.problem().error();
  report.interpolated = summarise(interpolated);
  report.refined = summarise(refined);
  report.by_points = promises.size();
  report.confidence = ranges_of(promises);
  return report;
}

std::string report_as_table(const RefinementReport& r) {
  std::string confidence;
  if (!r.confidence.empty())
    confidence = fmt::format("{:<14} {:>8} {:>9} {:>7}\n", "confidence", "labels", "mean", "IoU");
  for (const ConfidenceRange& c : r.confidence)
    confidence += fmt::format("{:<14} {:>8} {:>9.3f} {:>7.3f}\n", fmt::format("{:g} to {:g}", c.from, c.to), c.labels,
                              c.mean_confidence, c.mean_iou);
  return fmt::format("{:<14} {:>8} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9}\n", "", "labels", "IoU", "%>0.7", "%>0.9",
                     "center m", "p95", "yaw deg", "p95") +
         row("interpolated", r.interpolated) + row("refined", r.refined) +
         fmt::format("{} of {} labels by points; {} frames refined in {:.2f} s\n", r.by_points, r.refined.predicted,
                     r.refined_frames, r.refine_s) +
         confidence;
}

std::string report_as_json(const RefinementReport& r) {
  std::string confidence;
  for (const ConfidenceRange& c : r.confidence)
    confidence += fmt::format(R"({}{{"from": {}, "to": {}, "labels": {}, "mean": {}, "mean_iou": {}}})",
                              confidence.empty() ? "" : ", ", c.from, c.to, c.labels, c.mean_confidence, c.mean_iou);
  return fmt::format(
      "{{\"interpolated\": {},\n \"refined\": {},\n \"by_points\": {}, \"refined_frames\": {}, \"refine_s\": {},\n"
      " \"confidence\": [{}]}}",
      as_json(r.interpolated), as_json(r.refined), r.by_points, r.refined_frames, r.refine_s, confidence);
}

}  // namespace sweepmark
