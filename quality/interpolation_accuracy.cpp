// SPDX-License-Identifier: Apache-2.0
#include "quality/interpolation_accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "geometry/image_overlap.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "quality/ego_distance.h"
#include "quality/percentile.h"
#include "tracking/class_at.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"
#include "tracking/keyframe_choice.h"
#include "tracking/moving.h"

namespace sweepmark {
namespace {

double heading_difference(Quat a, Quat b) { return std::abs(wrap_angle(yaw_of(a) - yaw_of(b))); }

/// The kept keyframes as they are interpolated: in the world, or each in the ego frame of its own time.
Result<Track> in_reference_frame(const Scene& scene, Track kept, ReferenceFrame frame) {
  if (frame == ReferenceFrame::world) return kept;
  for (Keyframe& k : kept.keyframes) {
    const auto ego = ego_at(scene, k.timestamp);
    if (!ego) return Error{fmt::format("no ego pose at {} ns in scene {}", k.timestamp, scene.name)};
    k.cuboid = inverse(*ego) * k.cuboid;
  }
  return kept;
}

Result<void> predict_track(const Scene& scene, const Track& track, const AccuracyOptions& options,
                           std::vector<Prediction>& out) {
  const auto positions = every_nth(track, options.every);
  if (positions.size() < 2) return {};
  auto kept = in_reference_frame(scene, keep_keyframes(track, positions), options.frame);
  if (!kept) return kept.error();
  auto prepared = prepare({&*kept, 1}, {}, options.mode);
  if (!prepared) return Error{fmt::format("track {}: {}", track.id, prepared.error().message)};
  const bool moving = is_moving(track);
  for (std::size_t k = 0; k + 1 < positions.size(); ++k) {
    const double gap_s =
        static_cast<double>(track.keyframes[positions[k + 1]].timestamp - track.keyframes[positions[k]].timestamp) *
        1e-9;
    for (std::size_t i = positions[k] + 1; i < positions[k + 1]; ++i) {
      if (i % options.score_every != 0) continue;
      const Keyframe& truth = track.keyframes[i];
      Cuboid predicted;
      if (evaluate(*prepared, 0, truth.timestamp, predicted) == Presence::absent) continue;
      const auto ego = ego_at(scene, truth.timestamp);
      if (options.frame == ReferenceFrame::ego) {
        if (!ego) return Error{fmt::format("no ego pose at {} ns in scene {}", truth.timestamp, scene.name)};
        predicted = *ego * predicted;
      }
      out.push_back({class_at(track, truth.timestamp), norm(predicted.center - truth.cuboid.center),
                     heading_difference(predicted.rotation, truth.cuboid.rotation), box_iou(predicted, truth.cuboid),
                     gap_s, ego ? norm(truth.cuboid.center - ego->translation) : 0, moving});
    }
  }
  return {};
}

std::map<std::string, AccuracySummary> summarise_by(const std::vector<Prediction>& predictions,
                                                    const std::function<std::string(const Prediction&)>& group_of) {
  std::map<std::string, std::vector<Prediction>> groups;
  for (const Prediction& p : predictions) groups[group_of(p)].push_back(p);
  std::map<std::string, AccuracySummary> summaries;
  for (const auto& [name, group] : groups) summaries[name] = summarise(group);
  return summaries;
}

std::string spread_as_json(const Spread& s) {
  return fmt::format(R"({{"mean": {}, "median": {}, "p95": {}}})", s.mean, s.median, s.p95);
}

std::string summary_as_json(const AccuracySummary& s) {
  return fmt::format(
      R"({{"predicted": {}, "mean_iou": {}, "median_iou": {}, "p5_iou": {}, "iou_at_least": {{"0.5": {}, "0.7": {}, "0.9": {}}}, )"
      R"("center_error_m": {}, "yaw_error_rad": {}}})",
      s.predicted, s.mean_iou, s.median_iou, s.p5_iou, s.iou_at_least_05, s.iou_at_least_07, s.iou_at_least_09,
      spread_as_json(s.center_error_m), spread_as_json(s.yaw_error_rad));
}

/// A class name is the dataset's: quotes and control characters must not break the JSON.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string groups_as_json(const std::map<std::string, AccuracySummary>& groups) {
  std::string out;
  for (const auto& [name, summary] : groups)
    out += fmt::format("{}\n    {}: {}", out.empty() ? "" : ",", quoted(name), summary_as_json(summary));
  return "{" + out + "\n  }";
}

std::string table_row(const std::string& name, const AccuracySummary& s) {
  return fmt::format(
      "{:<28} {:>9} {:>7.3f} {:>6.1f} {:>6.1f} {:>6.1f} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.4f} {:>8.4f} {:>8.4f}\n",
      name.substr(0, 28), s.predicted, s.mean_iou, 100 * s.iou_at_least_05, 100 * s.iou_at_least_07,
      100 * s.iou_at_least_09, s.center_error_m.mean, s.center_error_m.median, s.center_error_m.p95,
      s.yaw_error_rad.mean, s.yaw_error_rad.median, s.yaw_error_rad.p95);
}

}  // namespace

std::vector<ImagePrediction> predict_left_out_images(const Scene& scene, std::size_t every, std::size_t score_every) {
  SWEEPMARK_EXPECTS(every >= 1 && score_every >= 1);
  std::vector<ImagePrediction> predictions;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    const auto positions = every_nth(track, every);
    std::vector<const ImageKeyframe*> left_out;
    std::vector<TimestampNs> times;
    for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
      if (i % score_every != 0 || std::ranges::binary_search(positions, i)) continue;
      left_out.push_back(&track.keyframes[i]);
      times.push_back(track.keyframes[i].timestamp);
    }
    const auto states = evaluate(keep_keyframes(track, positions), times);
    for (std::size_t i = 0; i < left_out.size(); ++i) {
      const ImageValue got = states[i] ? states[i]->value : ImageValue{}, &truth = left_out[i]->value;
      const auto add = [&](const char* kind, const ImageValue& part) {
        if (!part.is_empty()) predictions.push_back({kind, overlap(part, got)});
      };
      add("box", {.box = truth.box});
      add("polygon", {.polygon = truth.polygon});
      add("mask", {.mask = truth.mask});
      add("skeleton", {.skeleton = truth.skeleton});
    }
  }
  return predictions;
}

Result<std::vector<Prediction>> predict_left_out(const Scene& scene, const AccuracyOptions& options) {
  SWEEPMARK_EXPECTS(options.every >= 1 && options.score_every >= 1);
  if (options.frame == ReferenceFrame::ego && !scene.has_poses()) {
    return Error{fmt::format("the ego frame cannot be compared: scene {} has no ego poses: {}", scene.name,
                             scene.root.string())};
  }
  std::vector<Prediction> predictions;
  for (const Track& track : scene.labels.tracks) {
    if (auto done = predict_track(scene, track, options, predictions); !done) return done.error();
  }
  return predictions;
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  double sum = 0;
  for (const double value : values) sum += value;
  return {sum / static_cast<double>(values.size()), percentile(values, 0.5), percentile(values, 0.95)};
}

OverlapSummary summarise_overlaps(std::vector<double> overlaps) {
  OverlapSummary s;
  s.predicted = overlaps.size();
  if (overlaps.empty()) return s;
  std::ranges::sort(overlaps);
  const auto share_from = [&](double least) {
    return static_cast<double>(overlaps.end() - std::ranges::lower_bound(overlaps, least)) /
           static_cast<double>(overlaps.size());
  };
  s.at_least_05 = share_from(0.5);
  s.at_least_07 = share_from(0.7);
  s.at_least_09 = share_from(0.9);
  s.p5 = percentile(overlaps, 0.05);
  const Spread spread = spread_of(std::move(overlaps));
  s.mean = spread.mean;
  s.median = spread.median;
  return s;
}

AccuracySummary summarise(const std::vector<Prediction>& predictions) {
  AccuracySummary s;
  s.predicted = predictions.size();
  if (predictions.empty()) return s;
  std::vector<double> ious, centers, yaws;
  for (const Prediction& p : predictions) {
    ious.push_back(p.iou);
    centers.push_back(p.center_error_m);
    yaws.push_back(p.yaw_error_rad);
  }
  const OverlapSummary iou = summarise_overlaps(std::move(ious));
  s.iou_at_least_05 = iou.at_least_05;
  s.iou_at_least_07 = iou.at_least_07;
  s.iou_at_least_09 = iou.at_least_09;
  s.p5_iou = iou.p5;
  s.mean_iou = iou.mean;
  s.median_iou = iou.median;
  s.center_error_m = spread_of(centers);
  s.yaw_error_rad = spread_of(yaws);
  return s;
}

AccuracyReport make_report(const std::vector<Prediction>& predictions, const std::vector<ImagePrediction>& in_images) {
  std::map<std::string, std::vector<double>> overlaps;
  for (const ImagePrediction& p : in_images) overlaps[p.kind].push_back(p.overlap);
  std::map<std::string, OverlapSummary> images;
  for (auto& [kind, values] : overlaps) images[kind] = summarise_overlaps(std::move(values));
  return {summarise(predictions), summarise_by(predictions, [](const Prediction& p) { return p.class_name; }),
          summarise_by(predictions, [](const Prediction& p) { return distance_band(p.distance_m); }),
          summarise_by(predictions, [](const Prediction& p) { return std::string(p.moving ? "moving" : "parked"); }),
          std::move(images)};
}

std::string report_as_json(const AccuracyReport& report) {
  std::string images;
  for (const auto& [kind, s] : report.images) {
    images += fmt::format(
        R"({}
    {}: {{"predicted": {}, "mean_overlap": {}, "median_overlap": {}, "p5_overlap": {}, "overlap_at_least": {{"0.5": {}, "0.7": {}, "0.9": {}}}}})",
        images.empty() ? "" : ",", quoted(kind), s.predicted, s.mean, s.median, s.p5, s.at_least_05, s.at_least_07,
        s.at_least_09);
  }
  return fmt::format(
      "{{\n  \"summary\": {},\n  \"by_class\": {},\n  \"by_distance\": {},\n  \"by_motion\": {},\n  \"images\": "
      "{{{}}}\n}}",
      summary_as_json(report.all), groups_as_json(report.by_class), groups_as_json(report.by_distance),
      groups_as_json(report.by_motion), images);
}

std::string report_as_table(const AccuracyReport& report) {
  if (report.all.predicted == 0 && report.images.empty())
    return "nothing to measure: no label lies between keyframes\n";
  std::string out;
  if (report.all.predicted > 0) {  // not so where there are images alone
    out += fmt::format("{:<28} {:>9} {:>7} {:>6} {:>6} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", "predicted",
                       "IoU", "%>0.5", "%>0.7", "%>0.9", "center m", "median", "p95", "yaw rad", "median", "p95");
    out += table_row("all", report.all);
    for (const auto* groups : {&report.by_motion, &report.by_distance, &report.by_class}) {
      for (const auto& [name, summary] : *groups) out += table_row("  " + name, summary);
    }
  }
  if (report.images.empty()) return out;
  out += fmt::format("{:<28} {:>9} {:>7} {:>6} {:>6} {:>6}\n", "in images", "predicted", "overlap", "%>0.5", "%>0.7",
                     "%>0.9");
  for (const auto& [kind, s] : report.images)
    out += fmt::format("{:<28} {:>9} {:>7.3f} {:>6.1f} {:>6.1f} {:>6.1f}\n", "  " + kind, s.predicted, s.mean,
                       100 * s.at_least_05, 100 * s.at_least_07, 100 * s.at_least_09);
  return out;
}

}  // namespace sweepmark
